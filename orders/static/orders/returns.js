/* Returns by keyboard and scanner: a scan counts one more piece of its line; Ctrl+Enter takes the return; fields follow the kind. */
(() => {
  "use strict";
  const scan = document.getElementById("return-scan");
  const said = document.getElementById("return-said");
  scan?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const code = scan.value.trim();
    scan.value = "";
    if (!code) return;
    const box = [...document.querySelectorAll("input[data-codes]")].find((one) => one.dataset.codes.split(" ").includes(code));
    if (!box) { said.textContent = `${code}: ${said.dataset.unknown}`; return; }
    const now = Number(box.value) + 1;
    if (now > Number(box.dataset.most)) { said.textContent = `${code}: ${said.dataset.full}`; return; }
    box.value = String(now);
    said.textContent = `${code}: ${now} / ${box.dataset.most}`;
  });

  const desk = document.getElementById("return-desk");
  const follow = () => {
    const kind = desk.querySelector("input[name=kind]:checked")?.value;
    desk.querySelectorAll(".return-claim").forEach((one) => { one.hidden = kind !== "claim"; });
    desk.querySelectorAll(".return-exchange").forEach((one) => { one.hidden = kind === "return"; });
  };
  desk?.addEventListener("change", follow);
  if (desk?.querySelector("input[name=kind]")) follow();
  document.addEventListener("keydown", (event) => {
    if (desk && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.getElementById("return-take")?.click();
    } else if (event.key === "Enter" && event.target.matches?.("#return-desk input")) {
      event.preventDefault(); // a form half typed is never sent by chance
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
