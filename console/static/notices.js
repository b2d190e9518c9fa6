// WeChat's button for notices; outside WeChat, or in an old one, the page says what to do.
(() => {
  "use strict";
  const tag = document.getElementById("agree"), said = document.getElementById("said");
  const say = (words) => { said.textContent = words; };
  const without = () => say("请在微信里打开这一页。打不开也没事，您下次来说话时先告诉您。");
  if (typeof wx === "undefined" || !/MicroMessenger/i.test(navigator.userAgent)) { without(); return; }
  const { app, nonce, moment, signature } = tag.dataset;
  wx.config({ appId: app, nonceStr: nonce, timestamp: Number(moment), signature, jsApiList: [], openTagList: ["wx-open-subscribe"] });
  wx.error(without);
  document.addEventListener("WeixinOpenTagsError", without);
  tag.addEventListener("success", (event) => {
    const agreed = JSON.stringify(event.detail.subscribeDetails || "").includes("accept");
    say(agreed ? "好了，有消息就通知您。可以关上这一页。" : "没有打开通知。您下次来说话时先告诉您。");
  });
  tag.addEventListener("error", without);
})();
