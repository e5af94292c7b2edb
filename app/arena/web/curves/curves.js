// Curves over steps: panels with one step axis, and the gestures that they share.

import { add, make } from "../shared/dom.js";
import { Gestures } from "../shared/gestures.js";
import { Axis, StepRange } from "./axis.js";
import { GUTTER } from "./frame.js";
import { widthOf } from "./names.js";
import { Panel } from "./panel.js";
import { CurvesTip, nearestStep } from "./tip.js";

/**
 * @import { App, Panel as Spec, Part, Range, Scene, XY } from "../shared/types.d.ts"
 * @import { Acts } from "../shared/gestures.js"
 */

const COLUMN = 236; // pixels, the narrowest column
const GAP = 26; // pixels between columns
const BODY = 56; // pixels, the least height of a plot between its gutters
const TALL = 146; // pixels, the height of a panel among other things
const PROSE = 150; // pixels, the height of a plot with words
const WIDEST = 0.3; // part of a panel that names at the ends of lines take at most
const SLOP = 6; // pixels that a finger may tremble before it drags
const KEY_ZOOM = 1.6; // the factor of the plus key
const STRIDES = 20; // presses of an arrow key with Shift through all steps

/**
 * All panels that `pick` takes of a scene, one above the other or in columns with words.
 * @implements {Part}
 */
export class Curves {
  steps = new StepRange();
  /** @type {Panel[]} */
  panels = [];
  #element;
  #app;
  #pick;
  #columns;
  #between;
  #prose;
  /** @type {number | undefined} the step that the tooltip tells of */
  #hovered;
  #measured = ""; // size and density that the panels are made for
  /** @type {number | undefined} */
  #request;

