// The conversation: one list item an entry, appended as entries come; an entry never changes.
import { $, el, icon, momentOf, webLink } from "./dom.js";

const GAP = 5 * 60;
let lastNumber = 0;
let lastAt = 0;
let onTap = () => {};
let faceOf = "居";

export function whenTapped(handler) { onTap = handler; }

export function clearChat(nickname) {
  $("lines").replaceChildren();
  lastNumber = 0;
  lastAt = 0;
  faceOf = [...nickname][0] || "居";
}

export function showEntries(entries, now) {
  const fresh = entries.filter((entry) => entry.number > lastNumber);
  if (!fresh.length) return;
  const chat = $("chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 160 || lastNumber === 0;
  for (const entry of fresh) {
    if (entry.at - lastAt > GAP) $("lines").append(el("li", { class: "moment" }, momentOf(entry.at, now)));
    $("lines").append(line(entry));
    lastAt = entry.at;
    lastNumber = entry.number;
  }
  if (atEnd || fresh.some((entry) => entry.side === "me")) scrollToEnd();
}

export function scrollToEnd() {
  const chat = $("chat");
  chat.scrollTop = chat.scrollHeight;
}

function line(entry) {
  const { shown, side } = entry;
  if (side === "middle") return el("li", { class: `middle ${shown.kind}` }, el("span", {}, shown.text));
  const body = (BODIES[shown.kind] || unknown)(shown, side);
  if (shown.kind === "card") return el("li", { class: "whole" }, body);
  const face = el("span", { class: `face ${side}`, "aria-hidden": "true" }, side === "me" ? faceOf : "明");
  return el("li", { class: `said ${side}` }, face, body);
}

const BODIES = {
  text: (shown) => el("div", { class: "bubble" }, ...shown.segments.map(segment)),
  image: (shown) => {
    const picture = el("img", { src: `/phone/media/${shown.media_id}`, alt: "照片" });
    picture.addEventListener("load", scrollToEnd);
    const open = el("button", { class: "picture", "aria-label": "放大照片" }, picture);
    open.addEventListener("click", () => open.classList.toggle("large"));
    return open;
  },
  voice: (shown, side) => voice(shown, side),
  video: (shown) => el("div", { class: "video" }, icon("play"), el("span", {}, shown.title || "视频 0:03")),
  location: (shown) => el("div", { class: "place" },
    el("div", { class: "place-name" }, shown.label || "位置"),
    el("div", { class: "place-map" }, icon("pin")),
    el("small", {}, `北纬 ${shown.point[0].toFixed(3)} · 东经 ${shown.point[1].toFixed(3)}`)),
  link: (shown) => el("div", { class: "bubble shared" },
    webLink(shown.url, shown.title || shown.url), el("small", {}, shown.description || shown.url)),
  news: (shown) => el("div", { class: "news" }, ...shown.articles.map(article)),
  music: (shown) => el("div", { class: "bubble" }, webLink(shown.musicurl, shown.title || "音乐")),
  card: (shown) => card(shown),
};

const unknown = (shown) => el("div", { class: "bubble" }, `[${shown.kind}]`);

function segment(piece) {
  if ("tap" in piece) {
    return el("button", { class: "tap", onclick: () => onTap(piece.tap) }, piece.text);
  }
  return piece.url ? webLink(piece.url, piece.text) : document.createTextNode(piece.text);
}

function voice(shown, side) {
  const seconds = shown.seconds || 4;
  const play = el("button", { class: "bubble voice", "aria-label": `语音，${seconds}秒` }, icon("wave"), `${seconds}″`);
  play.style.minWidth = `${Math.min(76 + seconds * 6, 220)}px`;
  play.addEventListener("click", () => {
    play.classList.add("playing");
    setTimeout(() => play.classList.remove("playing"), Math.min(seconds, 6) * 1000);
  });
  if (side !== "me") return play;
  const said = shown.said ? `识别出：${shown.said}` : "没有识别文字";
  return el("div", { class: "voice-box" }, play, el("small", {}, said));
}

function article(item) {
  const title = el("strong", {}, item.title);
  return webLink(item.url, el("div", { class: "article" }, title, el("p", {}, item.description), el("small", {}, "查看全文")));
}

function card(shown) {
  const rows = shown.rows.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)]);
  return el("article", { class: "card" },
    el("header", {}, el("span", {}, shown.source), el("strong", {}, shown.title)),
    el("dl", {}, ...rows),
    shown.url ? el("footer", {}, webLink(shown.url, "查看详情")) : null);
}
