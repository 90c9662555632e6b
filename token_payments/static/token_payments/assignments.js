/* How far the mails of a batch are, without reloading; the page has a link for that, too. */
(() => {
  "use strict";

  const FIRST = 1500; // ms; each wait is longer than the one before
  const LONGEST = 15000;
  const card = document.querySelector("[data-tp-progress]");
  if (!card) return;
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined);
  const find = (name, value) => card.querySelector(`[data-tp-${name}="${value}"]`);

  const show = (numbers) => {
    for (const [name, number] of Object.entries(numbers)) {
      const part = find("part", name);
      const key = find("key", name);
      if (!part || !key) continue;
      part.hidden = key.hidden = !number;
      part.style.setProperty("--tp-share", number);
      key.querySelector("[data-tp-number]").textContent = format.format(number);
    }
  };

  /* All mails are dealt with: the page as it is now, unless somebody is busy in the old one. */
  const finish = () => {
    const isBusy = document.activeElement?.closest("[data-tp-results], [data-tp-progress]");
    if (isBusy) card.querySelector("[data-tp-live]").textContent = card.querySelector("[data-tp-live]").dataset.done;
    else window.location.reload();
  };

  const ask = async (wait) => {
    try {
      const answer = await fetch(card.dataset.tpProgress, { headers: { Accept: "application/json" } });
      if (answer.status === 404 || answer.redirected) return;
      if (answer.ok) {
        const numbers = await answer.json();
        show(numbers);
        if (numbers.is_done) {
          finish();
          return;
        }
      }
    } catch {
      // the network is away for a moment: the next try may find it
    }
    plan(Math.min(wait * 1.3, LONGEST));
  };

  const plan = (wait) => window.setTimeout(() => ask(wait), wait);
  plan(FIRST);
})();
