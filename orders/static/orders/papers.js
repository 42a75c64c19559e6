/* Papers that are being set: their bar moves by itself, and the way to the PDF opens when it is there. Without scripts the page is loaded again. */
(() => {
  "use strict";
  async function follow(paper) {
    let failures = 0;
    while (paper.dataset.state === "waiting" || paper.dataset.state === "working") {
      await new Promise((go) => setTimeout(go, 1000));
      try {
        const answer = await fetch(paper.dataset.poll, { headers: { Accept: "application/json" } });
        if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
        const told = await answer.json();
        failures = 0;
        paper.dataset.state = told.state;
        const bar = paper.querySelector(".paper-bar");
        bar.max = told.all;
        bar.value = told.done;
        bar.hidden = told.state === "done" || told.state === "failed";
        const said = paper.querySelector(".paper-said");
        if (said.textContent !== told.said) said.textContent = told.said;
        said.className = `paper-said take-${told.tone}`;
        paper.querySelector(".paper-open").hidden = told.state !== "done";
      } catch {
        failures += 1;
        if (failures > 20) return;
      }
    }
  }
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".paper[data-poll]").forEach(follow));
})();
