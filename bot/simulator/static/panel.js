// The panel beside the phone: the switches, every try on the line, every call to the API.
import { $, agoOf, el, secondOf, toast } from "./dom.js";
import { act, post } from "./net.js";

const MODES = { plain: "明文", compat: "兼容", safe: "安全" };
const STATES = {
  held: ["扣住了", "wait"], waiting: ["等回复", "wait"], answered: ["回复了", "good"],
  silent: ["收下，没有回复", "good"], bad: ["回复用不了", "bad"], lost: ["没等到", "bad"],
};
const OUTCOMES = { waiting: "…", came: "", error: "出错", "hung up": "等不及，挂断", "no connection": "连不上" };
const FAILURES = { 500: "出错，没办", "500-after": "办了，却回出错", drop: "断线，没办", "drop-after": "办了，却断线" };

const turn = (body) => post("/phone/switches", body).catch((fault) => toast(fault.message));

export function wirePanel(current) {
  for (const button of $("modes").children) button.addEventListener("click", () => turn({ mode: button.dataset.mode }));
  for (const button of $("delays").children) {
    button.addEventListener("click", () => turn({ api_delay: Number(button.dataset.delay) }));
  }
  for (const button of document.querySelectorAll("[data-fail]")) {
    button.addEventListener("click", () => turn({ fail: button.dataset.fail }));
  }
  for (const button of document.querySelectorAll("[data-answer]")) {
    button.addEventListener("click", () => turn({ answer: Number(button.dataset.answer) }));
  }
  $("clear").addEventListener("click", () => turn({ clear: true }));
  $("held").addEventListener("click", () => turn({ held: $("held").getAttribute("aria-pressed") !== "true" }));
  $("duplicate").addEventListener("click", () => turn({ duplicate: $("duplicate").getAttribute("aria-pressed") !== "true" }));
  $("token").addEventListener("click", async () => { await turn({ token: true }); toast("现在的令牌已作废"); });
  $("age").addEventListener("click", async () => {
    await act(current(), "age", { hours: 49 });
    toast("微信那边记的最后互动，往前推了49小时");
  });
  $("verify").addEventListener("click", async () => {
    const { ok } = await post("/phone/verify");
    toast(ok ? "服务器地址验证通过" : "验证没通过，请看服务器是否开着、Token 对不对");
  });
}

export function showPanel(screen, resident) {
  showSwitches(screen.switches);
  $("window").textContent = resident ? windowOf(resident, screen.now) : "";
  $("line").replaceChildren(...newestFirst(screen.line, (each) => exchange(each, screen)));
  $("calls").replaceChildren(...newestFirst(screen.calls, (each) => call(each, screen)));
  for (const [list, words] of [["line", "居民说句话，这里就能看到每一次发送。"], ["calls", "公众号服务器还没有调用过接口。"]]) {
    if (!$(list).children.length) $(list).append(el("li", { class: "empty" }, words));
  }
}

function windowOf(resident, now) {
  if (!resident.subscribed) return "没有关注，收不到客服消息";
  const last = resident.last ? `互动 ${agoOf(resident.last, now)}` : "还没互动过";
  return `${last} · 现在还能收 ${resident.left} 条客服消息`;
}

function showSwitches(switches) {
  for (const button of $("modes").children) press(button, button.dataset.mode === switches.mode);
  for (const button of $("delays").children) press(button, Number(button.dataset.delay) === switches.api_delay);
  press($("held"), switches.held);
  $("held").textContent = switches.held ? "放行" : "先扣住";
  press($("duplicate"), switches.duplicate);
  const armed = switches.faults.map((fault) => `${FAILURES[fault.what] || `答${fault.what}`}×${fault.left}`);
  $("armed").textContent = `等着下一次调用：${armed.join("、")}`;
  $("armed-box").hidden = !armed.length;
}

const press = (button, on) => button.setAttribute("aria-pressed", String(on));

function exchange(each, screen) {
  const [words, tone] = STATES[each.state] || [each.state, "wait"];
  return el("li", {},
    el("div", { class: "log-head" },
      el("time", {}, secondOf(each.at)),
      el("span", { class: "log-what" }, each.label),
      el("span", { class: `badge ${tone}` }, words)),
    el("p", { class: "log-who" }, `${nameOf(each.openid, screen)} · ${MODES[each.mode]}模式`),
    el("div", { class: "tries" }, ...each.attempts.map(attempt)),
    each.note ? el("p", { class: "note" }, each.note) : null);
}

function attempt(each) {
  const tone = { came: "good", waiting: "wait" }[each.outcome] || "bad";
  const took = each.milliseconds === null ? "" : `${each.milliseconds} ms`;
  const copy = each.copy > 1 ? "另一份 " : "";
  const words = [`${copy}第${each.number}次`, each.status, OUTCOMES[each.outcome], took].filter(Boolean).join(" · ");
  return el("span", { class: `try ${tone}` }, words);
}

const newestFirst = (list, build) => [...list].reverse().map(build);

const nameOf = (openid, screen) => screen.residents.find((each) => each.openid === openid)?.nickname ?? "";

function call(each, screen) {
  const good = each.code === 0;
  const result = each.note ? FAILURES[each.note] || each.note : good ? "成功" : `错误 ${each.code}`;
  return el("li", {},
    el("div", { class: "log-head" },
      el("time", {}, secondOf(each.at)),
      el("span", { class: "log-what mono" }, each.path.replace(/^\/cgi-bin\/(message\/)?/, "")),
      el("span", { class: `badge ${good ? "good" : "bad"}` }, result)),
    el("p", { class: "log-who" }, [nameOf(each.openid, screen), `${each.milliseconds} ms`].filter(Boolean).join(" · ")));
}
