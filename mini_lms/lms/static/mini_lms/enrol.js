/* Forms that change an enrolment, done as the LMS's own pages do it. Without this script the same
   forms post to a page that does the same and comes back. */
(function () {
  "use strict";

  const LINK = /(https?:\/\/[^\s<>"']+|(?:(?<=\s)|^)\/[A-Za-z0-9][^\s<>"']*)/;

  function showError(text) {
    const box = document.getElementById("register_error");
    box.textContent = "";
    text.split(LINK).forEach(function (part, index) {
      if (index % 2 === 0) {
        box.append(part);
        return;
      }
      const address = part.replace(/[.,;:!?)]+$/, "");
      const link = document.createElement("a");
      link.href = address;
      link.textContent = address;
      box.append(link, part.slice(address.length));
    });
    box.hidden = false;
  }

  async function submit(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const response = await fetch(form.dataset.endpoint, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      const text = await response.text();
      if (response.ok) {
        window.location.assign(text || form.dataset.done);
      } else if (response.status === 403) {
        window.location.assign(form.dataset.signIn);
      } else {
        showError(response.status === 400 && text ? text : "An error occurred. Please try again later.");
        button.disabled = false;
      }
    } catch {
      showError("The site could not be reached. Please try again.");
      button.disabled = false;
    }
  }

  document.querySelectorAll("form.js-change-enrollment").forEach(function (form) {
    form.addEventListener("submit", submit);
  });
})();
