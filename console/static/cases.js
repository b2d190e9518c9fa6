// Several cases at once: tick with x, take them on with a; and at the coordinator's desk 1 2 3 for the suggested departments.
(() => {
  "use strict";
  const isTyping = (element) => element.matches("input:not([type=checkbox]), textarea, select");
  const bulk = document.querySelector("form[data-bulk]");
  const boxes = () => [...document.querySelectorAll("input[name=numbers][form]")];
  const said = document.querySelector("[data-ticked]");
  const all = document.querySelector("[data-tick-all]");

  const count = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    if (said) said.textContent = ticked ? `选了${ticked}件` : "";
    if (all) all.textContent = ticked && ticked === boxes().length ? "全不选" : "全选";
  };
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const wanted = boxes().some((box) => !box.checked);
      boxes().forEach((box) => { box.checked = wanted; });
      count();
    });
  }
  document.addEventListener("change", (event) => { if (event.target.name === "numbers") count(); });
  window.addEventListener("pageshow", count);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(document.activeElement)) return;
    const row = document.activeElement.closest("[data-row], tr");
    if (event.key === "x" && row) {
      const box = row.querySelector("input[name=numbers]");
      if (box) { event.preventDefault(); box.checked = !box.checked; count(); }
    } else if (event.key === "a" && bulk && bulk.dataset.bulk !== "triage" && boxes().some((box) => box.checked)) {
      event.preventDefault();
      bulk.requestSubmit();
    } else if (/^[1-3]$/.test(event.key) && row) {
      const button = row.querySelector(`[data-choice="${event.key}"]`);
      if (button) { event.preventDefault(); button.click(); }
    }
  });
})();
