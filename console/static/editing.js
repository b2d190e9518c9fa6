// The article's form: rows of figures, figures put into the text, and nothing written is lost.
(() => {
  "use strict";
  const form = document.getElementById("editor");
  const rows = document.getElementById("rows");
  const kept = document.getElementById("kept");
  const key = form.dataset.draftOf;
  let area = form.querySelector("textarea[data-section]");
  let isDirty = false;

  // The preview follows the section that is being written.
  form.addEventListener("focusin", (event) => {
    const section = event.target.closest("textarea[data-section]");
    if (!section) return;
    const looking = document.getElementById("looking");
    area = section;
    if (looking.value !== section.dataset.section) {
      looking.value = section.dataset.section;
      form.dispatchEvent(new CustomEvent("look"));
    }
  });

  const grow = (section) => {
    section.style.height = "auto";
    section.style.height = `${Math.max(section.scrollHeight + 2, 60)}px`;
  };
  form.querySelectorAll("textarea[data-section]").forEach((section) => {
    grow(section);
    section.addEventListener("input", () => grow(section));
  });

  const insert = (mark) => {
    const [from, to] = [area.selectionStart, area.selectionEnd];
    area.setRangeText(mark, from, to, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  rows.querySelectorAll(".row-acts").forEach((acts) => { acts.hidden = false; });
  rows.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    const field = (name) => row.querySelector(`[name$="-${name}"]`);
    if (event.target.matches("[data-put]")) insert(`{figure:${field("key").value}}`);
    if (event.target.matches("[data-remove]")) {
      const used = [...form.querySelectorAll("textarea[data-section]")].some((one) => one.value.includes(`{figure:${field("key").value}}`));
      if (used && !window.confirm("正文里还用着这个数字。删掉以后，请把正文里的也改掉。删吗？")) return;
      row.remove();
      form.dispatchEvent(new Event("input", { bubbles: true }));
      document.getElementById("figures-head").focus();
    }
  });

  // What was written stays in this tab until it is saved: a log-in may run out, a line may break.
  const fields = () => [...form.elements].filter((one) => one.name && !["csrf_token", "once", "revision", "looking"].includes(one.name));
  const snapshot = () => JSON.stringify(fields().map((one) => [one.name, one.value]));
  const shown = snapshot();
  const stored = sessionStorage.getItem(key);
  const saved = document.querySelector(".alert-success") !== null;
  if (saved || stored === shown) sessionStorage.removeItem(key);
  else if (stored && !document.getElementById("faults")) kept.hidden = false;
  kept.addEventListener("click", (event) => {
    if (event.target.matches("[data-restore]")) {
      new Map(JSON.parse(stored)).forEach((value, name) => { const one = form.elements.namedItem(name); if (one) one.value = value; });
      form.querySelectorAll("textarea[data-section]").forEach(grow);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.target.matches("[data-forget]")) sessionStorage.removeItem(key);
    else return;
    kept.hidden = true;
    form.querySelector("input:not([type=hidden])").focus();
  });
  form.addEventListener("input", () => { isDirty = true; sessionStorage.setItem(key, snapshot()); });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  // A look in another window is no sending: the form can still be saved afterwards.
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    if (event.submitter && event.submitter.formTarget === "_blank") {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    } else isDirty = false;
  });
  const faults = document.getElementById("faults");
  if (faults) { isDirty = true; faults.focus(); }
})();
