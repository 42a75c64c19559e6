// Enter downloads the first file: "autofocus" is passed over where the browser thinks something else has the focus.
"use strict";
document.querySelector(".label-download")?.focus();
