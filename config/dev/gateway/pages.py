"""What the sandbox shows in a browser: the script that shops load, its card field, and the bank's question."""

import html
import json
from typing import Any

SCRIPT = """(function () {
  "use strict";
  var ORIGIN = %(origin)s;
  function CardElement(key, options) {
    this.key = key; this.options = options || {}; this.listeners = {}; this.waiting = {}; this.count = 0;
  }
  CardElement.prototype.mount = function (where) {
    var self = this, place = typeof where === "string" ? document.querySelector(where) : where;
    var frame = document.createElement("iframe");
    frame.src = ORIGIN + "/frame?lang=" + encodeURIComponent(this.options.locale || document.documentElement.lang || "ja");
    frame.title = /^ja/.test(this.options.locale || document.documentElement.lang || "ja") ? "カード情報の入力" : "Card details";
    frame.setAttribute("allowtransparency", "true");
    frame.style.cssText = "border:0;width:100%%;height:68px;display:block;background:transparent";
    place.textContent = ""; place.appendChild(frame); this.frame = frame;
    window.addEventListener("message", function (event) {
      if (event.origin !== ORIGIN || event.source !== frame.contentWindow || !event.data) { return; }
      if (event.data.height) { frame.style.height = event.data.height + "px"; }
      if (event.data.change) { (self.listeners.change || []).forEach(function (f) { f(event.data.change); }); }
      if (event.data.ready) { (self.listeners.ready || []).forEach(function (f) { f(); }); }
      if (event.data.answer && self.waiting[event.data.answer]) {
        self.waiting[event.data.answer](event.data.result); delete self.waiting[event.data.answer];
      }
    });
  };
  CardElement.prototype.on = function (name, f) { (this.listeners[name] = this.listeners[name] || []).push(f); return this; };
  CardElement.prototype.focus = function () { this.frame.contentWindow.postMessage({ focus: true }, ORIGIN); };
  CardElement.prototype.clear = function () { this.frame.contentWindow.postMessage({ clear: true }, ORIGIN); };
  CardElement.prototype.unmount = CardElement.prototype.destroy = function () { if (this.frame) { this.frame.remove(); } };
  CardElement.prototype.ask = function () {
    var self = this, number = ++this.count;
    return new Promise(function (done) {
      self.waiting[number] = done;
      self.frame.contentWindow.postMessage({ ask: number, key: self.key }, ORIGIN);
    });
  };
  window.Stripe = function (key) {
    return {
      elements: function (options) {
        return { create: function (_kind, own) { return new CardElement(key, Object.assign({}, options, own)); } };
      },
      createPaymentMethod: function (given) { return given.card.ask(); }
    };
  };
})();
"""

STYLE = """
*{box-sizing:border-box}html,body{margin:0;background:transparent;color:#23201c;
font:16px/1.5 "Hiragino Sans","Noto Sans JP","Yu Gothic",system-ui,sans-serif}
"""

FRAME_STYLE = """
form{display:grid;grid-template-columns:1fr 6.2em 5em;border:1px solid #8f877c;border-radius:8px;background:#fff;overflow:hidden}
label{display:block;padding:7px 10px 5px;font-size:12px;color:#6b6459;border-left:1px solid #e3ddd3}label:first-child{border-left:0}
input{display:block;width:100%;border:0;padding:2px 0;font:inherit;font-size:16px;color:#23201c;background:transparent;outline:none;
letter-spacing:.02em}input::placeholder{color:#b3aa9c}label:focus-within{box-shadow:inset 0 0 0 2px #35607a}
label.wrong{box-shadow:inset 0 0 0 2px #b3261e}
@media(max-width:430px){form{grid-template-columns:1fr 1fr}label:first-child{grid-column:1/-1;border-bottom:1px solid #e3ddd3}label:nth-child(2){border-left:0}}
"""

FRAME_SCRIPT = """
(function () {
  var form = document.forms[0], ja = document.documentElement.lang === "ja";
  var words = ja ? {
    incorrect_number: "カード番号が正しくありません。", invalid_cvc: "セキュリティコードが正しくありません。",
    invalid_expiry_month: "有効期限が正しくありません。", invalid_expiry_year: "有効期限が切れています。",
    incomplete: "カード情報を最後まで入力してください。", other: "このカードは使えません。試験用のカード番号をご利用ください。",
    silent: "カード会社に接続できませんでした。もう一度お試しください。"
  } : {
    incorrect_number: "The card number is wrong.", invalid_cvc: "The security code is wrong.",
    invalid_expiry_month: "The expiry date is wrong.", invalid_expiry_year: "The card has expired.",
    incomplete: "Please complete the card details.", other: "This card cannot be used. Please use a test card number.",
    silent: "The card company cannot be reached. Please try again."
  };
  var home = "*";
  function tell(what) { window.parent.postMessage(what, home); }
  function size() { tell({ height: document.documentElement.offsetHeight }); }
  function digits(field) { return field.value.replace(/\\D/g, ""); }
  function whole() { return digits(form.number).length >= 14 && digits(form.exp).length === 4 && digits(form.cvc).length >= 3; }
  function fault(code) { return { error: { code: code, message: words[code] || words.other } }; }
  form.number.addEventListener("input", function () {
    form.number.value = digits(form.number).slice(0, 19).replace(/(\\d{4})(?=\\d)/g, "$1 ");
  });
  form.exp.addEventListener("input", function () {
    var d = digits(form.exp).slice(0, 4); form.exp.value = d.length > 2 ? d.slice(0, 2) + " / " + d.slice(2) : d;
  });
  form.addEventListener("input", function (event) {
    event.target.parentNode.classList.remove("wrong");
    tell({ change: { complete: whole(), empty: !form.number.value, error: undefined } });
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("message", function (event) {
    if (!event.data || event.source !== window.parent) { return; }
    if (event.data.focus) { form.number.focus(); }
    if (event.data.clear) { form.reset(); }
    if (!event.data.ask) { return; }
    home = event.origin;
    function answer(result) {
      if (result.error) {
        var code = result.error.code, field = /number/.test(code) ? form.number : /cvc/.test(code) ? form.cvc : /expiry/.test(code) ? form.exp : null;
        if (field) { field.parentNode.classList.add("wrong"); field.focus(); }
        tell({ change: { complete: false, empty: false, error: result.error } });
      }
      tell({ answer: event.data.ask, result: result });
    }
    if (!whole()) { answer(fault("incomplete")); return; }
    var exp = digits(form.exp), body = new URLSearchParams({
      type: "card", "card[number]": digits(form.number), "card[exp_month]": String(+exp.slice(0, 2)),
      "card[exp_year]": exp.slice(2), "card[cvc]": digits(form.cvc)
    });
    fetch("/v1/payment_methods", { method: "POST", body: body, headers: { Authorization: "Bearer " + event.data.key } })
      .then(function (response) { return response.json(); })
      .then(function (found) { answer(found.error ? fault(found.error.code) : { paymentMethod: found }); })
      .catch(function () { answer(fault("silent")); });
  });
  window.addEventListener("resize", size); size(); tell({ ready: true });
})();
"""

