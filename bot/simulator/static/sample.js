// Sample pictures, drawn here so that no photo of anyone is needed. Names and numbers are made up.

const WIDTH = 900;
const HEIGHT = 1200;

function paper(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#8d8577";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.translate(WIDTH / 2, HEIGHT / 2);
  pen.rotate(-0.025);
  pen.translate(-WIDTH / 2, -HEIGHT / 2);
  pen.fillStyle = colour;
  pen.fillRect(60, 60, WIDTH - 120, HEIGHT - 120);
  pen.fillStyle = "#23302b";
  return { canvas, pen };
}

function write(pen, words, x, y, size, weight = 400) {
  pen.font = `${weight} ${size}px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`;
  pen.fillText(words, x, y);
}

function rule(pen, y) {
  pen.strokeStyle = "#9aa79f";
  pen.beginPath();
  pen.moveTo(100, y);
  pen.lineTo(WIDTH - 100, y);
  pen.stroke();
}

const blobOf = (canvas) => new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.82); });

export function passbook() {
  const { canvas, pen } = paper("#eef3ea");
  write(pen, "活期储蓄存折（示例）", 250, 160, 44, 700);
  write(pen, "户名 某某某   账号尾号 0000", 110, 240, 30);
  ["日期", "摘要", "金额", "余额"].forEach((head, column) => write(pen, head, 110 + column * 190, 330, 30, 700));
  rule(pen, 350);
  const rows = [["05-20", "补贴", "1,268.40", "3,015.77"], ["06-11", "补贴", "730.00", "3,745.77"], ["07-03", "现支", "-500.00", "3,245.77"]];
  rows.forEach((row, index) => {
    row.forEach((cell, column) => write(pen, cell, 110 + column * 190, 410 + index * 70, 30));
    rule(pen, 430 + index * 70);
  });
  return blobOf(canvas);
}

export function publicList() {
  const { canvas, pen } = paper("#fbf8ef");
  write(pen, "补贴资金发放公示（示例）", 190, 170, 46, 700);
  ["序号", "姓名", "面积（亩）", "金额（元）"].forEach((head, column) => write(pen, head, 120 + column * 180, 290, 32, 700));
  rule(pen, 312);
  const rows = [["1", "某某", "12.5", "1,268.40"], ["2", "某某某", "8.0", "811.78"], ["3", "某某", "15.3", "1,552.52"], ["4", "某某某", "6.7", "679.86"]];
  rows.forEach((row, index) => {
    row.forEach((cell, column) => write(pen, cell, 120 + column * 180, 380 + index * 80, 32));
    rule(pen, 402 + index * 80);
  });
  write(pen, "公示期七天，如有异议请向村委会反映。", 120, 800, 30);
  return blobOf(canvas);
}
