/* The inspection screen: scans are sent one after the other, each under a key of its own, so that one sent twice counts once. What is
   wrong fills the screen until the next right scan. The keyboard is enough: F8 takes back, F9 finishes. Without scripts the form posts. */
(() => {
  "use strict";
  const begin = document.getElementById("inspect-begin");
  if (begin) {
    // Whatever a scanner types is the number of a box, wherever the focus was.
    document.addEventListener("keydown", (event) => {
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, a, button, [contenteditable]")) begin.focus();
    }, true);
    begin.focus();
    return;
  }
  const desk = document.getElementById("inspect-desk");
  const form = document.getElementById("inspect-form");
  const code = document.getElementById("inspect-code");
  if (!desk || !form || !code || code.name !== "code") return;
  const said = document.getElementById("inspect-said");
  const bar = document.getElementById("inspect-bar");
  const FNC1 = "\u001d";
  const waiting = [];
  let busy = false;
  let asked = ""; // the code whose lot is wanted

  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const small = (text) => {
    const line = document.createElement("small");
    line.textContent = text;
    return line;
  };

  function say(text, tone, beneath) {
    said.className = `inspect-said ${tone}`;
    said.replaceChildren(text, ...(beneath ? [small(beneath)] : []));
    document.body.classList.toggle("inspect-alarm", tone === "is-bad");
  }

  function tell(entry, told) {
    bar.max = told.wanted;
    bar.value = told.done;
    for (const row of document.querySelectorAll(".inspect-lines tr[data-item]")) {
      const line = told.lines[row.dataset.item];
      if (!line) continue;
      row.querySelector(".inspect-seen").textContent = line.seen;
      row.classList.toggle("is-full", line.seen >= line.wanted);
      row.classList.toggle("is-now", told.last?.item === row.dataset.item);
    }
    asked = "";
    if (told.code === "order.scan_the_lot") {
      asked = entry.values.code;
      code.placeholder = desk.dataset.ask;
      say(told.fault, "is-asking");
      return;
    }
    code.placeholder = desk.dataset.scan;
    const count = `${told.done} / ${told.wanted}`;
    if (told.fault) say(told.fault, "is-bad", `${entry.values.code ?? ""} ${count}`);
    else if (told.status === "finished") location.assign(desk.dataset.next);
    else if (told.status === "discarded") location.assign(desk.dataset.next.split("?")[0]);
    else if (told.done >= told.wanted) say(count, "is-done", desk.dataset.all);
    else say(count, "is-good", told.last ? `${told.last.item} ${told.lines[told.last.item]?.name ?? ""} ${told.last.lot} ${told.last.quantity > 0 ? "+" : ""}${told.last.quantity}` : "");
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (waiting.length) {
      const entry = waiting[0];
      const upper = (entry.values.code ?? "").toUpperCase();
      if (asked && !entry.values.do) {
        if (upper === "UNDO") { asked = ""; code.placeholder = desk.dataset.scan; say("", ""); waiting.shift(); continue; }
        entry.values = { code: asked, lot: entry.values.code };
        asked = "";
      }
      const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, once: entry.once, ...entry.values });
      try {
        const answer = await fetch(location.href, { method: "POST", body, headers: { Accept: "application/json" } });
        if (answer.redirected || answer.status === 403) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        tell(waiting.shift(), await answer.json());
      } catch {
        say(desk.dataset.offline, "is-bad", String(waiting.length));
        await new Promise((go) => setTimeout(go, 2000));
      }
    }
    busy = false;
  }

  function take(values) {
    waiting.push({ values, once: key() });
    code.value = "";
    code.focus();
    work();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "do") take({ do: event.submitter.value });
    else if (code.value.trim()) take({ code: code.value.trim() });
    else code.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "F8") { event.preventDefault(); take({ do: "undo" }); return; }
    if (event.key === "F9") { event.preventDefault(); take({ do: "finish" }); return; }
    if (event.ctrlKey && event.key === "]") { event.preventDefault(); code.focus(); code.setRangeText(FNC1, code.selectionStart, code.selectionEnd, "end"); return; }
    // Whatever a scanner types goes into the code box, wherever the focus was.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, a, button, [contenteditable]")) code.focus();
  }, true);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  code.focus();
})();
