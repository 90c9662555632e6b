/* Copying a code that is shown; without it the code can be marked and copied. */
(() => {
  "use strict";

  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-tp-copy-code]")) {
    const code = button.parentElement.querySelector("code");
    const status = button.parentElement.querySelector("[role=status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        status.textContent = button.dataset.tpCopied;
      } catch {
        window.getSelection().selectAllChildren(code);
      }
    });
  }
})();
