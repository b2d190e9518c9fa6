// Sends a chosen file in pieces, each by itself, and says how far it is.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  const sending = document.getElementById("sending");
  const wrong = document.getElementById("wrong");
  const token = form.querySelector("input[name=csrf_token]").value;
  const PIECE = Number(form.dataset.piece);
  const TRIES = 4;
  let stop = null;

  // The page of a refusal is a fragment; what it says is its text.
  const said = async (answer) => {
    const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
    return fragment.body.textContent.trim();
  };

  class Refused extends Error {}

  const post = async (address, body, signal) => {
    const answer = await fetch(address, {
      method: "POST", body, signal, credentials: "same-origin", headers: { "X-CSRFToken": token, "HX-Request": "true" },
    });
    if (answer.headers.get("HX-Redirect")) { window.location.assign(answer.headers.get("HX-Redirect")); }
    if (answer.status >= 500) throw new Error(String(answer.status));
    if (!answer.ok) throw new Refused(await said(answer));
    return answer;
  };

  // A piece may be sent again: the desk keeps it once.
  const insistently = async (address, body, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await post(address, body, signal);
      } catch (fault) {
        if (fault instanceof Refused || signal.aborted || attempt === TRIES) throw fault;
        await new Promise((later) => setTimeout(later, 1000 * attempt));
      }
    }
  };

  const send = async (file, signal) => {
    const begun = new FormData();
    begun.set("name", file.name);
    begun.set("size", String(file.size));
    const { pieces, done } = await (await post(form.action, begun, signal)).json();
    for (let start = 0, number = 0; start < file.size; start += PIECE, number += 1) {
      await insistently(pieces + number, file.slice(start, start + PIECE), signal);
      show(Math.min(100, Math.floor((100 * (start + PIECE)) / file.size)));
    }
    const { to } = await (await insistently(done, new FormData(), signal)).json();
    window.location.assign(to);
  };

  const show = (percent) => {
    document.getElementById("sent").value = percent;
    document.getElementById("sending-words").textContent = `正在上传，${percent}%`;
  };

  const complain = (words) => {
    form.hidden = false;
    sending.hidden = true;
    wrong.textContent = words;
    wrong.hidden = false;
    document.getElementById("file").focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = document.getElementById("file").files[0];
    if (!file) return;
    if (file.size > Number(form.dataset.largest)) { complain("文件太大，网页上传不了。请分成几个文件，或请管理员在服务器上导入。"); return; }
    wrong.hidden = true;
    form.hidden = true;
    sending.hidden = false;
    show(0);
    stop = new AbortController();
    document.getElementById("stop").focus();
    try {
      await send(file, stop.signal);
    } catch (fault) {
      if (stop.signal.aborted) complain("停下了，没有传完。要导入就再选一次。");
      else complain(fault instanceof Refused ? fault.message : "网络断了，没有传完。请检查网络，再传一次。");
    }
  });
  document.getElementById("stop").addEventListener("click", () => stop.abort());
})();
