// The hotline's screen by keyboard: the keys of the call, the panes fetched when first needed, and what was opened noted.
(() => {
  "use strict";
  const by = (selector, within = document) => within.querySelector(selector);
  const isTyping = (element) => element.matches("input, textarea, select");

  // F2 F4 F8 change the pane, F9 takes a call or ends it. They work while typing too.
  const toTheEnd = () => {
    const chosen = by("#outcome input:checked") || by("#outcome input");
    if (chosen) { chosen.focus(); chosen.closest("fieldset").scrollIntoView({ block: "nearest" }); }
  };
  const toThePane = (pane) => {
    if (pane.id === "pane-search") { toTheSearch(); return; }
    const holder = by("[data-src]", pane);
    if (holder && !holder.dataset.fetched) {
      holder.dataset.fetched = "1";
      htmx.ajax("GET", holder.dataset.src, { target: holder, swap: "innerHTML" });
      return;
    }
    const first = by("[autofocus]", pane) || by("input:not([type=hidden]), textarea, select, a, button", pane) || pane;
    first.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const button = /^F\d$/.test(event.key) ? by(`[data-key="${event.key}"]`) : null;
    if (button) {
      event.preventDefault();
      if (button.classList.contains("active")) toThePane(by(button.dataset.bsTarget)); else button.click();
      return;
    }
    if (event.key === "F9" && by("#outcome")) { event.preventDefault(); toTheEnd(); return; }
    const here = document.activeElement;
    if (event.key === "Escape" && isTyping(here) && !here.matches("[data-search]") && by("#tab-search")) {
      event.preventDefault();
      if (by("#pane-search.active")) toThePane(by("#pane-search")); else by("#tab-search").click();
      return;
    }
    const finding = here.closest(".finding");
    const act = finding && !isTyping(here) ? by(`form[data-act="${event.key.toLowerCase()}"] button`, finding) : null;
    if (act) { event.preventDefault(); finding.open = true; act.click(); }
  });
  document.addEventListener("shown.bs.tab", (event) => toThePane(by(event.target.dataset.bsTarget)));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-go=outcome]")) toTheEnd();
    if (event.target.closest("#filing [data-print]")) window.print();
  });
  const open = by(".tab-pane.active");
  if (open && open.id !== "pane-search") toThePane(open);
  if (new URLSearchParams(window.location.search).get("tab") === "end") toTheEnd();

  // A section counts as opened when somebody opened it, or came to it where it stood open already.
  const opened = (details) => details.dispatchEvent(new CustomEvent("opened"));
  document.addEventListener("click", (event) => {
    const details = event.target.closest(".finding > summary")?.parentElement;
    if (details && !details.open) opened(details);
  });
  document.addEventListener("focusin", (event) => {
    const details = event.target.closest(".finding");
    if (details && details.open && event.target.matches(":focus-visible")) opened(details);
  });

  // What was refused is shown in its place like any answer, so that the form goes on working.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // The outcome follows from what was done, until the agent chooses one.
  let chose = false;
  document.addEventListener("change", (event) => { if (event.target.name === "outcome") chose = true; });
  document.addEventListener("htmx:afterSettle", (event) => {
    const said = event.target.matches("[data-outcome]") ? event.target : by("[data-outcome]", event.target);
    const outcome = said && !chose ? by(`#outcome-${said.dataset.outcome}`) : null;
    if (outcome) outcome.checked = true;
    if (event.target.id === "filing") { if (said) sessionStorage.removeItem(DRAFT); fillIn(); }
    if (event.target.id === "person") stale ||= known !== (known = by("#who") !== null);
  });

  // The filing begins with what was noted of the call, or with what was written before a log-in ran out; not with another's.
  const DRAFT = "draft:call";
  document.addEventListener("input", (event) => { if (event.target.matches("#filing #text")) sessionStorage.setItem(DRAFT, event.target.value); });
  document.addEventListener("submit", (event) => { if (event.target.id === "call-form") sessionStorage.removeItem(DRAFT); });
  const fillIn = () => {
    const text = by("#text");
    const words = by("#words");
    if (!text) return;
    const kept = sessionStorage.getItem(DRAFT);
    if (kept) text.value = kept;
    else if (words && !by("#filing .wrong") && words.value.trim()) text.value = words.value;
    if (text.value.trim()) htmx.trigger(text, "change");
  };

  // Enter and the arrow that come before the answer to what was typed wait for it: they are meant for that one.
  const search = by("[data-search]");
  let typed = search ? search.value : "";
  let shown = typed;
  let wanted = false;
  if (search) search.addEventListener("input", () => { typed = search.value; });
  document.addEventListener("htmx:configRequest", (event) => { if (event.target === search?.form) event.target.dataset.asked = typed; });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "findings") return;
    shown = search.form.dataset.asked;
    if (wanted && shown === typed) { wanted = false; by("#findings [data-stop]")?.focus(); }
  });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, (event) => { if (event.target === search?.form) { shown = typed; wanted = false; } });
  }
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.activeElement !== search || !["Enter", "ArrowDown"].includes(event.key)) return;
    if (shown === typed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wanted = true;
  }, true);

  // With another person on the line, other things can be sent to their WeChat: seen anew when the agent comes back to it.
  let known = by("#caller .good") !== null;
  let stale = false;
  const toTheSearch = () => {
    search.focus();
    search.select();
    if (!stale) return;
    stale = false;
    shown = null;
    htmx.trigger(search, "input");
  };

  // How long the caller has been on the line.
  const clock = by(".call-clock");
  const tick = () => {
    const minutes = Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 60000);
    clock.textContent = minutes < 1 ? "刚接起" : minutes < 60 ? `已通话${minutes}分钟` : "还没收尾";
  };
  if (clock) { tick(); setInterval(tick, 15000); }
})();
