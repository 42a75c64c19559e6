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
  const fill = (place) => { form.elements.prefecture.value = place.prefecture; form.elements.city.value = place.city; if (!form.elements.street.value) form.elements.street.value = place.town; form.elements.street.focus(); form.elements.prefecture.dispatchEvent(new Event("change", { bubbles: true })); };
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

// Days, times of day and postage follow the address and the way to pay while they are typed.
const sends = document.querySelector("[data-delivery]");
if (sends) {
  const asking = ["postal_code", "prefecture", "payment_method", "wished_on", "service"];
  let asked = 0;
  sends.addEventListener("change", async (event) => {
    if (!asking.includes(event.target.name)) return;
    const number = ++asked, said = new URLSearchParams();
    for (const name of [...asking, "time_band"]) said.set(name, sends.elements[name] ? sends.elements[name].value : "");
    const page = await fetch(`${sends.dataset.delivery}?${said}`).then((r) => (r.ok ? r.text() : ""), () => "");
    if (!page || number !== asked) return;
    const parts = new DOMParser().parseFromString(page, "text/html"), focused = document.activeElement ? document.activeElement.name : "";
    for (const part of ["[data-days]", "[data-sums]"]) {
      const now = document.querySelector(part), next = parts.querySelector(part);
      if (now && next) now.replaceWith(next);
    }
    if (["wished_on", "time_band"].includes(focused)) sends.elements[focused].focus();
    if (focused === "service") sends.querySelector("[name=service]:checked")?.focus();
  });
}

// A new card: its number goes from the gateway's own field to the gateway; only a token is sent to us.
const cards = document.querySelector("[data-card-form]");
if (cards) addEventListener("load", () => {
  const place = cards.querySelector("[data-card-field]"), token = cards.querySelector("[data-card-token]"), wrong = cards.querySelector("[data-card-error]");
  const say = (text) => { wrong.textContent = text; wrong.hidden = !text; };
  if (!window.Stripe) return say(place.dataset.missing || "");
  const gateway = window.Stripe(cards.dataset.cardKey), card = gateway.elements({ locale: document.documentElement.lang }).create("card", { hidePostalCode: true });
  card.mount(place);
  card.on("change", (event) => say(event.error ? event.error.message : ""));
  const wanted = () => {
    const method = cards.elements.payment_method, which = cards.elements.card;
    return (!method || method.value === "card") && (!which || which.value === "new");
  };
  let busy = false;
  cards.addEventListener("submit", async (event) => {
    if (!wanted() || token.value) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = cards.querySelector("button:not([type=button])");
    button.disabled = true;
    const answer = await gateway.createPaymentMethod({ type: "card", card });
    busy = button.disabled = false;
    if (answer.error) { say(answer.error.message); place.scrollIntoView({ block: "center" }); return; }
    token.value = answer.paymentMethod.id;
    cards.submit();
  });
});

// A payment that is being confirmed: look again until it is known.
const awaited = document.querySelector("[data-await]");
if (awaited) setInterval(async () => {
  const page = await fetch(location.href, { headers: { "X-Look": "again" } }).then((r) => (r.ok ? r.text() : ""), () => "");
  if (page && !page.includes("data-await")) location.reload();
}, 4000);
