// The shop works without this file; with it, fewer presses are needed.
document.documentElement.classList.add("js");
for (const field of document.querySelectorAll("[data-submit]")) field.addEventListener("change", () => field.form.requestSubmit());
for (const form of document.querySelectorAll("form[data-once]")) form.addEventListener("submit", () => { const b = form.querySelector("button"); setTimeout(() => { b.disabled = true; }); });
window.addEventListener("pageshow", () => { for (const b of document.querySelectorAll("form[data-once] button")) b.disabled = false; });
document.querySelector("[data-focus]")?.focus();
for (const b of document.querySelectorAll("[data-print]")) b.addEventListener("click", () => window.print());

const postal = document.querySelector("[data-postal]");
if (postal) {
  const form = postal.form, box = form.querySelector("[data-places]");
  const fill = (place) => { form.elements.prefecture.value = place.prefecture; form.elements.city.value = place.city; if (!form.elements.street.value) form.elements.street.value = place.town; form.elements.street.focus(); };
  postal.addEventListener("change", async () => {
    const code = postal.value.normalize("NFKC").replace(/[^0-9]/g, "");
    if (code.length !== 7) return;
    const answer = await fetch(`/postal/${code}/`).then((r) => (r.ok ? r.json() : { places: [] }), () => ({ places: [] }));
    box.replaceChildren();
    box.hidden = answer.places.length < 2;
    if (answer.places.length === 1) fill(answer.places[0]);
    else for (const place of answer.places) {
      const choice = document.createElement("button");
      choice.type = "button"; choice.className = "button quiet"; choice.textContent = `${place.prefecture}${place.city}${place.town}`;
      choice.addEventListener("click", () => { fill(place); box.hidden = true; });
      box.append(choice);
    }
  });
}
