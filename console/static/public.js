// Large print, remembered on this phone; and printing.
(() => {
  "use strict";
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem("large") === "1"; } catch { return false; } };
  const set = (on) => {
    root.classList.toggle("large", on);
    const button = document.getElementById("large");
    if (button) { button.setAttribute("aria-pressed", String(on)); button.textContent = on ? "小字" : "大字"; }
    try { localStorage.setItem("large", on ? "1" : "0"); } catch { /* a phone that keeps nothing */ }
  };
  root.classList.toggle("large", kept());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("large");
    button.hidden = false;
    set(kept());
    button.addEventListener("click", () => set(!root.classList.contains("large")));
    const print = document.getElementById("print");
    if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
  });
})();
