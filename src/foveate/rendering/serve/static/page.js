// @ts-check
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Picture} Picture */
/** @typedef {import("./types.js").Factors} Factors */
import { Controls, element } from "./controls.js";
import { Design } from "./design.js";
import { Live } from "./live.js";
import { Stage, drag, hue } from "./stage.js";

const KEPT = 48; // pictures of the history
const find = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @param {string} path @param {object} [body] @returns {Promise<any>} what the server says, or throws {what, remedy} */
async function request(path, body) {
  let answer;
  try {
    const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    answer = await fetch(new URL(path, location.href), sent);
  } catch {
    throw { what: "the server does not answer.", remedy: "if it has ended, run foveate render --serve again and open its new address" };
  }
  const said = await answer.json();
  if (!answer.ok) throw said;
  return said;
}

/** What went wrong and what helps, or nothing. @param {{what: string, remedy: string} | null} error */
function complain(error) {
  const trouble = find("trouble");
  trouble.hidden = !error;
  trouble.querySelector("b").textContent = error?.what ?? "";
  trouble.querySelector("span").textContent = error?.remedy ?? "";
}

// Blender's state, with a clock while it works.
let state = { text: "connecting", tone: "busy" }, since = 0, lost = 0;
function tellState() {
  const seconds = state.tone === "busy" && since ? Math.floor((Date.now() - since) / 1000) : 0;
  find("worker").dataset.tone = state.tone;
  find("worker").querySelector("span").textContent = state.text + (seconds > 1 ? `, ${seconds} s` : "") + (lost ? ` · started anew ${lost}×` : "");
}
/** @param {string} text @param {"good" | "busy" | "bad"} tone */
function is(text, tone) {
  if (text !== state.text) since = Date.now();
  state = { text, tone };
  tellState();
}
setInterval(tellState, 1000);

/** @param {Picture} picture */
function facts(picture) {
  const named = (/** @type {number} */ id) => picture.objects.find((one) => one.mask_id === id)?.label.replaceAll("_", " ") ?? "";
  const dot = (/** @type {number} */ id) => { const made = element("i"); made.style.background = hue(id); return made; };
  const objects = picture.objects.map((one) => element("li", {}, dot(one.mask_id), element("b", {}, one.caption),
    element("span", {}, ` ${(100 * one.area).toFixed(1)} % of the frame, ${(100 * one.visibility).toFixed(0)} % seen`)));
  // Each pair once: that the car is then to the right of the zebra goes without saying.
  const relations = picture.relations.filter((one) => one.subject < one.object).slice(0, 12).map((one) => element("li", {}, dot(one.subject), named(one.subject), element("span", {}, ` ${one.predicate} `), dot(one.object), named(one.object)));
  find("facts").replaceChildren(element("ul", { "aria-label": "objects" }, ...objects), element("ul", { "aria-label": "relations" }, ...relations));
}

async function start() {
  const panel = await request("panel");
  const stage = new Stage();
  /** @type {Picture | null} */
  let shown = null;

  /** @param {Picture} picture */
  const show = (picture) => {
    shown = picture;
    stage.show(picture);
    find("sketch").hidden = picture.kind === "full";
    find("caption").textContent = picture.caption;
    find("fault").textContent = picture.fault && `foveate render would not keep this picture: ${picture.fault}.`;
    find("fault").hidden = !picture.fault;
    find("cost").textContent = `${picture.seconds.toFixed(1)} s · ${picture.width} px`;
    find("download").href = stage.image.src;
    find("download").hidden = false;
    facts(picture);
    document.documentElement.dataset.shown = String(picture.n);
  };

  /** @param {Message} message */
  const hear = (message) => {
    if (message.kind === "worker") {
      lost = message.lost;
      if (message.state === "starting") is("starting Blender", "busy");
      else if (message.state === "rendering") is("rendering", "busy");
      else is("ready", "good");
    } else if (message.kind === "error") {
      complain(message);
    } else if (message.kind !== "superseded") {
      complain(null);
      show(message);
      if (message.kind === "full") remember(message);
    }
    find("stage").setAttribute("aria-busy", String(live.waiting));
  };

  const live = new Live(hear, (connected) => {
    if (connected) { complain(null); is("ready", "good"); return; }
    is("no connection", "bad");
    complain({ what: "the server does not answer.", remedy: "if it has ended, run foveate render --serve again and open its new address" });
  });

  const controls = new Controls(find("controls"), panel.groups, () => {
    live.ask(controls.factors);
    find("stage").setAttribute("aria-busy", "true");
  });
  const defaults = controls.factors;

  /** Go to these factors; a picture that is known is shown at once. @param {Factors} factors @param {Picture} [known] */
  const open = (factors, known) => {
    controls.factors = factors;
    if (!known) { live.ask(factors); find("stage").setAttribute("aria-busy", "true"); return; }
    live.forget();
    complain(null);
    show(known);
    find("stage").setAttribute("aria-busy", "false");
  };

  /** @param {Picture} picture */
  const remember = (picture) => {
    const key = JSON.stringify(picture.factors);
    const list = find("history");
    [...list.children].find((item) => item.dataset.key === key)?.remove();
    const button = element("button", { type: "button", title: picture.caption }, element("img", { src: stage.image.src, alt: picture.caption }));
    button.addEventListener("click", () => open(picture.factors, picture));
    const item = element("li", {}, button);
    item.dataset.key = key;
    list.prepend(item);
    while (list.children.length > KEPT) list.lastElementChild?.remove();
  };

  const design = new Design((path, body) => request(path, body), defaults, open, complain);
  find("add").addEventListener("click", () => design.add(controls.factors));
  drag(find("stage"), controls);
  live.ask(controls.factors);
  Object.assign(window, { foveate: { live, controls, design, get shown() { return shown; } } }); // for the console
  document.documentElement.dataset.ready = "1";
}

start().catch((error) => complain(error.what ? error : { what: String(error), remedy: "load the page anew" }));
