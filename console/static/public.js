// Large print, remembered on this phone in a cookie that the pages read too; and printing.
(() => {
  "use strict";
  const root = document.documentElement;
  const kept = () => document.cookie.split("; ").includes("large=1");
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("large");
    const show = (on) => {
      root.classList.toggle("large", on);
      button.setAttribute("aria-pressed", String(on));
      button.textContent = "大字";
    };
    const press = (event) => {
      event.preventDefault();
      const on = !root.classList.contains("large");
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `large=${on ? 1 : 0}; path=${button.dataset.path}; max-age=${on ? 31536000 : 0}; samesite=lax${secure}`;
      show(on);
    };
    if (button) {
      button.hidden = false;
      show(kept());
      button.addEventListener("click", press);
      button.addEventListener("keydown", (event) => { if (event.key === " ") press(event); });
    }
    const print = document.getElementById("print");
    if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
  });
  root.classList.toggle("large", kept());
})();
