// What the pages do beyond links and forms. Everything works without it except searching while typing.
(() => {
  "use strict";

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.stays !== undefined) { event.preventDefault(); return; }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      form.dataset.sent = "1";
      form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
    }
    const draft = form.querySelector("textarea[data-draft]");
    if (draft) sessionStorage.setItem(`sent:${draft.dataset.draft}`, "1");
    if (form.dataset.forget !== undefined) sessionStorage.clear();
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  // What was written survives a log-in that ran out; it stays in this tab, and goes once it was taken.
  const taken = document.querySelector(".alert-success") !== null;
  document.querySelectorAll("textarea[data-draft]").forEach((area) => {
    const key = `draft:${area.dataset.draft}`;
    const sent = `sent:${area.dataset.draft}`;
    if (sessionStorage.getItem(sent) && taken) sessionStorage.removeItem(key);
    sessionStorage.removeItem(sent);
    if (!area.value) area.value = sessionStorage.getItem(key) || "";
    area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
  });

  // An opened area of the menu closes by Escape, by a click beside it, when another is opened, and when it is left by Tab.
  const areas = () => document.querySelectorAll("details.area[open]");
  const closeOthers = (kept) => areas().forEach((area) => { if (!area.contains(kept)) area.open = false; });
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" ? document.querySelector("details.area[open]") : null;
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  // Keyboard: / to the search, arrows and j k through a list, Escape back.
  const stops = () => [...document.querySelectorAll("[data-stop]")];
  const isTyping = (element) => element.matches("input, textarea, select");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const search = document.querySelector("[data-search]");
    const here = document.activeElement;
    const inSearch = here === search;
    if (event.key === "/" && search && !isTyping(here)) { event.preventDefault(); search.focus(); search.select(); return; }
    if (event.key === "Escape" && search && stops().includes(here)) { search.focus(); search.select(); return; }
    const down = event.key === "ArrowDown" || (event.key === "j" && !isTyping(here));
    const up = event.key === "ArrowUp" || (event.key === "k" && !isTyping(here));
    const enter = event.key === "Enter" && inSearch;
    if (!(down || up || enter) || (isTyping(here) && !inSearch)) return;
    const list = stops();
    if (!list.length) return;
    const place = list.indexOf(here);
    event.preventDefault();
    if (up && place <= 0) { if (search) search.focus(); return; }
    const next = list[Math.min(list.length - 1, Math.max(0, place + (up ? -1 : 1)))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  });

  // A canned answer or a section goes to where the cursor stands in the text.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const area = document.querySelector(button.dataset.into);
    const text = document.querySelector(button.dataset.insert).textContent.trim();
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });

  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

  // A failed request of htmx says so where its answer would have stood.
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, target } = event.detail;
    if (target && xhr.status !== 401) target.innerHTML = xhr.responseText;
  });
  document.addEventListener("htmx:sendError", (event) => {
    const said = document.createElement("p");
    said.className = "wrong";
    said.textContent = "网络断了一下，没有连上。请检查网络，再试一次。";
    event.detail.target.replaceChildren(said);
  });
})();
