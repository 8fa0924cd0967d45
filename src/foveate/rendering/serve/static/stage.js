// @ts-check
/** @typedef {import("./types.js").Seen} Seen */
import { element } from "./controls.js";

/** Colours of the objects' masks, boxes and names, told apart with and without full colour vision (Okabe and Ito). */
export const HUES = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2"];
/** @param {number} id  of a mask, from 1 */
export const hue = (id) => HUES[(id - 1) % HUES.length];
const NOTHING = 65535;
/** From far to near: the reports' ramp for heat maps on a dark page. */
const RAMP = ["#171c23", "#17304a", "#19507f", "#2a78b5", "#5aa2d8", "#9ccbee", "#e2f2fd"].map(rgb);

/** @param {string} text  #rrggbb @returns {number[]} */
function rgb(text) {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

/** @param {number} share  from 0, far, to 1, near */
function ramp(share) {
  const at = Math.min(share, 0.9999) * (RAMP.length - 1), low = Math.floor(at);
  return RAMP[low].map((from, k) => from + (at - low) * (RAMP[low + 1][k] - from));
}

/** @param {string} text  base64 @returns {Uint8Array<ArrayBuffer>} */
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** The picture, what lies over it, and what is under the pointer. */
export class Stage {
  constructor() {
    const find = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
    this.box = find("stage");
    this.image = find("image");
    this.canvas = find("overlay");
    this.boxes = find("boxes");
    this.reading = find("reading");
    /** @type {Seen | null} */
    this.seen = null;
    this.mask = new Uint8Array();
    this.depth = new Uint16Array();
    /** @type {Record<string, HTMLButtonElement>} */
    this.toggles = { mask: find("show-mask"), depth: find("show-depth"), boxes: find("show-boxes") };
    for (const toggle of Object.values(this.toggles)) {
      toggle.addEventListener("click", () => {
        toggle.setAttribute("aria-pressed", String(!this.on(toggle)));
        this.draw();
      });
    }
    this.box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.read(event));
    this.box.addEventListener("pointerleave", () => { this.reading.hidden = true; });
  }

  /** @param {HTMLButtonElement} toggle */
  on(toggle) {
    return toggle.getAttribute("aria-pressed") === "true";
  }

  /** @param {Seen} seen */
  show(seen) {
    this.seen = seen;
    this.mask = bytes(seen.mask);
    this.depth = new Uint16Array(bytes(seen.depth).buffer);
    this.image.src = `data:image/png;base64,${seen.image}`;
    this.image.alt = seen.caption;
    this.draw();
  }

  draw() {
    if (!this.seen) return;
    const { width, height } = this.seen;
    const context = this.canvas.getContext("2d");
    this.canvas.width = width;
    this.canvas.height = height;
    const pixels = context.createImageData(width, height);
    if (this.on(this.toggles.depth)) this.paintDepth(pixels.data);
    if (this.on(this.toggles.mask)) this.paintMask(pixels.data);
    context.putImageData(pixels, 0, 0);
    this.paintBoxes(this.on(this.toggles.boxes));
  }

  /** Near is light, far is dark, the sky is black; even steps are even steps of 1 / distance. @param {Uint8ClampedArray} data */
  paintDepth(data) {
    const known = this.depth.filter((value) => value < NOTHING).map((value) => Math.max(value, 1));
    const near = 1 / known.reduce((least, value) => Math.min(least, value), NOTHING);
    const far = 1 / known.reduce((most, value) => Math.max(most, value), 1);
    this.depth.forEach((value, at) => {
      const share = (1 / Math.max(value, 1) - far) / (near - far || 1);
      data.set(value === NOTHING ? [0, 0, 0, 255] : [...ramp(share), 255], 4 * at);
    });
  }

  /** @param {Uint8ClampedArray} data */
  paintMask(data) {
    const colours = HUES.map(rgb);
    const opaque = this.on(this.toggles.depth) ? 0.55 : 0.62;
    this.mask.forEach((id, at) => {
      if (!id) return;
      const colour = colours[(id - 1) % colours.length];
      const under = data[4 * at + 3] ? [data[4 * at], data[4 * at + 1], data[4 * at + 2]] : null;
      data.set(under ? [...colour.map((c, k) => c * opaque + under[k] * (1 - opaque)), 255] : [...colour, 255 * opaque], 4 * at);
    });
  }

  /** @param {boolean} shown */
  paintBoxes(shown) {
    this.boxes.replaceChildren();
    for (const tag of this.box.querySelectorAll(".tag")) tag.remove();
    if (!this.seen || !shown) return;
    const { width, height, objects } = this.seen;
    this.boxes.setAttribute("viewBox", `0 0 ${width} ${height}`);
    for (const { box, label, mask_id } of objects) {
      const [x0, y0, x1, y1] = box;
      for (const kind of ["under", "over"]) {
        const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [key, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: kind })) rect.setAttribute(key, String(value));
        if (kind === "over") rect.style.stroke = hue(mask_id);
        this.boxes.append(rect);
      }
      const tag = element("span", { className: "tag" }, label.replaceAll("_", " "));
      tag.style.background = hue(mask_id);
      tag.style.left = `${(100 * x0) / width}%`;
      tag.style.top = `${(100 * y0) / height}%`;
      this.box.append(tag);
    }
  }

  /** @param {PointerEvent} event */
  read(event) {
    if (!this.seen || event.buttons) return;
    const { width, height, objects } = this.seen;
    const frame = this.box.getBoundingClientRect();
    const x = Math.floor(((event.clientX - frame.left) / frame.width) * width);
    const y = Math.floor(((event.clientY - frame.top) / frame.height) * height);
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const id = this.mask[y * width + x], metres = this.depth[y * width + x];
    const what = objects.find((one) => one.mask_id === id)?.label.replaceAll("_", " ") ?? "background";
    this.reading.textContent = `${what} · ${metres === NOTHING ? "no depth" : `${(metres / 100).toFixed(2)} m`} · ${x}, ${y}`;
    this.reading.hidden = false;
  }
}

/**
 * Turn and tilt the camera by dragging the picture, move it by a pinch or Ctrl and the wheel; sliders do the same for the keyboard.
 * @param {HTMLElement} box
 * @param {import("./controls.js").Controls} controls
 */
export function drag(box, controls) {
  const move = (/** @type {string} */ name, /** @type {number} */ by, wrap = false) => {
    const one = controls.all.get(name);
    if (!one) return;
    const { low = 0, high = 0, step = 1 } = one.control;
    let to = Number(one.get()) + by;
    to = wrap ? ((((to - low) % (high - low)) + high - low) % (high - low)) + low : Math.min(Math.max(to, low), high);
    one.set(Number((Math.round(to / step) * step).toFixed(6)));
    controls.tell(name);
  };
  box.addEventListener("pointerdown", (event) => { if (event.button === 0) { box.setPointerCapture(event.pointerId); event.preventDefault(); } });
  box.addEventListener("pointermove", (event) => {
    if (!box.hasPointerCapture(event.pointerId)) return;
    if (event.movementX) move("camera_yaw", -event.movementX / 2, true);
    if (event.movementY) move("camera_pitch", event.movementY / 3);
  });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // the wheel alone scrolls the page; a pinch comes as a wheel with Ctrl
    event.preventDefault();
    move("camera_distance", Math.sign(event.deltaY) * 0.2);
  }, { passive: false });
}
