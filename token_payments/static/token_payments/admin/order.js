/* The pages of a token order: the Change menu, progress, the suggested refund, a type's price. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  setUpMenu(document.querySelector(".tp-menu"));
  setUpProgress(document.querySelector("[data-progress]"));
  setUpRefund(document.querySelector("[data-unit-price]"));
  setUpPrice(document.querySelector("[data-price-of]"));
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
  const hundredths = Math.round(Number(refund.dataset.taxRate) * 100); // of a percent
  const decimals = Number(refund.dataset.decimals);
  const unit = 10 ** (3 - decimals); // the currency's smallest coin in thousandths
  const suggest = () => {
    const number = Number(quantity.value);
    if (!(number > 0)) {
      return "";
    }
    const net = Math.round((thousandths * number) / unit) * unit;
    const tax = Math.round((net * hundredths) / 10000 / unit) * unit;
    return ((net + tax) / 1000).toFixed(decimals);
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

/* Follows the chosen token type until somebody enters another price. */
function setUpPrice(price) {
  const types = price && document.getElementById(price.dataset.priceOf);
  const currency = document.getElementById("id_currency");
  if (!types || !currency) {
    return;
  }
  let filledIn = "";
  const follow = () => {
    if (price.value !== filledIn) {
      return;
    }
    const { price: amount = "", currency: code = "" } = types.selectedOptions[0]?.dataset ?? {};
    filledIn = amount;
    price.value = amount;
    currency.value = code;
  };
  types.addEventListener("change", follow);
  follow();
}
