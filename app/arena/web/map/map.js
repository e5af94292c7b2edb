// The landscape from above, with the contenders' paths over it: a map to zoom, to read off, and to choose a start on.
//
// Three layers: what stands still (ground, axes, the whole paths, faint), what moves with the step (the way so far,
// heads, arrows), and DOM above both (tooltip, crosshair, buttons).

import { drawArrows, drawLegend } from "./arrows.js";
import { GroundBitmap } from "./bitmap.js";
import { zoomButtons } from "../shared/buttons.js";
import { Crosshair } from "./crosshair.js";
import { fit } from "./fit.js";
import { number } from "../shared/format.js";
import { Gestures } from "../shared/gestures.js";
import { extent } from "../shared/ground.js";
import { drawAxes } from "./axes.js";
import { MapTip } from "./tip.js";
import { ring, star } from "../shared/marks.js";
import { make } from "../curves/panel.js";
import { drawHead, Path } from "./path.js";
import { Viewport } from "./viewport.js";

const MARGIN = { left: 58, right: 10, top: 34, bottom: 42 };
const ZOOM = 1.5; // of a button
const SETTLED = 140; // milliseconds without a movement after which the ground is painted finely

export class GroundMap {
  #app;
  #scene = null;
  #viewport = new Viewport(MARGIN);
  #bitmap = new GroundBitmap();
  #paths = [];
  #ratio = 1;
  #lowest = NaN; // height of the ground
  #frame = 0;
  #settle = 0;

