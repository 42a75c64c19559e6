/* The order desk by keyboard: "/" goes to the customer box, Ctrl+Enter places, Enter in a box presses its own button. */
(() => {
  "use strict";
  const press = (id) => document.getElementById(id)?.click();
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

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
    } else if (event.key === "/" && !typing(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      document.getElementById("desk-customer_q")?.focus();
    }
  }, true);

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
