// The bottom of the phone: the account's menu, typing, and everything that is not typed.
import { scrollToEnd } from "./chat.js";
import { $, el, openLink, toast } from "./dom.js";
import { act, postFile } from "./net.js";
import { passbook, publicList } from "./sample.js";
import { askConsent, askLink, askLocation, askVoice, wireSheets } from "./sheets.js";

let who = () => null;
let soon = () => {};
let screenNow = () => null;
let typing = false;
let menuShown = "";

async function send(name, body) {
  try {
    await act(who(), name, body);
    soon();
  } catch (fault) {
    toast(fault.message);
  }
}

async function sendPicture(blob) {
  try {
    await postFile(`/phone/${encodeURIComponent(who())}/image`, blob);
    soon();
  } catch (fault) {
    toast(fault.message);
  }
}

export const tap = (target) => send("tap", { target });

export function wireCompose(current, refresh, screen) {
  [who, soon, screenNow] = [current, refresh, screen];
  wireSheets();
  wireTyping();
  $("follow").addEventListener("click", () => send("subscribe"));
  $("to-typing").addEventListener("click", () => { typing = true; layOut(); $("words").focus(); });
  $("to-menu").addEventListener("click", () => { typing = false; layOut(); });
  $("voice").addEventListener("click", () => askVoice((given) => send("voice", given)));
  $("more").addEventListener("click", () => showMore($("more-grid").hidden));
  $("file").addEventListener("change", () => {
    if ($("file").files.length) sendPicture($("file").files[0]);
    $("file").value = "";
  });
  for (const button of $("more-grid").children) {
    button.addEventListener("click", () => { showMore(false); MORE[button.dataset.act](); });
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".menu-entry")) closeMenus();
  });
}

const MORE = {
  photo: () => $("file").click(),
  "sample-book": async () => sendPicture(await passbook()),
  "sample-list": async () => sendPicture(await publicList()),
  video: () => send("video"),
  location: () => askLocation((given) => send("location", given)),
  link: () => askLink((given) => send("link", given)),
  consent: () => {
    const screen = screenNow();
    const resident = screen.residents.find((each) => each.openid === who());
    askConsent(screen.templates, resident.consents, (given) => send("consent", given));
  },
  leave: () => send("unsubscribe"),
};

function wireTyping() {
  const words = $("words");
  const fit = () => {
    words.style.height = "auto";
    words.style.height = `${Math.min(words.scrollHeight, 120)}px`;
    $("typing-bar").classList.toggle("filled", words.value.trim() !== "");
  };
  const go = () => {
    const text = words.value;
    if (!text.trim()) return;
    words.value = "";
    fit();
    send("text", { text });
  };
  words.addEventListener("input", fit);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); go(); }
  });
  $("typing-bar").addEventListener("submit", (event) => { event.preventDefault(); go(); });
}

function showMore(on) {
  $("more-grid").hidden = !on;
  $("more").setAttribute("aria-expanded", String(on));
  if (on) scrollToEnd();
}

export function showBottom(menu, resident) {
  const following = Boolean(resident && resident.subscribed);
  $("follow").hidden = following;
  document.querySelector(".bottom").classList.toggle("following", following);
  const asText = JSON.stringify(menu);
  if (asText !== menuShown) {
    menuShown = asText;
    $("menu-entries").replaceChildren(...menu.map(entry));
  }
  layOut(following);
}

function layOut(following = document.querySelector(".bottom").classList.contains("following")) {
  const hasMenu = $("menu-entries").children.length > 0;
  $("menu-bar").hidden = !following || !hasMenu || typing;
  $("typing-bar").hidden = !following || (hasMenu && !typing);
  $("to-menu").hidden = !hasMenu;
  if (!following || $("typing-bar").hidden) showMore(false);
}

function entry(button) {
  const subs = button.sub_button || [];
  const box = el("div", { class: "menu-entry" });
  if (!subs.length) {
    box.append(el("button", { class: "menu-top", onclick: () => press(button) }, button.name));
    return box;
  }
  const list = el("div", { class: "menu-subs", hidden: true }, ...subs.map((sub) => el("button", {
    onclick: () => { closeMenus(); press(sub); },
  }, sub.name)));
  const top = el("button", { class: "menu-top has-subs", "aria-expanded": "false" }, button.name);
  top.addEventListener("click", () => {
    const open = list.hidden;
    closeMenus();
    list.hidden = !open;
    top.setAttribute("aria-expanded", String(open));
  });
  box.append(list, top);
  return box;
}

function closeMenus() {
  for (const list of document.querySelectorAll(".menu-subs")) list.hidden = true;
  for (const top of document.querySelectorAll(".menu-top.has-subs")) top.setAttribute("aria-expanded", "false");
}

function press(button) {
  if (button.type === "view") openLink(button.url);
  tap(button.key || button.url || button.name);
}
