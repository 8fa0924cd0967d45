// @ts-check
/** @typedef {import("./types.js").Factors} Factors */
import { element } from "./controls.js";

/** The rows that were collected, and the design that the server makes of them. */
export class Design {
  /**
   * @param {(path: string, body: object) => Promise<any>} post
   * @param {Factors} defaults
   * @param {(factors: Factors) => void} open  show a row's picture again
   * @param {(error: {what: string, remedy: string} | null) => void} complain
   */
  constructor(post, defaults, open, complain) {
    const find = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
    this.post = post;
    this.defaults = defaults;
    this.open = open;
    this.complain = complain;
    /** @type {Factors[]} */
    this.rows = [];
    this.list = find("rows");
    this.draft = find("draft");
    this.toml = find("toml");
    this.count = find("count");
    this.saved = find("saved");
    this.layout = find("layout");
    this.layout.addEventListener("change", () => this.update());
    find("save").addEventListener("click", () => this.save());
    find("clear").addEventListener("click", () => { this.rows = []; this.update(); });
  }

  /** Add a row, unless it is there already or does not hold. @param {Factors} factors */
  async add(factors) {
    if (this.rows.some((row) => JSON.stringify(row) === JSON.stringify(factors))) {
      this.saved.textContent = "This picture is in the design already.";
      return;
    }
    this.rows.push(factors);
    if (!(await this.update())) {
      this.rows = this.rows.filter((row) => row !== factors);
      this.list.lastElementChild?.remove();
      this.draft.hidden = !this.rows.length;
    }
  }

  get body() {
    return { rows: this.rows, layout: this.layout.value };
  }

  /** Show the rows, and the design as the server makes it. @returns {Promise<boolean>} whether it holds */
  async update() {
    this.saved.textContent = "";
    this.list.replaceChildren(...this.rows.map((row) => this.item(row)));
    this.draft.hidden = !this.rows.length;
    if (!this.rows.length) {
      this.count.textContent = "empty";
      return true;
    }
    const body = this.body, asked = JSON.stringify(body);
    try {
      const { toml, pictures } = await this.post("design", body);
      if (asked === JSON.stringify(this.body)) { // else a newer look is under way
        this.toml.textContent = toml;
        this.count.textContent = pictures === 1 ? "1 picture" : `${pictures.toLocaleString("en")} pictures`;
      }
      this.complain(null);
      return true;
    } catch (error) {
      this.complain(/** @type {any} */ (error));
      return false;
    }
  }

  async save() {
    try {
      const { path, command } = await this.post("design/save", this.body);
      this.saved.replaceChildren("Saved as ", element("code", {}, path), ". Render it with ", element("code", {}, command));
      this.complain(null);
    } catch (error) {
      this.complain(/** @type {any} */ (error));
    }
  }

  /** @param {Factors} row */
  item(row) {
    const told = Object.entries(row).filter(([name, value]) => name !== "world" && name !== "object" && value !== this.defaults[name]);
    const words = [String(row.object), String(row.world), ...told.map(([name, value]) => `${name} ${value}`)].join(", ").replaceAll("_", " ");
    const show = element("button", { type: "button", className: "row", title: "show it again" }, words);
    const drop = element("button", { type: "button", className: "back", "aria-label": `leave out ${words}` }, "×");
    show.addEventListener("click", () => this.open(row));
    drop.addEventListener("click", () => { this.rows = this.rows.filter((one) => one !== row); this.update(); });
    return element("li", {}, show, drop);
  }
}
