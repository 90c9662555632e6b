/* Suggestions for text fields with data-suggest="<address>": a datalist that follows the typing. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("input[data-suggest]")) {
    const list = document.createElement("datalist");
    list.id = `${field.id}_suggestions`;
    field.after(list);
    field.setAttribute("list", list.id);
    let timer;
    let latest = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const number = ++latest;
        const address = `${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`;
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok || number !== latest) {
          return;
        }
        const { options } = await answer.json();
        list.replaceChildren(
          ...options.map(({ value, label }) => {
            const option = document.createElement("option");
            option.value = value;
            option.label = label;
            return option;
          }),
        );
      }, 200);
    });
  }
});
