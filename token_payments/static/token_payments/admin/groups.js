/* The group field becomes a menu of the groups of the chosen course. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("input[data-groups]");
  const course = field && document.getElementById(field.dataset.groupsOf);
  if (!course) {
    return;
  }
  const menu = document.createElement("select");
  const { groups: address, none } = field.dataset;
  let chosen = field.value;
  let latest = 0;

  async function fill() {
    const number = ++latest;
    const answer = await fetch(`${address}?item=${encodeURIComponent(course.value)}`);
    if (!answer.ok || number !== latest) {
      return;
    }
    const { groups } = await answer.json();
    menu.replaceChildren(new Option(none, ""), ...groups.map((name) => new Option(name, name)));
    if (groups.includes(chosen)) {
      menu.value = chosen;
    }
    if (!menu.isConnected) {
      menu.id = field.id;
      menu.name = field.name;
      const described = field.getAttribute("aria-describedby");
      if (described) {
        menu.setAttribute("aria-describedby", described);
      }
      field.replaceWith(menu);
    }
  }

  menu.addEventListener("change", () => {
    chosen = menu.value;
  });
  course.addEventListener("change", fill);
  fill();
});
