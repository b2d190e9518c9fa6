// The consent page of one template, opened by a link: /consent?openid=…&template_id=…
import { $, el } from "./dom.js";
import { act, getScreen } from "./net.js";
import { consentBlock } from "./sheets.js";

const given = new URLSearchParams(location.search);
const openid = given.get("openid") || "";
const templateId = given.get("template_id") || "";
const box = $("consent");

async function show(done = "") {
  const screen = await getScreen(openid, null);
  const resident = screen.residents.find((each) => each.openid === openid);
  if (!resident || !templateId) {
    box.replaceChildren(el("h1", {}, "打不开这个页面"), el("p", {}, "链接不完整。请回到聊天里再点一次。"));
    return;
  }
  const template = screen.templates.find((each) => each.template_id === templateId)
    || { template_id: templateId, title: "服务通知", long_term: true };
  box.replaceChildren(
    el("h1", {}, "要不要接收通知？"),
    el("p", {}, `${resident.nickname}，公众号申请给您发这条通知：`),
    consentBlock(template, resident.consents[templateId], choose),
    el("p", { class: "done", role: "status" }, done));
}

async function choose(choice) {
  await act(openid, "consent", choice);
  setTimeout(() => show("好了，可以关掉这一页，回到聊天。"), 200);
}

show();
