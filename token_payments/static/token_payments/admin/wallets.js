/* Forms about token issues: what an empty expiry comes to, and what remains after an adjustment. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  setUpExpiry(document.querySelector("[data-default-expiry]"));
  setUpAfter(document.querySelector("output[data-after]"));
});

/* Follows the chosen token type, and steps aside for a day of one's own. */
function setUpExpiry(note) {
  const types = note && document.getElementById(note.dataset.defaultExpiry);
  const day = note && document.getElementById(note.dataset.instead);
  if (!types || !day) {
    return;
  }
  /* The field to which the note belongs is further up. */
  day.closest(".form-row").append(note);
  const text = note.querySelector("[data-text]");
  const follow = () => {
    const expiry = types.selectedOptions[0]?.dataset.expiry;
    note.hidden = !expiry || day.value !== "";
    text.textContent = expiry || "";
  };
  types.addEventListener("change", follow);
  for (const event of ["input", "change", "focus", "blur"]) {
    day.addEventListener(event, follow);
  }
  follow();
}

function setUpAfter(output) {
  const quantity = output && document.getElementById(output.dataset.after);
  if (!quantity) {
    return;
  }
  const follow = () => {
    const direction = document.querySelector("[name=direction]:checked")?.value;
    const remaining = Number(quantity.dataset.remaining);
    const amount = Number(quantity.value) * (direction === "up" ? 1 : -1);
    const after = remaining + amount;
    output.closest("div").hidden = !quantity.value;
    output.value = Number.isInteger(after) && after >= 0
      ? after.toLocaleString(document.documentElement.lang || undefined)
      : "–";
  };
  quantity.addEventListener("input", follow);
  for (const option of document.querySelectorAll("[name=direction]")) {
    option.addEventListener("change", follow);
  }
  follow();
}
