/* The overview of an order that is being processed: how far it is, without reloading. */
(() => {
  "use strict";

  const section = document.querySelector("[data-tp-progress]");
  if (!section) return;
  const bar = section.querySelector("progress");
  const made = section.querySelector("[data-tp-made]");
  const PAUSE = 2000;

  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.tpProgress, { credentials: "same-origin" });
      if (answer.ok) {
        const state = await answer.json();
        if (state.status !== "processing") {
          window.location.reload();
          return;
        }
        bar.value = state.made;
        const text = state.made.toLocaleString(document.documentElement.lang || undefined);
        if (made.textContent !== text) made.textContent = text;
      }
    } catch {
      /* The connection is gone for a moment: the next question may get through. */
    }
    setTimeout(ask, PAUSE);
  };

  section.querySelector("[data-tp-still]").hidden = true;
  setTimeout(ask, PAUSE);
})();