  /**
   * @param {HTMLElement} element an empty positioned element, filled by the map
   * @param {object} app the theme, what is hidden, the step, and what a chosen start goes to
   */
  constructor(element, app) {
    this.element = element;
    this.#app = app;
    element.dataset.map = "";
    for (const [side, pixels] of Object.entries(MARGIN)) element.style.setProperty(`--${side}`, `${pixels}px`);
    this.still = make("canvas", "map-layer", element);
    this.still.setAttribute("aria-hidden", "true");
    this.moving = make("canvas", "map-layer", element);
    this.moving.setAttribute("role", "img");
    this.title = make("div", "map-title", element);
    this.plot = make("div", "map-plot", element);
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "application");
    this.cross = new Crosshair(this.plot, this.#viewport);
    this.tip = new MapTip(element, this.plot, this.#viewport);
    this.back = zoomButtons(element, {
      closer: () => this.zoom(ZOOM),
      farther: () => this.zoom(1 / ZOOM),
      all: () => this.reset(),
    });
    this.plot.addEventListener("blur", () => this.#setCross(null));
    new Gestures(this.plot, element, this.#acts());
  }

  setScene(scene, fresh) {
    const { map } = scene;
    this.#scene = map ? scene : null;
    this.element.inert = !map;
    if (fresh) this.#viewport.reset();
    if (fresh || !map) this.#setCross(null);
    this.title.textContent = map?.title ?? "";
    if (!map) {
      for (const canvas of [this.still, this.moving]) this.#start(canvas);
      return;
    }
    const [x, y] = [map.x.range, map.y.range];
    this.#viewport.setHome(x && y ? { x, y } : { ...fit(scene), ...(x && { x }), ...(y && { y }) });
    this.#lowest = map.grid ? extent(map.grid)[0] : NaN;
    this.plot.toggleAttribute("data-clickable", map.clickable);
    const start = map.clickable ? ", Enter starts there" : "";
    const keys = `Arrow keys move a crosshair, with Shift further${start}, Escape drops it; plus, minus and 0 zoom.`;
    this.plot.setAttribute("aria-label", `${map.title}: a map. ${keys}`);
    this.moving.setAttribute("aria-label", words(scene));
    this.resize(true);
  }

  /** @param {boolean} always also when the size is what it was */
  resize(always = false) {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = globalThis.devicePixelRatio || 1;
    const same = width === this.#viewport.width && height === this.#viewport.height && ratio === this.#ratio;
    if (!width || !height || (same && !always)) return;
    this.#ratio = ratio;
    this.#viewport.resize(width, height);
    if (!same) {
      for (const canvas of [this.still, this.moving]) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
    }
    this.repaint();
  }

  repaint() {
    if (!this.#drawable()) return;
    const { contenders, map } = this.#scene;
    const seen = contenders.filter(({ index }) => !this.#app.hidden(index));
    this.#paths = seen.map((contender) => new Path(contender, map.path, this.#viewport));
    this.#drawStill();
    this.draw(this.#app.step());
    this.back.disabled = !this.#viewport.zoomed;
    this.cross.place();
    if (!this.cross.hidden) this.#tell(this.cross.pixel, this.cross.at);
  }

  /** The way so far, the heads and the arrows. */
  draw(step) {
    if (!this.#drawable()) return;
    const { map, reference } = this.#scene;
    const { background } = this.#app.theme;
    const context = this.#start(this.moving);
    const heads = [];
    context.save();
    this.#clip(context);
    for (const path of this.#paths) {
      const head = path.head(step);
      if (!head) continue;
      heads.push(head);
      path.draw(context, background, head);
    }
    if (map.start) ring(context, this.#viewport.project(...map.start), reference, background);
    if (this.#app.arrows()) this.#arrows(context, heads);
    context.restore();
    for (const head of heads) if (this.#viewport.holds(head)) drawHead(context, head, background);
  }

  /** Where a point of the plane is on the screen, in client coordinates. */
  pixel(x, y) {
    const at = this.#viewport.project(x, y);
    const box = this.element.getBoundingClientRect();
    return { x: box.left + at.x, y: box.top + at.y };
  }

  /** Zooms by a factor around a pixel of the element, or around the middle. */
  zoom(factor, at = null) {
    this.#viewport.zoom(factor, at);
    this.#moved();
  }

  reset() {
    this.#viewport.reset();
    this.#moved();
  }

  /** What gestures mean here. */
  #acts() {
    return {
      grab: () => this.#setCross(null),
      pan: (right, down) => {
        this.#viewport.pan(right, down);
        this.#moved();
      },
      zoom: (factor, at) => this.zoom(factor, at ?? this.cross.pixel),
      reset: () => this.reset(),
      zoomed: () => this.#viewport.zoomed,
      click: (at, touch) => this.#click(at, touch),
      hover: (at) => {
        if (at) this.#tell(at);
        else if (this.cross.hidden) this.tip.hide();
      },
      step: (right, up, far) => {
        this.cross.step(right, up, far, this.#scene.map.start);
        this.#tell(this.cross.pixel, this.cross.at);
      },
      enter: () => {
        const chosen = this.#scene.map.clickable && this.cross.at;
        if (chosen) this.#app.start(chosen.x, chosen.y);
        return Boolean(chosen);
      },
      escape: () => {
        const there = !this.cross.hidden;
        this.#setCross(null);
        return there;
      },
    };
  }

  #click(at, touch) {
    if (this.#scene?.map.clickable) {
      const { x, y } = this.#viewport.unproject(at);
      return () => this.#app.start(x, y);
    }
    if (touch) this.#tell(at);
    return null;
  }

  /** Draws anew at the next frame: pointers and wheels move more often than a screen draws. */
  #moved() {
    this.tip.hide();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.#settle = 0;
      if (this.#drawable()) this.#drawStill();
    }, SETTLED);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.repaint();
    });
  }

  #setCross(at) {
    this.cross.set(at);
    if (!at) this.tip.hide();
  }

  #tell(at, exact = null) {
    if (!this.#scene) return;
    this.tip.show(at, { map: this.#scene.map, lowest: this.#lowest, paths: this.#paths }, exact);
  }

  #drawable() {
    return this.#scene && this.#viewport.width > 0;
  }

  #drawStill() {
    const { map, reference } = this.#scene;
    const { left, top, width, height } = this.#viewport.box;
    const { theme } = this.#app;
    const context = this.#start(this.still);
    if (map.grid) {
      const ground = this.#bitmap.of(this.#scene, this.#viewport, this.#ratio, theme.dark, this.#settle > 0);
      context.drawImage(ground, left, top, width, height);
    }
    drawAxes(context, this.#viewport, map, theme);
    context.save();
    this.#clip(context);
    for (const path of this.#paths) path.draw(context, theme.background);
    for (const at of map.minimisers ?? []) star(context, this.#viewport.project(...at), reference, theme.background);
    context.restore();
  }

  #arrows(context, heads) {
    const { theme } = this.#app;
    const { left, top, height } = this.#viewport.box;
    const project = (x, y) => this.#viewport.project(x, y);
    drawLegend(context, heads, left + 8, top + height - 8, theme);
    for (const head of heads) {
      drawArrows(context, head.contender, head.i, project, { at: head, background: theme.background });
    }
  }

  #start(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.#viewport.width, this.#viewport.height);
    return context;
  }

  #clip(context) {
    const { left, top, width, height } = this.#viewport.box;
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
  }
}

/** What is seen, in a sentence. */
function words({ contenders, map }) {
  const ends = contenders.map(({ label: name, channels, broken }) => {
    const [xs, ys] = map.path.map((path) => channels[path]?.values ?? []);
    let k = xs.length - 1;
    while (k >= 0 && !Number.isFinite(xs[k] + ys[k])) k--;
    if (k < 0) return `${name} has no path`;
    return `${name} ${broken ? "breaks off" : "ends"} at (${number(xs[k])}, ${number(ys[k])})`;
  });
  return `${map.title}: ${ends.join("; ")}.`;
}
