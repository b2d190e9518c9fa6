// Copies the words to be sent in WeChat, where the phone allows it.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("copy");
    if (!button || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        document.getElementById("copied").textContent = " 复制好了";
      } catch { document.getElementById("copied").textContent = " 没复制上，请照着写"; }
    });
  });
})();
