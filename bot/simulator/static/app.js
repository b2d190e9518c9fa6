// The page: who holds the phone, and a look at the simulator about once a second.
import { clearChat, scrollToEnd, showEntries, whenTapped } from "./chat.js";
import { showBottom, tap, wireCompose } from "./compose.js";
import { $, el, toast } from "./dom.js";
import { getScreen, post } from "./net.js";
import { showPanel, wirePanel } from "./panel.js";

const IDLE = 1000;
const WAITING = 350;
const HIDDEN = 4000;

let openid = "";
let version = null;
let screen = null;
let timer = 0;
let asking = false;

const current = () => openid;
const resident = () => screen && screen.residents.find((each) => each.openid === openid);

function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, 60);
}

async function look() {
  if (asking) return;
  asking = true;
  const asked = openid;
  try {
    const fresh = await getScreen(asked, version);
    if (asked !== openid) return;
    if (fresh.residents) show(fresh);
  } catch {
    $("top-state").textContent = "模拟器没有回应，可能已经关了";
    version = null;
  } finally {
    asking = false;
    clearTimeout(timer);
    const wait = document.hidden ? HIDDEN : screen && screen.waiting ? WAITING : IDLE;
    timer = setTimeout(look, asked === openid ? wait : 0);
  }
}

function show(fresh) {
  screen = fresh;
  version = fresh.version;
  if (!resident() && fresh.residents.length) {
    take(remembered(fresh.residents));
    return;
  }
  showPeople(fresh.residents);
  showEntries(fresh.entries, fresh.now);
  showBottom(fresh.menu, resident());
  showPanel(fresh, resident());
  $("hello").hidden = fresh.entries.length > 0;
  const answering = fresh.waiting && !fresh.switches.held;
  const began = answering && $("typing").hidden;
  $("typing").hidden = !answering;
  if (began) scrollToEnd();
  $("top-state").textContent = stateOf();
}

function stateOf() {
  if (!resident()) return "";
  if (screen.switches.held && screen.waiting) return "消息扣住了，放行后才送出";
  if (screen.waiting) return "对方正在输入…";
  return `${resident().nickname}的手机`;
}

function remembered(residents) {
  const kept = sessionStorage.getItem("openid");
  return residents.some((each) => each.openid === kept) ? kept : residents[0].openid;
}

function take(chosen) {
  openid = chosen;
  sessionStorage.setItem("openid", chosen);
  version = null;
  clearChat(resident() ? resident().nickname : "");
  drawer("");
  soon();
}

function showPeople(residents) {
  $("people-list").replaceChildren(...residents.map((each) => el("li", {},
    el("button", { "aria-current": each.openid === openid ? "true" : "false", onclick: () => take(each.openid) },
      el("span", { class: "face me", "aria-hidden": "true" }, [...each.nickname][0]),
      el("span", { class: "person" }, el("strong", {}, each.nickname), el("small", {}, each.subscribed ? "已关注" : "没有关注"))))));
}

function drawer(name) {
  $("desk").classList.toggle("show-people", name === "people");
  $("desk").classList.toggle("show-panel", name === "panel");
}

$("open-people").addEventListener("click", () => drawer("people"));
$("open-panel").addEventListener("click", () => drawer("panel"));
$("veil").addEventListener("click", () => drawer(""));
$("close-panel").addEventListener("click", () => drawer(""));
$("new-person").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const added = await post("/phone/residents", { nickname: $("nickname").value });
    $("nickname").value = "";
    screen = await getScreen(added.openid, null);
    take(added.openid);
  } catch (fault) {
    toast(fault.message);
  }
});

whenTapped(tap);
wireCompose(current, soon, () => screen);
wirePanel(current);
look();
