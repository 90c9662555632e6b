/* The pages of a token order: the Change menu, progress, the suggested refund. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  setUpMenu(document.querySelector(".tp-menu"));
  setUpProgress(document.querySelector("[data-progress]"));
  setUpRefund(document.querySelector("[data-unit-price]"));
});

function setUpMenu(menu) {
  if (!menu) {
    return;
  }
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

/* Asks every second and a half; a number that hasn't grown for 20 seconds offers to resume. */
function setUpProgress(section) {
  if (!section) {
    return;
  }
  const bar = section.querySelector("progress");
  const text = section.querySelector("[data-made]");
  const stalled = section.querySelector("[data-stalled]");
  let made = bar.value;
  let moved = Date.now();
  if (stalled) {
    stalled.hidden = true;
  }
  async function ask() {
    try {
      const answer = await fetch(section.dataset.progress);
      if (answer.ok) {
        const state = await answer.json();
        if (state.status !== "processing") {
          window.location.reload();
          return;
        }
        if (state.made > made) {
          made = state.made;
          moved = Date.now();
        }
        bar.value = made;
        text.textContent = made.toLocaleString(document.documentElement.lang || undefined);
      }
    } catch {
      /* The connection is gone for a moment: the next question may get through. */
    }
    if (stalled) {
      stalled.hidden = Date.now() - moved < 20000;
    }
    setTimeout(ask, 1500);
  }
  setTimeout(ask, 1500);
}

/* Follows the number of tokens until somebody enters another amount. */
function setUpRefund(refund) {
  const quantity = refund && document.getElementById(refund.dataset.quantity);
  if (!quantity) {
    return;
  }
  const thousandths = Math.round(Number(refund.dataset.unitPrice) * 1000);
  const decimals = thousandths % 10 ? 3 : Number(refund.dataset.decimals);
  const suggest = () => {
    const number = Number(quantity.value);
    return number > 0 ? ((thousandths * number) / 1000).toFixed(decimals) : "";
  };
  let isOwn = refund.value !== "" && Number(refund.value) !== Number(suggest());
  refund.addEventListener("input", () => {
    isOwn = refund.value !== "";
  });
  quantity.addEventListener("input", () => {
    if (!isOwn) {
      refund.value = suggest();
    }
  });
}
