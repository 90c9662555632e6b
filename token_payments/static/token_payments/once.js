/* A form that says data-once is sent once, however often its button is pressed. */
(() => {
  "use strict";

  const setSent = (form, isSent) => {
    form.toggleAttribute("data-sent", isSent);
    for (const field of form.elements) if (field.type === "submit") field.disabled = isSent;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-once]")) return;
    if (form.hasAttribute("data-sent")) event.preventDefault();
    form.toggleAttribute("data-sent", true);
    /* A button that is switched off before the form is read sends no value. */
    window.setTimeout(() => setSent(form, true));
  });

  /* A page that comes back from the browser's memory may be sent again. */
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) setSent(form, false);
  });
})();
