/* The counting screen: a scan is taken the moment it is read and sent behind it, so that a quick hand loses none.
   Every entry has a key of its own and is sent until it is answered: sent twice, it counts once. What the server fails at again and
   again is put aside and told, so that it holds up nothing behind it. Without scripts the form posts by itself. */
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
  const waiting = [];
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

  function tell(entry, answer) {
    if (!answer.ok) {
      show([paragraph(entry.undo ? "" : entry.code, "count-quiet"), paragraph(answer.message, "count-name")], "is-bad");
      return;
    }
    const name = `${answer.item} ${answer.name}${answer.repeated ? ` (${desk.dataset.repeated})` : ""}`;
    show([paragraph(name, "count-name"), paragraph(answer.quantity.toLocaleString(), "count-number")], "is-good");
    document.getElementById("count-counted").textContent = answer.counted;
    document.getElementById("count-lines").textContent = answer.lines;
    document.getElementById("count-pieces").textContent = answer.pieces;
    const item = document.createElement("li");
    const what = document.createElement("span");
    const bold = document.createElement("b");
    bold.textContent = answer.item;
    what.append(bold, ` ${answer.name}`);
    const figure = document.createElement("b");
    figure.textContent = answer.quantity.toLocaleString();
    item.append(what, figure);
    latest.prepend(item);
    while (latest.children.length > 8) latest.lastElementChild.remove();
  }

  async function send(entry) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, once: entry.once });
    if (entry.undo) body.set("undo", "1");
    else { body.set("code", entry.code); body.set("quantity", entry.quantity); }
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
      try {
        const answer = await send(waiting[0]);
        tell(waiting.shift(), answer);
      } catch {
        if ((waiting[0].failures ?? 0) >= MOST_FAILURES) {
          const lost = waiting.shift();
          const what = lost.undo ? "UNDO" : `${lost.quantity} × ${lost.code}`;
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
    waiting.push({ ...entry, once: key() });
    code.value = "";
    quantity.value = "1";
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
    // Whatever a scanner types goes into the code box, wherever the focus was.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, a, button, [contenteditable]")) code.focus();
  }, true);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  code.focus();
})();
