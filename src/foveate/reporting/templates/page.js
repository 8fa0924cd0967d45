(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const complain = (text) => { root.dataset.errors = (root.dataset.errors || "") + text + "\n"; };
  addEventListener("error", (event) => complain(event.message));
  addEventListener("unhandledrejection", (event) => complain(String(event.reason)));

  // Light or dark: the system's choice until the reader makes one, kept where the browser lets us.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const keep = (value) => { try { value ? localStorage.setItem("foveate-theme", value) : 0; return localStorage.getItem("foveate-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const kept = keep();
  if (kept) root.dataset.theme = kept;
  const views = new Set();
  const shade = (dark) => views.forEach((view) => { try { view.signal("dark", dark).run(); } catch { /* a chart without that signal has no shades of its own */ } });
  system.addEventListener("change", () => shade(isDark()));
  all(".theme").forEach((button) => button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    keep(root.dataset.theme);
    shade(isDark());
  }));

  // Charts: the still drawing gives way to the live one, when its place can be seen.
  async function draw(figure) {
    if (figure.dataset.chart) return;
    figure.dataset.chart = "drawing";
    const canvas = figure.querySelector(".canvas");
    const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const live = document.createElement("div");
    live.className = "live";
    canvas.append(live);
    try {
      // The interpreter (ast) evaluates Vega's expressions without eval, which the page's policy forbids.
      const options = { renderer: "svg", actions: false, ast: true, tooltip: { theme: "foveate" } };
      const { view } = await window.vegaEmbed(live, spec, options);
      all(":scope > svg", canvas).forEach((still) => still.remove());
      views.add(view);
      if ((spec.params || []).some((one) => one.name === "dark") && isDark()) await view.signal("dark", true).runAsync();
      figure.dataset.chart = "drawn";
    } catch (error) {
      live.remove();
      figure.dataset.chart = "still";
      complain(`${figure.id}: ${error}`);
    }
  }
  const closed = (figure) => { for (let box = figure.closest("details"); box; box = box.parentElement.closest("details")) if (!box.open) return true; return false; };
  const drawVisible = async () => { for (const figure of all("[data-chart]")) if (!closed(figure)) await draw(figure); root.dataset.ready = "1"; };
  all("details").forEach((box) => box.addEventListener("toggle", () => { if (box.open) drawVisible(); }));
  drawVisible();

  // Tables: a click on a heading sorts by it, a second one the other way round.
  all("figure.table table").forEach((table) => {
    const heads = all("thead th", table);
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const numeric = head.matches(".number, .interval");
      const up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !numeric;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const body = table.tBodies[0];
      const keyed = [...body.rows].map((row) => {
        const cell = row.cells[column];
        return { row, key: cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v), none: cell.textContent.trim() === "–" };
      });
      const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
      keyed.sort((a, b) => a.none - b.none || (up ? 1 : -1) * order(a.key, b.key));
      body.append(...keyed.map((one) => one.row));
    }));
  });

  all("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try { await navigator.clipboard.writeText(code.textContent); button.textContent = "copied"; } catch {
      getSelection().selectAllChildren(code); // no clipboard here: the reader's own copy takes it from the selection
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1600);
  }));

  // Pictures: enlarged in a dialog; arrows lead on within the gallery, Escape back.
  const zoom = document.querySelector("dialog.zoom");
  let frames = [], at = 0;
  const show = (index) => {
    at = (index + frames.length) % frames.length;
    const frame = frames[at], words = frame.parentElement.querySelector("p");
    zoom.querySelector(".stage").replaceChildren(...[...frame.childNodes].map((node) => node.cloneNode(true)));
    const img = zoom.querySelector("img");
    const scale = Math.min(innerWidth * 0.86 / img.width, innerHeight * 0.72 / img.height, 8);
    zoom.querySelector(".stage").style.width = `${Math.round(img.width * scale)}px`;
    zoom.querySelector("figcaption").textContent = words ? words.textContent.trim() : "";
  };
  all(".picture .frame").forEach((frame) => frame.addEventListener("click", () => {
    frames = all(".frame", frame.closest(".gallery"));
    show(frames.indexOf(frame));
    zoom.showModal();
  }));
  all("[data-go]", zoom).forEach((button) => button.addEventListener("click", () => show(at + Number(button.dataset.go))));
  zoom.querySelector("[data-close]").addEventListener("click", () => zoom.close());
  zoom.addEventListener("click", (event) => { if (event.target === zoom) zoom.close(); });
  zoom.addEventListener("keydown", (event) => { const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]; if (step) show(at + step); });

  // A link to a closed part opens it; paper shows every part, in light.
  const reveal = () => { const part = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1))); if (part) { for (let box = part.closest("details"); box; box = box.parentElement.closest("details")) box.open = true; part.scrollIntoView(); } };
  addEventListener("hashchange", reveal);
  reveal();
  let opened = [];
  addEventListener("beforeprint", () => { opened = all("details:not([open])"); opened.forEach((box) => { box.open = true; }); shade(false); });
  addEventListener("afterprint", () => { opened.forEach((box) => { box.open = false; }); shade(isDark()); });

  // The contents follow the reader; on a phone they start closed.
  const contents = document.querySelector("nav details");
  if (contents && matchMedia("(max-width: 74.9em)").matches) contents.open = false;
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  if (links.size && "IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      links.forEach((link) => link.removeAttribute("aria-current"));
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }), { rootMargin: "-12% 0px -78% 0px" });
    links.forEach((_, id) => { const part = document.getElementById(id); if (part) seen.observe(part); });
  }
})();
