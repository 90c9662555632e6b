/* The button that prints the page, as checkout.js has it elsewhere. Without scripts there is the
   browser's own command. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-tp-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
