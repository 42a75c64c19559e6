/* Keyboard shortcuts of the back office: "/" searches, "g" and a letter opens a list, "?" shows them all.
   They only reach what the sidebar offers, stay quiet while somebody types, and can be switched off. */
(() => {
  "use strict";
  const WORDS = {
    ja: { title: "キーボードショートカット", search: "検索", help: "この一覧", on: "ショートカットを使う", close: "閉じる", then: "のあと" },
    en: { title: "Keyboard shortcuts", search: "Search", help: "This list", on: "Use shortcuts", close: "Close", then: "then" },
  };
  const LISTS = { h: "/", o: "/orders/order/", s: "/orders/shipment/", c: "/customers/customer/", p: "/catalog/product/", i: "/inventory/stock/", b: "/billing/invoice/", m: "/billing/payment/" };
  const STORED = "house-shortcuts";
  let waiting = 0;

  const words = () => WORDS[document.documentElement.lang.startsWith("ja") ? "ja" : "en"];
  const inUse = () => localStorage.getItem(STORED) !== "off";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], [role=combobox]");
  const named = (link) => {
    const copy = link.cloneNode(true);
    copy.querySelectorAll(".material-symbols-outlined").forEach((icon) => icon.remove());
    return copy.textContent.trim();
  };
  const links = () => [...document.querySelectorAll("#nav-sidebar a[href], aside a[href], nav a[href]")].filter(named);
  const linkTo = (ending) => links().find((link) => {
    const path = new URL(link.href, location.href).pathname;
    return ending === "/" ? path === "/admin/" : path.endsWith(ending);
  });
  const searchField = () => document.querySelector("#searchbar, #changelist-search input[name=q]") || document.querySelector("#nav-filter");

  function showHelp() {
    document.querySelector(".house-keys")?.remove();
    const say = words();
    const dialog = document.createElement("dialog");
    dialog.className = "house-keys";
    const title = document.createElement("h2");
    title.textContent = say.title;
    const list = document.createElement("dl");
    const add = (keys, meaning) => {
      const term = document.createElement("dt");
      keys.forEach((key) => { const k = document.createElement("kbd"); k.textContent = key; term.append(k, " "); });
      const description = document.createElement("dd");
      description.textContent = meaning;
      list.append(term, description);
    };
    add(["/"], say.search);
    for (const [key, ending] of Object.entries(LISTS)) {
      const link = linkTo(ending);
      if (link) add(["g", key], named(link));
    }
    add(["?"], say.help);
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = inUse();
    box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
    label.append(box, say.on);
    const close = document.createElement("button");
    close.textContent = say.close;
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, list, label, close);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!(event.target instanceof Element) || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); showHelp(); return; }
    if (!inUse()) return;
    if (waiting && Date.now() - waiting < 1500) {
      waiting = 0;
      const link = LISTS[event.key] && linkTo(LISTS[event.key]);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { waiting = Date.now(); return; }
    if (event.key === "/") {
      const field = searchField();
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
  });
})();
