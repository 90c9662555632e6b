/* Comfort for the list of an order's tokens: codes are shown in place, and put on the clipboard.
   Each form works without it, as does each that is answered with anything but the codes. */
(() => {
  "use strict";

  const byHand = document.querySelector("[data-tp-by-hand]");
  const said = document.querySelector("[data-tp-said]") ?? addSaid();

  function addSaid() {
    const line = document.createElement("p");
    line.className = "tp-said";
    line.setAttribute("role", "status");
    document.querySelector("[data-tp-codes]")?.append(line);
    return line;
  }

  const say = (message, isWrong = false) => {
    said.classList.toggle("tp-said--wrong", isWrong);
    said.textContent = message;
  };

  /* The answer's data; without any the whole page is asked for, as without scripts. */
  const ask = async (form, button) => {
    const body = new FormData(form, button?.name ? button : undefined);
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const headers = { Accept: "application/json" };
    const response = await fetch(address.split("#")[0], { method: "POST", body, headers });
    const isData = response.headers.get("Content-Type")?.startsWith("application/json");
    if (!isData) throw new Error("no data");
    return { isFine: response.ok, ...(await response.json()) };
  };

  /* Beside the button that was used, in the visitor's view. */
  const sayAt = (button, message) => {
    const row = button.closest("tr");
    if (!row) return;
    button.dataset.tpLabel ??= button.firstChild.textContent;
    button.firstChild.textContent = message;
    window.setTimeout(() => { button.firstChild.textContent = button.dataset.tpLabel; }, 2500);
  };

  const showByHand = (text) => {
    byHand.hidden = false;
    const area = byHand.querySelector("textarea");
    area.value = text;
    area.focus();
    area.select();
    if (!document.execCommand("copy")) return false;
    area.value = "";
    byHand.hidden = true;
    return true;
  };

  /* The clipboard may only be written to while the click counts: Safari wants the promise itself. */
  const write = async (promise) => {
    const asBlob = promise.then((text) => new Blob([text], { type: "text/plain" }));
    asBlob.catch(() => {});
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": asBlob })]);
      return true;
    } catch {
      const text = await promise;
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return showByHand(text);
      }
    }
  };

  class Refused extends Error {}

  const copy = async (form, button) => {
    const answer = ask(form, button).then((data) => {
      if (!data.isFine) throw new Refused(data.message);
      return data;
    });
    const isCopied = await write(answer.then((data) => data.text));
    const { message } = await answer;
    say(isCopied ? message : "");
    if (isCopied) sayAt(button, button.dataset.tpCopied);
    if (isCopied && document.activeElement === document.body) button.focus();
  };

  const reveal = async (form, button) => {
    const data = await ask(form, button);
    if (!data.isFine) throw new Refused(data.message);
    for (const [serial, code] of Object.entries(data.codes)) {
      const cell = document.querySelector(`[data-tp-code="${serial}"]`);
      cell.textContent = code;
      const show = cell.closest("tr").querySelector("button:not([data-tp-copies])");
      if (show === document.activeElement) {
        cell.tabIndex = -1;
        cell.focus();
      }
      show.hidden = true;
    }
    say(data.message);
  };

  const handle = (form, work) => {
    form.addEventListener("submit", async (event) => {
      if (form.dataset.tpPlain) return;
      const button = event.submitter;
      event.preventDefault();
      try {
        await work(form, button);
      } catch (error) {
        if (error instanceof Refused) {
          say(error.message, true);
          return;
        }
        form.dataset.tpPlain = "yes";
        form.requestSubmit(button);
      }
    });
  };

  for (const form of document.querySelectorAll("[data-tp-copy]")) handle(form, copy);
  for (const form of document.querySelectorAll("[data-tp-codes]")) {
    handle(form, (whole, button) => (button?.dataset.tpCopies === undefined ? reveal : copy)(whole, button));
  }
})();
