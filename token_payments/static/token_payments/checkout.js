/* Comfort for the learners' pages; each of them works without it. */
(() => {
  "use strict";

  const isMeant = (character) => /[0-9a-z]/i.test(character);

  /* "7kq2m4" with groups of 4, 4, 4 and 5: "7KQ2-M4". Anything too long stays in the last group. */
  const group = (text, lengths) => {
    const code = [...text].filter(isMeant).join("").toUpperCase();
    const parts = [];
    let start = 0;
    lengths.forEach((length, index) => {
      const end = index === lengths.length - 1 ? code.length : start + length;
      parts.push(code.slice(start, end));
      start = end;
    });
    return parts.filter(Boolean).join("-");
  };

  /* Where the caret stands after as many meant characters as before. */
  const placeCaret = (input, meant) => {
    let position = 0;
    for (let seen = 0; position < input.value.length && seen < meant; position += 1) {
      if (isMeant(input.value[position])) seen += 1;
    }
    if (position < input.value.length && !isMeant(input.value[position])) position += 1;
    input.setSelectionRange(position, position);
  };

  const regroup = (input, lengths) => {
    const caret = input.selectionStart ?? input.value.length;
    const meant = [...input.value.slice(0, caret)].filter(isMeant).length;
    const grouped = group(input.value, lengths);
    if (grouped === input.value) return;
    input.value = grouped;
    if (document.activeElement === input) placeCaret(input, meant);
  };

  const setUpCode = (input) => {
    const lengths = input.placeholder.split("-").map((part) => part.length);
    input.addEventListener("keydown", (event) => {
      const caret = input.selectionStart;
      const isDash = caret > 0 && caret === input.selectionEnd && input.value[caret - 1] === "-";
      if (event.key === "Backspace" && isDash) input.setSelectionRange(caret - 1, caret - 1);
    });
    input.addEventListener("input", (event) => {
      if (!event.isComposing) regroup(input, lengths);
    });
    input.addEventListener("compositionend", () => regroup(input, lengths));
    regroup(input, lengths);
    return (text) => {
      input.value = group(text, lengths);
    };
  };

  const readFragment = () => {
    const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
    if (code === null) return "";
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    return code;
  };

  const fragmentCode = readFragment();
  const method = document.querySelector('[data-tp-method="token_code"]');
  const input = method?.querySelector("input.tp-input");
  if (input) {
    const fill = setUpCode(input);
    if (fragmentCode) {
      const radio = method.querySelector('input[type=radio][name="method"]');
      if (radio) radio.checked = true;
      fill(fragmentCode);
    }
  }

  const print = document.querySelector("[data-tp-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  document.querySelector("[data-tp-focus]")?.focus();
})();
