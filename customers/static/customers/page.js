/* The customer's page by keyboard: each button shows the key that presses it. Quiet while somebody types or when shortcuts are
   switched off (the list behind "?"); "Escape" leaves a field of a panel that was opened by a key. */
(() => {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], [role=combobox]");
  const openPanel = (id) => {
    const panel = document.getElementById(id);
    if (!panel) return false;
    if (panel instanceof HTMLDetailsElement) panel.open = true;
    panel.scrollIntoView({ block: "nearest" });
    panel.querySelector("[data-first]")?.focus();
    return true;
  };
  let chord = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!(event.target instanceof Element) || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || localStorage.getItem("house-shortcuts") === "off") return;
    if (event.key === "g") { chord = Date.now(); return; }
    if (Date.now() - chord < 1500) { chord = 0; return; }
    const button = document.querySelector(`.house-deeds [data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('.house-deeds a[href^="#"]') : null;
    if (link && openPanel(link.getAttribute("href").slice(1))) event.preventDefault();
    const menu = document.querySelector(".house-more[open]");
    if (menu && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(event.target instanceof Element)) return;
    const form = event.target.closest("form[data-quick]");
    if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button[type=submit]")); }
  });
  const openNamed = () => { if (location.hash.length > 1) openPanel(location.hash.slice(1)); };
  window.addEventListener("hashchange", openNamed);
  // Once the page is there and scrolled to its place: only then the browser leaves the focus where it is put.
  window.addEventListener("load", () => setTimeout(() => {
    if (location.hash.length > 1) openNamed();
    else document.querySelector("[data-focus]")?.focus();
  }));
})();
