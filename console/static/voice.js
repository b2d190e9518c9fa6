// WeChat's voices are AMR, which no browser plays by itself: decoded here, on this machine, when the button is pressed.
(() => {
  "use strict";
  let playing = null;
  const say = (button, words) => { button.textContent = words; };

  const stop = () => {
    if (!playing) return;
    playing.voice.stop();
    say(playing.button, playing.button.dataset.label);
    playing = null;
  };

  document.querySelectorAll("button[data-voice]").forEach((button) => {
    button.dataset.label = button.textContent;
    button.addEventListener("click", async () => {
      const again = playing && playing.button === button;
      stop();
      if (again) return;
      say(button, "正在打开…");
      const voice = new BenzAMRRecorder();
      try {
        await voice.initWithUrl(button.dataset.voice);
      } catch {
        say(button, "放不出来，请下载后听");
        return;
      }
      voice.onEnded(() => { if (playing && playing.button === button) stop(); });
      voice.play();
      playing = { button, voice };
      say(button, `停止（共${Math.max(1, Math.round(voice.getDuration()))}秒）`);
    });
  });
})();
