// A condition shows only what its kind asks for. Without scripts everything stands there, and the form still says what is missing.
(() => {
  "use strict";
  const RANGES = ["at_least", "at_most"];
  const WANTS = {
    recency: RANGES, delivered: RANGES, first_purchase: RANGES, frequency: RANGES, amount: RANGES, birth_month: RANGES,
    product: ["product", "within_days"], category: ["category", "within_days"], sales_channel: ["sales_channel", "within_days"],
    written_to: ["campaign", "within_days"], rank: ["rank"], tag: ["tag"], prefecture: ["prefecture"], consent: [], subscription: [],
  };
  const ALL = [...RANGES, "within_days", "product", "category", "sales_channel", "rank", "tag", "campaign", "prefecture"];

  function show(select) {
    const prefix = select.name.slice(0, -"kind".length);
    const wanted = WANTS[select.value] || (select.value ? ALL : []);
    for (const name of ALL) {
      const field = document.querySelector(`[name="${prefix}${name}"]`);
      const place = field && (field.closest(`.field-${name}`) || field.closest(".form-row") || field.parentElement);
      if (!place) continue;
      const idle = !wanted.includes(name);
      place.classList.toggle("camp-idle", idle);
      if (idle && field.value) field.value = "";
    }
    for (const row of select.closest(".inline-related, tbody, fieldset")?.querySelectorAll(".form-row, .field-row") || []) {
      const fields = [...row.querySelectorAll("[name]")];
      if (fields.length && row !== select.closest(".form-row, .field-row")) {
        row.classList.toggle("camp-idle", fields.every((f) => f.closest(".camp-idle") && f.closest(".camp-idle") !== row));
      }
    }
  }

  const kinds = () => document.querySelectorAll('select[name^="conditions-"][name$="-kind"]');
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('select[name^="conditions-"][name$="-kind"]')) show(event.target);
  });
  document.addEventListener("DOMContentLoaded", () => kinds().forEach(show));
  document.addEventListener("formset:added", () => kinds().forEach(show));
})();
