// The landscape from above, with the contenders' paths over it: a map to zoom, to read off, and to choose a start on.
//
// Three layers: what stands still (ground, axes, the whole paths, faint), what moves with the step (the way so far,
// heads, arrows), and DOM above both (tooltip, crosshair, buttons).

import { zoomButtons } from "../shared/buttons.js";
import { clip, Layers } from "../shared/canvas.js";
import { add } from "../shared/dom.js";
import { Gestures, KEY_ZOOM } from "../shared/gestures.js";
import { heightRange } from "../shared/ground.js";
import { ring, star } from "../shared/marks.js";
import { drawArrows } from "./arrows.js";
import { drawAxes } from "./axes.js";
import { GroundBitmap } from "./bitmap.js";
import { Crosshair } from "./crosshair.js";
import { fit } from "./fit.js";
import { drawHead, Path } from "./path.js";
import { MapTip } from "./tip.js";
import { Viewport } from "./viewport.js";
import { inWords } from "./words.js";

/**
 * @import { App, Part, Scene, SceneMap, XY } from "../shared/types.d.ts"
 * @import { Acts, Hand } from "../shared/gestures.js"
 * @import { Ranges } from "./viewport.js"
 */

/** @typedef {Scene & { map: SceneMap }} MappedScene */

const MARGIN = { left: 58, right: 10, top: 34, bottom: 42 }; // pixels
const SETTLED = 140; // milliseconds without a movement after which the ground is painted finely

