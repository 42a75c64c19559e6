// A scan whose line is on the page needs no way to the server; Enter walks from the quantity over the lot back to the scanner.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".stock-sheet");
  if (!form) return;
  const scan = form.querySelector("#scan");
  const index = JSON.parse(document.getElementById("stock-sheet-index").textContent);

  const focused = form.querySelector("[autofocus]") || scan;
  focused.focus();
  if (focused !== scan) focused.select();

  const lineOf = (code) => {
    const meant = index[code];
    return meant && { row: form.querySelector(`tr[data-item="${CSS.escape(meant.item)}"]`), pieces: meant.pieces };
  };
  const count = (code) => {
    const found = lineOf(code);
    if (!found || !found.row) return false;
    const quantity = found.row.querySelector("[data-step=quantity]");
    quantity.value = quantity.dataset.counted = String((parseInt(quantity.value, 10) || 0) + found.pieces);
    form.querySelectorAll(".stock-sheet-now").forEach((row) => row.classList.remove("stock-sheet-now"));
    found.row.classList.add("stock-sheet-now");
    found.row.scrollIntoView({ block: "nearest" });
    scan.value = "";
    quantity.focus();
    quantity.select();
    return true;
  };

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    const field = event.target;
    if (field === scan) {
      if (scan.value.trim() === "" || count(scan.value.trim())) event.preventDefault();
      return; // an unknown code goes to the server
    }
    event.preventDefault();
    const before = field.defaultValue;
    if (field.dataset.step === "quantity" && lineOf(field.value.trim())) {
      // The next article was scanned while the cursor still stood here.
      const code = field.value.trim();
      field.value = field.dataset.counted || before;
      count(code);
      return;
    }
    if (field.dataset.step === "quantity") field.dataset.counted = field.value;
    const fields = [...field.closest("tr")?.querySelectorAll("input:not([type=hidden])") || []];
    const next = field.dataset.step === "quantity" ? fields.find((one) => one.dataset.step === "lot") : fields[fields.indexOf(field) + 1];
    (next || scan).focus();
  });
});
