// Passkeys are the only thing here that needs a script: buttons for them are shown where the browser knows them.
if (window.PublicKeyCredential) document.documentElement.classList.add("has-keys");
// The browser's own window said why; the page says what to do.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const told = document.querySelector("[data-key-fault]");
  if (told) told.hidden = false;
});