  /**
   * @param {HTMLElement} element empty; filled and owned by this class
   * @param {App} app
   * @param {(scene: Scene) => Spec[]} pick which panels
   * @param {{ columns?: number, between?: () => HTMLElement | null }} options the most columns there may be; with more than
   *   one, each panel has its formula and its sentence; what stands between the first panel and the others
   */
  constructor(element, app, pick, { columns = 1, between = () => null } = {}) {
    this.#element = element;
    this.#app = app;
    this.#pick = pick;
    this.#columns = columns;
    this.#between = between;
    this.#prose = columns > 1;
    this.root = add(element, "div", "curves-root", { "data-prose": this.#prose });
    const lengths = { gap: GAP, "gutter-left": GUTTER.left, "gutter-right": GUTTER.right };
    for (const [name, length] of Object.entries(lengths)) this.root.style.setProperty(`--${name}`, `${length}px`);
    this.tip = new CurvesTip(this.root);
    const label = "Show the whole run again";
    this.reset = make("button", "curves-reset", { type: "button", "aria-label": label }, "whole run");
    this.reset.addEventListener("click", () => this.show(null));
  }

  /**
   * @param {Scene} scene
   * @param {boolean} fresh
   */
  setScene(scene, fresh) {
    if (fresh) this.steps.reset();
    this.steps.limit(scene.last);
    const specs = this.#pick(scene);
    if (specs.map((spec) => spec.id).join() !== this.panels.map((panel) => panel.spec.id).join()) this.#build(specs);
    this.panels.forEach((panel, k) => panel.load(scene, specs[k]));
    this.#measured = "";
    this.resize();
  }

  /** @param {Spec[]} specs */
  #build(specs) {
    for (const panel of this.panels) panel.root.remove();
    this.panels = specs.map((spec) => new Panel(this.#app, this.steps, spec, this.#prose));
    this.root.prepend(...this.panels.map((panel) => panel.root));
    for (const panel of this.panels) {
      const options = { slop: 0, touchSlop: SLOP, along: /** @type {const} */ ("x"), keyZoom: KEY_ZOOM };
      new Gestures(panel.plot, panel.canvas, this.#acts(panel), options);
    }
    const first = this.panels[0];
    if (!first) return;
    this.settle();
    first.head.append(this.reset);
    // One stop for the Tab key: the step and the zoom are those of all panels.
    first.plot.tabIndex = 0;
    first.plot.setAttribute("role", "group");
    first.plot.setAttribute("aria-label", "Steps: arrow keys move, plus and minus zoom, 0 shows the whole run");
  }

  /** Puts what stands between the panels in its place. */
  settle() {
    const between = this.#between();
    if (between && this.panels[0]) this.panels[0].root.after(between);
    this.#measured = "";
  }

  resize() {
    const { clientWidth: width } = this.#element;
    const height = this.#between() ? this.panels.length * TALL : this.#element.clientHeight;
    const measured = [width, height, globalThis.devicePixelRatio].join();
    if (!width || !this.panels.length || measured === this.#measured) return;
    this.#measured = measured;
    const columns = columnsOf(this.panels.length, width, this.#columns);
    this.root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const each = Math.floor((width - GAP * (columns - 1)) / columns);
    const heads = this.panels.reduce((sum, panel) => sum + panel.head.offsetHeight + 4, -4);
    const gutters = this.panels.length * (GUTTER.top + GUTTER.bottom) + GUTTER.labelled - GUTTER.bottom;
    const body = Math.max(BODY, Math.floor((height - heads - gutters) / this.panels.length));
    const margin = this.#margin(each);
    this.panels.forEach((panel, k) => {
      const alone = k === 0 && this.#between() !== null;
      const labelled = this.#prose || alone || k === this.panels.length - 1;
      const bottom = labelled ? GUTTER.labelled : GUTTER.bottom;
      panel.size(each, this.#prose ? PROSE : GUTTER.top + body + bottom, labelled, margin);
    });
    this.repaint();
  }

  /**
   * Pixels on the right of all panels for the names at the ends of lines; undefined where no panel names more than one line.
   * @param {number} width of a panel
   */
  #margin(width) {
    const names = this.panels.map(({ spec }) => spec.lines.map(({ label }) => label).filter(Boolean));
    if (!names.some(({ length }) => length > 1)) return undefined;
    const longest = Math.max(...names.flat().map((name) => widthOf(name, this.#app.theme.font)));
    return Math.ceil(Math.min(longest + 14, WIDEST * width));
  }

  repaint() {
    if (!this.#measured) return;
    this.tip.hide();
    this.#hovered = undefined;
    this.reset.hidden = !this.steps.zoomed;
    for (const panel of this.panels) panel.paint();
    this.draw(this.#app.step());
  }

  /** @param {number} step */
  draw(step) {
    if (!this.#measured) return;
    for (const panel of this.panels) panel.move(step, this.#hovered);
  }

  /**
   * Where a value lies on the screen, in client coordinates; for a test.
   * @param {string} id of the panel
   * @param {number} step
   * @param {number} value
   */
  pixel(id, step, value) {
    const panel = this.panels.find(({ spec }) => spec.id === id);
    if (!panel) throw new Error(`There is no panel ${id}.`);
    const box = panel.canvas.getBoundingClientRect();
    return { x: box.left + panel.frame.x.pixel(step), y: box.top + (panel.frame.y?.pixel(value) ?? NaN) };
  }

  /**
   * Shows the steps of a range; null for all.
   * @param {Range | null} range
   */
  show(range) {
    if (range) this.steps.show(...range);
    else this.steps.reset();
    this.#later();
  }

  /**
   * @param {number} factor above 1: fewer steps
   * @param {number} at the step that stays where it is
   */
  zoom(factor, at) {
    this.steps.zoom(factor, at);
    this.#later();
  }

  /** Draws anew at the next frame: a wheel turns faster than a screen draws. */
  #later() {
    this.#request ??= requestAnimationFrame(() => {
      this.#request = undefined;
      this.repaint();
    });
  }

  /**
   * The step at a pixel of a panel, whose picture may lag behind the range of steps.
   * @param {Panel} panel
   * @param {number} x
   */
  #stepAt({ frame }, x) {
    const axis = new Axis("linear", this.steps.range, [frame.left, frame.right]);
    return Math.min(this.steps.last, Math.max(0, axis.value(x)));
  }

  /**
   * What gestures mean on a panel: a pointer scrubs, or moves the steps along while Shift is held; two fingers zoom.
   * @param {Panel} panel
   * @returns {Acts}
   */
  #acts(panel) {
    /** @type {"scrub" | "pan" | null} what the pointer that is down does */
    let mode = null;
    /** @param {number} x */
    const scrub = (x) => this.#app.seek(Math.round(this.#stepAt(panel, x)));
    return {
      press: ({ x }, { touch, shift }) => {
        mode = shift && this.steps.zoomed ? "pan" : "scrub";
        if (!touch && !shift) scrub(x); // a finger may be about to scroll the page
      },
      drag: (right, _down, at) => {
        if (mode === "pan") this.#pan(panel, right);
        if (mode !== "scrub") return;
        scrub(at.x);
        this.#hover(panel, at);
      },
      // Two fingers hold the two steps that they touch.
      pinch: (factor, before, now) => {
        mode = null;
        this.zoom(factor, this.#stepAt(panel, before.x));
        this.#pan(panel, now.x - before.x);
      },
      release: (_at, { touch }) => {
        if (touch) this.#leave();
      },
      zoom: (factor, at) => this.zoom(factor, at ? this.#stepAt(panel, at.x) : this.#app.step()),
      reset: () => this.show(null),
      zoomed: () => this.steps.zoomed,
      click: ({ x }, { touch }) => {
        if (touch) scrub(x);
      },
      hover: (at) => (at ? this.#hover(panel, at) : this.#leave()),
      arrow: (right, _up, far) => {
        if (!right) return false;
        const stride = far ? Math.max(1, Math.round(this.steps.last / STRIDES)) : 1;
        const step = this.#app.step();
        if (right < 0) this.#app.seek(Math.max(0, Math.ceil(step) - stride));
        else this.#app.seek(Math.min(this.steps.last, Math.floor(step) + stride));
        return true;
      },
    };
  }

  /**
   * Drags the steps along by pixels.
   * @param {Panel} panel
   * @param {number} right
   */
  #pan({ frame }, right) {
    const [low, high] = this.steps.range;
    const steps = (right * (high - low)) / (frame.right - frame.left);
    if (this.steps.zoomed) this.show([low - steps, high - steps]);
  }

  /**
   * Says what stands at the recorded step nearest to the pointer.
   * @param {Panel} panel
   * @param {XY} at
   */
  #hover(panel, at) {
    const step = nearestStep(panel.lines, this.#stepAt(panel, at.x));
    if (step === undefined) return this.#leave();
    this.#hovered = step;
    this.tip.show(panel, step, at);
    this.draw(this.#app.step());
  }

  #leave() {
    if (this.tip.hidden) return;
    this.tip.hide();
    this.#hovered = undefined;
    this.draw(this.#app.step());
  }
}

/**
 * How many columns panels take: four make two rows of two, not three and one.
 * @param {number} panels
 * @param {number} width pixels of them all
 * @param {number} most
 */
export function columnsOf(panels, width, most) {
  const fitting = Math.max(1, Math.min(most, Math.floor((width + GAP) / (COLUMN + GAP))));
  return Math.ceil(panels / Math.ceil(panels / fitting));
}
