// Small helpers for building the page. Texts are always set as text, never as HTML.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const zone = { timeZone: "Asia/Shanghai", hour12: false };
const clock = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("zh-CN", { ...zone, month: "long", day: "numeric" });

export const secondOf = (epoch) => second.format(new Date(epoch * 1000));

export function momentOf(epoch, now) {
  const [then, today] = [new Date(epoch * 1000), new Date(now * 1000)];
  const sameDay = day.format(then) === day.format(today);
  return sameDay ? clock.format(then) : `${day.format(then)} ${clock.format(then)}`;
}

export function agoOf(epoch, now) {
  const minutes = Math.floor((now - epoch) / 60);
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes}分钟前`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)}小时前`;
  return `${Math.floor(minutes / 60 / 24)}天前`;
}

const openable = (url) => /^https?:\/\//.test(url);

export function openLink(url) {
  if (openable(url)) window.open(url, "_blank", "noopener,noreferrer");
}

export function webLink(url, ...children) {
  if (!openable(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

let toastTimer = 0;
export function toast(words) {
  const box = $("toast");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 2600);
}
