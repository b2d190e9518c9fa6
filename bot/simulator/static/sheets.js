// The sheets that rise from the bottom of the phone: voice, place, link, consent.
import { $, el } from "./dom.js";

let before = null;

export function closeSheet() {
  $("sheet").hidden = true;
  $("sheet-back").hidden = true;
  if (before) before.focus();
  before = null;
}

function openSheet(title, ...children) {
  before = document.activeElement;
  const close = el("button", { class: "icon close-sheet", "aria-label": "关闭", onclick: closeSheet }, "×");
  $("sheet").replaceChildren(el("header", {}, el("h2", { id: "sheet-title" }, title), close), ...children);
  $("sheet").hidden = false;
  $("sheet-back").hidden = false;
  const first = $("sheet").querySelector("input, textarea, button:not(.close-sheet)");
  if (first) first.focus();
}

export function wireSheets() {
  $("sheet-back").addEventListener("click", closeSheet);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !$("sheet").hidden) closeSheet();
  });
}

function form(fields, sendLabel, onSend) {
  const inputs = fields.map(([name, label, value, options = {}]) => {
    const input = el(options.rows ? "textarea" : "input", { id: `f-${name}`, name, ...options });
    input.value = value;
    return el("label", { class: "field" }, label, input);
  });
  const box = el("form", { class: "sheet-form", autocomplete: "off" }, ...inputs, el("button", { class: "main" }, sendLabel));
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    onSend(Object.fromEntries(new FormData(box)));
    closeSheet();
  });
  return box;
}

export function askVoice(send) {
  const fields = [
    ["seconds", "说了几秒", "4", { type: "number", min: 1, max: 60 }],
    ["recognition", "识别出的文字（微信正在取消识别，可以不填）", "", { rows: 2, maxlength: 300 }],
  ];
  openSheet("发语音", form(fields, "发送语音", (given) => send({
    seconds: Math.min(Math.max(Number(given.seconds) || 4, 1), 60),
    recognition: given.recognition.trim(),
  })));
}

export function askLocation(send) {
  const fields = [
    ["label", "地点", "吉林省吉林市永吉县口前镇", { maxlength: 100, required: true }],
    ["latitude", "纬度", "43.674", { type: "number", step: "any", required: true }],
    ["longitude", "经度", "126.501", { type: "number", step: "any", required: true }],
  ];
  openSheet("发位置", form(fields, "发送位置", (given) => send({
    label: given.label, latitude: Number(given.latitude), longitude: Number(given.longitude),
  })));
}

export function askLink(send) {
  const fields = [
    ["title", "标题", "群里看到的通知", { maxlength: 64, required: true }],
    ["url", "网址", "https://example.com/notice", { type: "url", required: true }],
    ["description", "说明", "大家帮我看看是不是真的", { maxlength: 100 }],
  ];
  openSheet("分享链接", form(fields, "发送链接", send));
}

export function askConsent(templates, consents, send) {
  const lead = el("p", { class: "lead" }, "公众号申请给您发送以下通知。您可以随时改主意。");
  const blocks = templates.map((template) => consentBlock(template, consents[template.template_id], send));
  const fields = [["template_id", blocks.length ? "另一个模板的编号" : "模板编号", "", { required: true, maxlength: 80 }]];
  const add = form(fields, "允许一次", (given) => send({ template_id: given.template_id.trim(), choice: "once" }));
  openSheet("通知授权", lead, ...blocks, el("details", { open: blocks.length === 0 }, el("summary", {}, "按编号授权"), add));
}

export function consentBlock(template, given, send) {
  const choose = (choice, label, kind) => el("button", {
    class: kind,
    onclick: () => { send({ template_id: template.template_id, choice }); closeSheetIfAny(); },
  }, label);
  return el("div", { class: "consent" },
    el("strong", {}, template.title),
    el("code", {}, template.template_id),
    el("small", {}, stateOf(given)),
    el("div", { class: "wrap" },
      choose("once", "允许一次", "main"),
      template.long_term ? choose("always", "总是允许", "main soft") : null,
      choose("refuse", "拒绝", "quiet"),
      given && (given.always || given.once) ? choose("withdraw", "在设置里关掉", "quiet") : null));
}

function closeSheetIfAny() {
  if ($("sheet")) closeSheet();
}

function stateOf(given) {
  if (given && given.always) return "现在：总是允许";
  if (given && given.once) return `现在：还能收 ${given.once} 条`;
  return "现在：没有授权";
}
