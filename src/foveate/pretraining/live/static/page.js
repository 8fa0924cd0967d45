// A run as it goes: what is new in its log every second, drawn as small charts. No package, no inline style.
const CHARTS = [
  ["loss", "step", { loss: "loss" }],
  ["accuracy on held-out images", "epoch", { knn: "kNN", probe: "online probe" }],
  ["RankMe", "epoch", { rankme: "backbone", rankme_projector: "projector" }],
  ["LiDAR", "epoch", { lidar: "backbone", lidar_projector: "projector" }],
  ["std of unit embeddings × √d", "epoch", { std: "backbone", std_projector: "projector" }],
  ["gradient norm", "step", { gradient_norm: "gradient" }],
  ["learning rate", "step", { lr: "learning rate" }],
  ["student and teacher agree", "step", { agreement: "cosine", momentum: "momentum" }],
  ["images a second", "step", { images_per_second: "images/s" }],
];
const W = 360, H = 180, L = 46, R = 8, T = 8, B = 22, SVG = "http://www.w3.org/2000/svg";
const lines = [];
let next = 0, draw = 0, run = null;

const byId = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function html(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function short(value) {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

function ticks(low, high) {
  const raw = (high - low) / 3, unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((each) => each >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(at);
  return found;
}

/** A chart of series, each {name, points: [[x, y], …]}; null where there is nothing to draw. */
function chart(title, series, along) {
  series = series.filter((each) => each.points.length);
  if (!series.length) return null;
  const xs = series.flatMap((s) => s.points.map((p) => p[0])), ys = series.flatMap((s) => s.points.map((p) => p[1]));
  let [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  if (x0 === x1) x1 = x0 + 1;
  if (y1 - y0 < 1e-12) [y0, y1] = [y0 - Math.max(Math.abs(y0) * 0.1, 1e-6), y1 + Math.max(Math.abs(y1) * 0.1, 1e-6)];
  const px = (x) => L + ((x - x0) / (x1 - x0)) * (W - L - R), py = (y) => T + ((y1 - y) / (y1 - y0)) * (H - T - B);
  const svg = make("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title} by ${along}` });
  for (const y of ticks(y0, y1)) {
    svg.append(make("line", { class: "grid", x1: L, x2: W - R, y1: py(y), y2: py(y) }));
    svg.append(make("text", { x: L - 6, y: py(y) + 4, "text-anchor": "end" }, short(y)));
  }
  svg.append(make("text", { x: L, y: H - 6 }, short(x0)), make("text", { x: W - R, y: H - 6, "text-anchor": "end" }, `${along} ${short(x1)}`));
  const keys = html("div", "keys");
  series.forEach((each, index) => {
    const d = each.points.map(([x, y], i) => `${i ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("");
    svg.append(make("path", { class: `s${index}`, d }));
    if (each.points.length <= 24) for (const [x, y] of each.points) svg.append(make("circle", { class: `s${index}`, cx: px(x), cy: py(y), r: 2.2 }));
    keys.append(html("span", "", html("i", `s${index}`), each.name, along === "rank" ? "" : ` ${short(each.points.at(-1)[1])}`));
  });
  return html("figure", "", html("h3", "", title), keys, svg);
}

function series(along, fields) {
  const kind = along === "step" ? (line) => line.event === "step" || line.event === "epoch" : (line) => line.event === "epoch";
  return Object.entries(fields).map(([key, name]) => ({
    name,
    points: lines.filter((line) => kind(line) && Number.isFinite(line[key])).map((line) => [line[along], line[key]]),
  }));
}

function spectrum(place) {
  const looks = lines.filter((line) => line[place]);
  const shown = [...new Set([0, looks.length >> 1, looks.length - 1])].filter((index) => looks[index]);
  return shown.map((index) => ({
    name: `epoch ${looks[index].epoch}`,
    points: looks[index][place].rank.map((rank, i) => [rank, Math.log10(Math.max(looks[index][place].value[i] ?? 0, 1e-6))]),
  }));
}

function show() {
  const made = CHARTS.map(([title, along, fields]) => chart(title, series(along, fields), along));
  made.push(chart("spectrum at the projector, log₁₀", spectrum("spectrum_projector"), "rank"));
  made.push(chart("spectrum at the backbone, log₁₀", spectrum("spectrum"), "rank"));
  byId("charts").replaceChildren(...made.filter(Boolean));
  const look = lines.findLast((line) => line.event === "epoch" && ("std" in line || line.diagnosis)), told = look?.diagnosis;
  byId("diagnosis").hidden = !told;
  byId("diagnosis").textContent = told ? `Epoch ${look.epoch}: ${told}` : "";
}

function state(tone, words) {
  byId("state").dataset.tone = tone;
  byId("state").lastElementChild.textContent = words;
}

async function views() {
  const images = await (await fetch(`views?draw=${draw++}`)).json();
  const figures = images.map((image) => {
    const figure = html("figure", "");
    image.pictures.forEach((src, index) => {
      const picture = html("img", "");
      picture.src = src;
      picture.alt = index ? `view ${index} of ${image.title}` : image.title;
      figure.append(picture);
    });
    return figure;
  });
  byId("views").replaceChildren(...figures);
}

async function read() {
  try {
    if (!run) {
      run = await (await fetch("run")).json();
      byId("title").textContent = `${run.objective} on ${run.encoder}, ${run.data}`;
      byId("folder").textContent = run.folder;
      views().catch(() => {});
    }
    const told = await (await fetch(`log?start=${next}`)).json();
    if (told.start < next) lines.length = 0;
    next = told.next;
    if (told.lines.length) {
      lines.push(...told.lines);
      show();
    }
    const last = lines.at(-1), left = lines.findLast((line) => Number.isFinite(line.seconds_left))?.seconds_left;
    const where = last ? `epoch ${last.epoch} of ${run.epochs}` : "before the first step";
    if (told.finished) state("good", "finished: the report is in the run's folder");
    else state("busy", left > 0 ? `${where}, ${left} s left` : where);
    document.documentElement.dataset.ready = "1";
    setTimeout(read, told.finished ? 10000 : told.lines.length ? 1000 : 2000);
  } catch {
    state("bad", "the run has ended, or its terminal is closed");
    setTimeout(read, 5000);
  }
}

byId("again").addEventListener("click", () => views().catch(() => {}));
read();