QUESTION_STYLE = """
body{min-height:100vh;display:grid;place-items:center;background:#f1efe9;padding:16px}
main{width:min(26rem,100%);background:#fff;border-radius:14px;padding:28px;box-shadow:0 8px 30px rgba(40,32,20,.12)}
h1{font-size:1.15rem;margin:0 0 4px}p{margin:.4em 0;color:#5c554b}dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:18px 0;
padding:14px 0;border-block:1px solid #e8e2d8}dt{color:#6b6459}dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
button{width:100%;font:inherit;font-weight:600;padding:12px;border-radius:9px;border:1px solid #35607a;margin-top:10px;cursor:pointer}
.yes{background:#35607a;color:#fff}.no{background:#fff;color:#35607a}button:focus-visible{outline:3px solid #c98a2b;outline-offset:2px}
small{display:block;margin-top:18px;color:#7b7367}
"""

WORDS = {
    "ja": {
        "title": "ご本人の確認（3Dセキュア）", "why": "カード会社がご本人による取引かどうかを確認しています。", "amount": "金額", "card": "カード",
        "yes": "承認する", "no": "承認しない", "note": "これは試験用のカード会社です。実際の請求は行われません。", "gone": "この確認はもう終わっています。",
    },
    "en": {
        "title": "Confirm that it is you (3-D Secure)", "why": "Your card's issuer asks whether you are making this purchase.",
        "amount": "Amount", "card": "Card", "yes": "Approve", "no": "Decline", "note": "This is a sandbox. Nothing is really charged.",
        "gone": "This confirmation is over.",
    },
}  # fmt: skip


def script(origin: str) -> str:
    """The script a shop's page loads; it speaks the same words as the provider's own."""
    return SCRIPT % {"origin": json.dumps(origin)}


def frame(language: str) -> str:
    """The card field: a page of the gateway's inside the shop's page, so that the shop's page never holds a number."""
    ja = language.startswith("ja")
    number, until, code = ("カード番号", "有効期限", "コード") if ja else ("Card number", "Expires", "CVC")
    month = "月 / 年" if ja else "MM / YY"
    fields = (
        f"<label>{number}<input name=number inputmode=numeric autocomplete=cc-number placeholder='4242 4242 4242 4242'></label>"
        f"<label>{until}<input name=exp inputmode=numeric autocomplete=cc-exp placeholder='{month}'></label>"
        f"<label>{code}<input name=cvc inputmode=numeric autocomplete=cc-csc placeholder=123 maxlength=4></label>"
    )
    return _page("ja" if ja else "en", "Card", STYLE + FRAME_STYLE, f"<form novalidate>{fields}</form><script>{FRAME_SCRIPT}</script>")


def question(payment: dict[str, Any], card: dict[str, Any], *, language: str) -> str:
    """The bank asks the holder."""
    words = WORDS["ja" if language.startswith("ja") else "en"]
    if payment["status"] != "requires_action":
        return _page(language, words["title"], STYLE + QUESTION_STYLE, f"<main><h1>{words['title']}</h1><p>{words['gone']}</p></main>")
    yen = payment["currency"] == "jpy"
    amount = f"¥{payment['amount']:,}" if yen else f"{payment['amount'] / 100:,.2f} {payment['currency'].upper()}"
    rows = f"<dt>{words['amount']}</dt><dd>{amount}</dd><dt>{words['card']}</dt><dd>•••• {html.escape(card['card']['last4'])}</dd>"
    buttons = "".join(f"<button class={name} name=answer value={name}>{words[name]}</button>" for name in ("yes", "no"))
    body = f"<main><h1>{words['title']}</h1><p>{words['why']}</p><dl>{rows}</dl><form method=post>{buttons}</form><small>{words['note']}</small></main>"
    return _page(language, words["title"], STYLE + QUESTION_STYLE, body)


def _page(language: str, title: str, style: str, body: str) -> str:
    lang = "ja" if language.startswith("ja") else "en"
    return (
        f"<!doctype html><html lang={lang}><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{html.escape(title)}</title><style>{style}</style><body>{body}</body></html>"
    )
