/* The paper beside the order desk: larger, smaller, turned; also by + and - while the frame has the focus. */
(() => {
  "use strict";
  const pane = document.querySelector(".desk-paper");
  if (!pane) return;
  const picture = pane.querySelector("img");
  let zoom = 100, turn = 0;
  const show = () => {
    if (!picture) return;
    picture.style.width = `${zoom}%`;
    picture.style.transform = turn ? `rotate(${turn}deg)` : "";
  };
  const act = { larger: () => (zoom = Math.min(zoom + 25, 400)), smaller: () => (zoom = Math.max(zoom - 25, 50)), turn: () => (turn = (turn + 90) % 360) };
  pane.addEventListener("click", (event) => {
    const wanted = event.target.closest?.("[data-paper]")?.dataset.paper;
    if (wanted) { act[wanted](); show(); }
  });
  pane.querySelector(".paper-frame").addEventListener("keydown", (event) => {
    const wanted = { "+": "larger", ";": "larger", "-": "smaller", r: "turn" }[event.key];
    if (wanted) { event.preventDefault(); act[wanted](); show(); }
  });
})();
