/* The order desk by keyboard: "/" goes to the customer box, Ctrl+Enter places, Enter in a box presses its own button;
   F2, F4, F8 and F9 go to the customer, the goods, the payment and what is read aloud; "?" (or F1) shows the list. */
(() => {
  "use strict";
  const press = (id) => document.getElementById(id)?.click();
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  const places = { F2: "desk-customer_q", F4: "desk-article_q", F8: "desk-payment_method", F9: "entry-talk" };
  const keys = () => document.getElementById("desk-keys");

  document.addEventListener("keydown", (event) => {
    if (!document.getElementById("desk") || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      press("desk-place");
    } else if (event.key === "Enter" && event.target.dataset?.press) {
      event.preventDefault();
      press(event.target.dataset.press);
    } else if (event.key === "Enter" && event.target.matches?.("#desk input")) {
      event.preventDefault(); // a form half typed is never sent by chance
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (places[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey) {
      const wanted = document.getElementById(places[event.key]);
      if (!wanted || wanted.hidden) return;
      event.preventDefault();
      (wanted.querySelector("input[name=said]:not(:checked)") ?? wanted).focus();
      wanted.scrollIntoView({ block: "nearest" });
    } else if (event.key === "F1" || (event.key === "?" && !typing(event.target))) {
      if (!keys()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (keys().open) keys().close();
      else keys().showModal();
    } else if (event.key === "/" && !typing(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      document.getElementById("desk-customer_q")?.focus();
    }
  }, true);

  // What was folded of the scripts stays folded when they are read anew, and the box under the fingers keeps them.
  const folded = new Set();
  let ticking = "";
  document.addEventListener("toggle", (event) => {
    const step = event.target.dataset?.step;
    if (step) folded[event.target.open ? "delete" : "add"](step);
  }, true);
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target?.id === "entry-talk") ticking = event.detail.target.contains(document.activeElement) ? document.activeElement.id : "";
  });
  const refold = () => {
    for (const one of document.querySelectorAll("#entry-talk details[data-step]")) one.open = !folded.has(one.dataset.step);
    if (ticking) document.getElementById(ticking)?.focus();
    ticking = "";
  };
  document.addEventListener("htmx:oobAfterSwap", refold);
  document.addEventListener("htmx:afterSwap", refold);

  document.addEventListener("click", (event) => event.target.closest?.("#desk-keys-open") && keys()?.showModal());

  // Browsers pass over autofocus on a page that was reached by a form: the first box is told once more.
  const first = () => document.body === document.activeElement && document.querySelector("#desk [autofocus]")?.focus();
  if (document.readyState === "complete") first();
  else window.addEventListener("load", first);

  // The button that places can be pressed once until the answer is here.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "desk") event.detail.elt.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.removeAttribute?.("aria-busy"));
})();
