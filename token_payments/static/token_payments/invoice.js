/* The button that prints the page; without scripts there is the browser's own command. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-tp-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