/** @implements {Part} */
export class GroundMap {
  #element;
  #app;
  /** @type {MappedScene | null} */
  #scene = null;
  #viewport = new Viewport(MARGIN);
  #bitmap = new GroundBitmap();
  /** @type {Path[]} */
  #paths = [];
  #lowest = NaN; // height of the ground
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} set while the map is being moved */
  #settle;

  /**
   * @param {HTMLElement} element an empty positioned element, filled by the map
   * @param {App} app
   */
  constructor(element, app) {
    this.#element = element;
    this.#app = app;
    element.dataset.map = "";
    for (const [side, pixels] of Object.entries(MARGIN)) element.style.setProperty(`--${side}`, `${pixels}px`);
    this.still = add(element, "canvas", "map-layer", { "aria-hidden": "true" });
    this.moving = add(element, "canvas", "map-layer", { role: "img" });
    this.layers = new Layers(this.still, this.moving);
    this.title = add(element, "div", "map-title");
    this.plot = add(element, "div", "map-plot", { tabindex: 0, role: "application" });
    this.cross = new Crosshair(this.plot, this.#viewport);
    this.tip = new MapTip(element, this.plot, this.#viewport);
    this.back = zoomButtons(element, {
      closer: () => this.zoom(KEY_ZOOM),
      farther: () => this.zoom(1 / KEY_ZOOM),
      all: () => this.reset(),
    });
    this.plot.addEventListener("blur", () => this.#setCross(null));
    new Gestures(this.plot, element, this.#acts());
  }

  /**
   * @param {Scene} scene
   * @param {boolean} fresh
   */
  setScene(scene, fresh) {
    const { map } = scene;
    this.#scene = map ? { ...scene, map } : null;
    this.#element.inert = !map;
    if (fresh) this.#viewport.reset();
    if (fresh || !map) this.#setCross(null);
    this.title.textContent = map?.title ?? "";
    if (!this.#scene || !map) {
      for (const canvas of [this.still, this.moving]) this.layers.clear(canvas);
      return;
    }
    const [x, y] = [map.x.range, map.y.range];
    this.#viewport.setHome(x && y ? { x, y } : { ...fit(this.#scene), ...(x && { x }), ...(y && { y }) });
    this.#lowest = map.grid ? heightRange(map.grid.height)[0] : NaN;
    this.plot.toggleAttribute("data-clickable", map.clickable);
    const start = map.clickable ? ", Enter starts there" : "";
    const keys = `Arrow keys move a crosshair, with Shift further${start}, Escape drops it; plus, minus and 0 zoom.`;
    this.plot.setAttribute("aria-label", `${map.title}: a map. ${keys}`);
    this.moving.setAttribute("aria-label", inWords(this.#scene));
    this.#measure();
    this.repaint();
  }

  resize() {
    if (this.#measure()) this.repaint();
  }

  repaint() {
    const scene = this.#drawable();
    if (!scene) return;
    const seen = scene.contenders.filter(({ index }) => !this.#app.hidden(index));
    this.#paths = seen.map((contender) => new Path(contender, scene.map.path, this.#viewport));
    this.#drawStill(scene);
    this.draw(this.#app.step());
    this.back.disabled = !this.#viewport.zoomed;
    this.#element.toggleAttribute("data-zoomed", this.#viewport.zoomed);
    this.cross.place();
    if (this.cross.pixel) this.#tell(this.cross.pixel, this.cross.at);
  }

  /**
   * Draws the way so far, the heads and the arrows.
   * @param {number} step
   */
  draw(step) {
    const scene = this.#drawable();
    if (!scene) return;
    const { map, reference } = scene;
    const { background } = this.#app.theme;
    const context = this.layers.clear(this.moving);
    const heads = [];
    context.save();
    clip(context, this.#viewport.box);
    for (const path of this.#paths) {
      const head = path.head(step);
      if (!head) continue;
      heads.push(head);
      path.draw(context, background, head);
    }
    if (map.start) ring(context, this.#viewport.project(...map.start), { colour: reference, casing: background });
    if (this.#app.arrows()) drawArrows(context, heads, this.#viewport, this.#app.theme);
    context.restore();
    for (const head of heads) if (this.#viewport.holds(head)) drawHead(context, head, background);
  }

  /**
   * Where a point of the plane is on the screen, in client coordinates; for a test.
   * @param {number} x
   * @param {number} y
   */
  pixel(x, y) {
    const at = this.#viewport.project(x, y);
    const box = this.#element.getBoundingClientRect();
    return { x: box.left + at.x, y: box.top + at.y };
  }

  /**
   * Zooms by a factor around a pixel of the element, or around the middle.
   * @param {number} factor
   * @param {XY | null} at
   */
  zoom(factor, at = null) {
    this.#viewport.zoom(factor, at);
    this.#moved();
  }

  reset() {
    this.#viewport.reset();
    this.#moved();
  }

  /** What is zoomed to; null: all of the plane. */
  get part() {
    return this.#viewport.part;
  }

  /** @param {Ranges | null} part null: all of it */
  show(part) {
    this.#viewport.show(part);
    this.repaint();
  }

  /**
   * What gestures mean here.
   * @returns {Acts}
   */
  #acts() {
    /**
     * @param {number} right
     * @param {number} down
     */
    const pan = (right, down) => {
      this.#viewport.pan(right, down);
      this.#moved();
    };
    return {
      press: () => this.#setCross(null),
      drag: pan,
      pinch: (factor, before, now) => {
        pan(now.x - before.x, now.y - before.y);
        this.zoom(factor, now);
      },
      zoom: (factor, at) => this.zoom(factor, at ?? this.cross.pixel),
      reset: () => this.reset(),
      zoomed: () => this.#viewport.zoomed,
      click: (at, hand) => this.#click(at, hand),
      hover: (at) => {
        if (at) this.#tell(at);
        else if (!this.cross.at) this.tip.hide();
      },
      arrow: (right, up, far) => {
        this.cross.step(right, up, far, this.#scene?.map.start ?? null);
        if (this.cross.pixel) this.#tell(this.cross.pixel, this.cross.at);
        return true;
      },
      enter: () => {
        const start = this.#scene?.map.clickable ? this.cross.at : null;
        if (start) this.#app.start(start.x, start.y);
        return start !== null;
      },
      escape: () => {
        const there = this.cross.at !== null;
        this.#setCross(null);
        return there;
      },
    };
  }

  /**
   * @param {XY} at
   * @param {Hand} hand
   */
  #click(at, { touch }) {
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
      this.#settle = undefined;
      const scene = this.#drawable();
      if (scene) this.#drawStill(scene);
    }, SETTLED);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.repaint();
    });
  }

  /** @param {XY | null} at */
  #setCross(at) {
    this.cross.set(at);
    if (!at) this.tip.hide();
  }

  /**
   * Says what is at a pixel; `exact` is its point where that is known.
   * @param {XY} at
   * @param {XY | null} exact
   */
  #tell(at, exact = null) {
    if (this.#scene) this.tip.show(at, this.#scene.map, this.#lowest, this.#paths, exact);
  }

  /** The scene, where it has a map and the map a size. */
  #drawable() {
    return this.#viewport.width > 0 ? this.#scene : null;
  }

  /** Takes the element's size, if it has one; returns whether it is another than before. */
  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#element;
    if (!width || !height || !this.layers.resize(width, height)) return false;
    this.#viewport.resize(width, height);
    return true;
  }

  /** @param {MappedScene} scene */
  #drawStill({ map, ground, reference }) {
    const { left, top, width, height } = this.#viewport.box;
    const { theme } = this.#app;
    const context = this.layers.clear(this.still);
    const { grid } = map;
    if (grid) {
      const moving = this.#settle !== undefined;
      const bitmap = this.#bitmap.of({ ...map, grid }, ground, this.#viewport, this.layers.ratio, theme.dark, moving);
      context.drawImage(bitmap, left, top, width, height);
    }
    drawAxes(context, this.#viewport, map, theme);
    context.save();
    clip(context, this.#viewport.box);
    for (const path of this.#paths) path.draw(context, theme.background);
    const paint = { colour: reference, casing: theme.background };
    for (const at of map.minimisers) star(context, this.#viewport.project(...at), paint);
    context.restore();
  }
}
