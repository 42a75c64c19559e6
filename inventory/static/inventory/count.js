/* The counting screen: a scan is taken the moment it is read and sent behind it, so that a quick hand loses none.
   Every entry has a key of its own and is sent until it is answered: sent twice, it counts once. What the server fails at again and
   again is put aside and told, so that it holds up nothing behind it. Without scripts the form posts by itself.
   Goods counted by lot make the server ask for the lot, or for the day a new one expires: the next entry answers that. What an entry
   means is decided when it is sent, so that item and lot may be scanned one after the other at any speed. */
(() => {
  "use strict";
  const desk = document.getElementById("count-desk");
  const form = document.getElementById("count-form");
  if (!desk || !form) return;
  const code = form.elements.code;
  const quantity = form.elements.quantity;
  const last = document.getElementById("count-last");
  const latest = document.getElementById("count-latest");
  const aside = document.getElementById("count-aside");
  const about = document.getElementById("count-about");
  const ask = document.getElementById("count-ask");
  const lots = document.getElementById("count-lots");
  const other = document.getElementById("count-other");
  if (!code || !about) return; // the page without scripts asks by itself
  const example = code.placeholder;
  const FNC1 = "\u001d"; // scanners send it between the parts of a GS1 barcode, as Ctrl and ]
  const waiting = [];
  let asked = null; // { what, code, quantity, lot, item, name, lots }
  const MOST_FAILURES = 3;
  let busy = false;

  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const paragraph = (text, name) => {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    return line;
  };

  function show(lines, tone) {
    last.className = `count-last ${tone}`;
    last.replaceChildren(...lines);
  }

  function askFor(question) {
    asked = question;
    about.hidden = other.hidden = !question;
    about.textContent = question ? [question.item, question.name, question.what === "expires_on" ? question.lot : ""].join(" ").trim() : "";
    ask.textContent = !question ? desk.dataset.askCode : question.what === "lot" ? desk.dataset.askLot : desk.dataset.askDay;
    code.placeholder = question ? "" : example;
    quantity.value = question ? question.quantity : "1";
    const shown = question?.what === "lot" ? question.lots : [];
    lots.hidden = !shown.length;
    lots.replaceChildren(...shown.map((lot) => {
      const button = document.createElement("button");
      button.type = "button";
      const number = document.createElement("b");
      number.textContent = lot.number;
      button.append(number);
      if (lot.expires_on) {
        const day = document.createElement("small");
        day.textContent = desk.dataset.until.replace("{day}", lot.expires_on);
        button.append(day);
      }
      button.addEventListener("click", () => take({ code: lot.number, quantity: quantity.value.trim() || "1" }));
      return button;
    }));
  }

  function tell(entry, answer) {
    if (answer.asks) {
      const repeats = asked?.what === answer.asks;
      askFor({ ...entry.sent, what: answer.asks, item: answer.item || asked?.item || "", name: answer.name || asked?.name || "", lots: answer.lots });
      show([paragraph(answer.message, "count-name")], repeats ? "is-bad" : "is-asking");
      return;
    }
    if (!answer.ok) {
      if (asked?.what === "expires_on") askFor({ ...asked, what: "lot", lots: [] });
      show([paragraph(entry.undo ? "" : entry.code, "count-quiet"), paragraph(answer.message, "count-name")], "is-bad");
      return;
    }
    if (asked) askFor(null);
    const name = `${answer.item} ${answer.name}${answer.repeated ? ` (${desk.dataset.repeated})` : ""}`;
    const lot = answer.lot ? [paragraph(answer.lot, "count-lot")] : [];
    show([paragraph(name, "count-name"), ...lot, paragraph(answer.quantity.toLocaleString(), "count-number")], "is-good");
    document.getElementById("count-counted").textContent = answer.counted;
    document.getElementById("count-lines").textContent = answer.lines;
    document.getElementById("count-pieces").textContent = answer.pieces;
    const item = document.createElement("li");
    const what = document.createElement("span");
    const bold = document.createElement("b");
    bold.textContent = answer.item;
    what.append(bold, ` ${answer.name} `);
    if (answer.lot) {
      const lotName = document.createElement("i");
      lotName.textContent = answer.lot;
      what.append(lotName);
    }
    const figure = document.createElement("b");
    figure.textContent = answer.quantity.toLocaleString();
    item.append(what, figure);
    latest.prepend(item);
    while (latest.children.length > 8) latest.lastElementChild.remove();
  }

  /* What the server is told: a code, or with what was asked before, its lot and day. A figure typed beside the answer goes before the first. */
  function meant(entry) {
    if (!asked) return { code: entry.code, quantity: entry.quantity, lot: "", expires_on: "" };
    const times = asked.what === "lot" ? entry.code.match(/^([0-9０-９]+)[*＊](.+)$/) : null;
    const pieces = times ? times[1] : entry.isAnswer || entry.quantity !== "1" ? entry.quantity : asked.quantity;
    const said = times ? times[2] : entry.code;
    return asked.what === "lot"
      ? { code: asked.code, quantity: pieces, lot: said, expires_on: "" }
      : { code: asked.code, quantity: pieces, lot: asked.lot, expires_on: said };
  }

  async function send(entry) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, once: entry.once });
    if (entry.undo) body.set("undo", "1");
    else {
      entry.sent ??= meant(entry);
      for (const [name, value] of Object.entries(entry.sent)) if (value) body.set(name, value);
    }
    const answer = await fetch(form.action || location.href, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected || answer.status === 403) { location.reload(); return new Promise(() => {}); }
    if (!answer.ok) {
      // 503: the shelf is busy; anything else is about this entry or a fault of the server's.
      if (answer.status !== 503) entry.failures = (entry.failures ?? 0) + 1;
      throw new Error(String(answer.status));
    }
    return answer.json();
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (waiting.length) {
      if (asked && (waiting[0].undo || waiting[0].code.toUpperCase() === "UNDO")) {
        waiting.shift(); // nothing was counted of what is asked about
        askFor(null);
        show([paragraph(last.dataset.empty, "count-quiet")], "");
        continue;
      }
      try {
        const answer = await send(waiting[0]);
        tell(waiting.shift(), answer);
      } catch {
        if ((waiting[0].failures ?? 0) >= MOST_FAILURES) {
          const lost = waiting.shift();
          const what = lost.undo ? "UNDO" : `${lost.sent.quantity} × ${lost.sent.code} ${lost.sent.lot}`.trim();
          show([paragraph(what, "count-name"), paragraph(desk.dataset.failed, "count-quiet")], "is-bad");
          aside.prepend(paragraph(`${what}: ${desk.dataset.failed}`, "count-name"));
          continue;
        }
        show([paragraph(desk.dataset.offline, "count-name"), paragraph(`${waiting.length} ${desk.dataset.waiting}`, "count-quiet")], "is-bad");
        await new Promise((go) => setTimeout(go, 2000));
      }
    }
    busy = false;
  }

  function take(entry) {
    waiting.push({ ...entry, isAnswer: Boolean(asked), once: key() });
    code.value = "";
    quantity.value = asked ? quantity.value : "1";
    code.focus();
    work();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "undo") take({ undo: true });
    else if (code.value.trim()) take({ code: code.value.trim(), quantity: quantity.value.trim() || "1" });
    else code.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "F8") { event.preventDefault(); take({ undo: true }); return; }
    if (event.key === "Escape" && asked) { event.preventDefault(); take({ undo: true }); return; }
    if (event.ctrlKey && event.key === "]") { event.preventDefault(); code.focus(); code.setRangeText(FNC1, code.selectionStart, code.selectionEnd, "end"); return; }
    // Whatever a scanner types goes into the code box, wherever the focus was.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, a, button, [contenteditable]")) code.focus();
  }, true);
  other.addEventListener("click", () => take({ undo: true }));
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  code.focus();
})();
