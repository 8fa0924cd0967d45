// @ts-check
/** @typedef {import("./types.js").Control} Control */
/** @typedef {import("./types.js").Factors} Factors */
/** @typedef {import("./types.js").Value} Value */

/**
 * An element with properties and children.
 * @param {string} tag
 * @param {Record<string, any>} [properties]  those with a dash are attributes
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "for") made.setAttribute(key, value);
    else /** @type {any} */ (made)[key] = value;
  }
  made.append(...children);
  return made;
}

/** @param {string} text */
const spaced = (text) => text.replaceAll("_", " ");

/** All controls; `change` is told of every change by hand. */
export class Controls {
  /**
   * @param {HTMLElement} form
   * @param {import("./types.js").Panel["groups"]} groups
   * @param {(name: string) => void} change
   */
  constructor(form, groups, change) {
    /** @type {Map<string, {control: Control, get: () => Value, set: (value: Value) => void, row: HTMLElement}>} */
    this.all = new Map();
    this.change = change;
    groups.forEach((group, index) => {
      const body = element("div", { className: "group" });
      for (const control of group.controls) body.append(this.build(control));
      const changed = element("span", { className: "changed" });
      const details = element("details", { open: index < 3 }, element("summary", {}, group.title, changed), body);
      form.append(details);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @returns {Factors} */
  get factors() {
    return Object.fromEntries([...this.all].map(([name, one]) => [name, one.get()]));
  }

  /** Show these, without telling anybody. @param {Factors} factors */
  set factors(factors) {
    for (const [name, value] of Object.entries(factors)) this.all.get(name)?.set(value);
    for (const name of this.all.keys()) this.mark(name);
  }

  /** @param {Control} control */
  build(control) {
    const { name, help } = control;
    const id = `factor-${name}`;
    const field = control.choices ? this.list(control, id) : this.slider(control, id);
    const back = element("button", { type: "button", className: "back", title: `back to ${control.default}`, "aria-label": `${spaced(name)} back to ${control.default}` }, "↺");
    const row = element("div", { className: "factor" }, element("label", { for: id, title: `${name}: ${help}` }, spaced(control.label)), ...field.nodes, back);
    this.all.set(name, { control, get: field.get, set: field.set, row });
    back.addEventListener("click", () => { field.set(control.default); this.tell(name); document.getElementById(id)?.focus(); });
    this.mark(name);
    return row;
  }

  /** @param {Control} control @param {string} id */
  list(control, id) {
    const options = (control.choices ?? []).map((value) => element("option", { value }, spaced(value)));
    const select = element("select", { id, value: control.default, "aria-description": control.help }, ...options);
    select.value = control.default;
    select.addEventListener("change", () => this.tell(control.name));
    return { nodes: [select], get: () => select.value, set: (/** @type {Value} */ value) => { select.value = value; } };
  }

  /** A slider for the useful reach, and a number for all that the factor may be. @param {Control} control @param {string} id */
  slider(control, id) {
    const { low, high, step, least, most, unit, help, whole } = control;
    const range = element("input", { type: "range", id, min: low, max: high, step, "aria-description": help });
    const number = element("input", { type: "number", min: least, max: most, step: whole ? 1 : "any", "aria-label": `${spaced(control.name)}, exactly${unit ? `, in ${unit}` : ""}` });
    const measure = element("span", { className: "measure" }, number, element("span", { className: "unit" }, unit));
    let value = control.default;
    const set = (/** @type {Value} */ to) => { value = to; range.value = String(to); number.value = String(to); };
    set(value);
    range.addEventListener("input", () => { set(Number(range.value)); this.tell(control.name); });
    number.addEventListener("change", () => { set(number.value === "" ? control.default : Number(number.value)); this.tell(control.name); });
    return { nodes: [range, measure], get: () => value, set };
  }

  /** @param {string} name */
  tell(name) {
    this.mark(name);
    this.change(name);
  }

  /** Show whether a factor, and how many of its group, are not at their default. @param {string} name */
  mark(name) {
    const one = this.all.get(name);
    if (!one) return;
    one.row.classList.toggle("moved", one.get() !== one.control.default);
    const group = one.row.closest("details");
    const count = group?.querySelectorAll(".moved").length;
    const told = group?.querySelector(".changed");
    if (told) told.textContent = count ? String(count) : "";
  }
}
