// One panel of curves: a plot over steps with its title and words. What does not move is drawn once, faint; a frame only
// uncovers the same lines drawn full, up to the step, and sets the heads.

import { Layers } from "../shared/canvas.js";
import { add, make } from "../shared/dom.js";
import { minus } from "../shared/format.js";
import { cross, disc, pointer, ring } from "../shared/marks.js";
import { place } from "../shared/scene.js";
import { drawable } from "../shared/ticks.js";
import { write } from "../shared/words.js";
import { extent, threshold } from "./extent.js";
import { Frame, rule } from "./frame.js";
import { writeNames } from "./names.js";
import { pointsOf, trace } from "./points.js";

/**
 * @import { App, Contender, Line, Panel as Spec, Range, Scene } from "../shared/types.d.ts"
 * @import { StepRange } from "./axis.js"
 */

/**
 * A line with its values; `last` is its last entry that can be drawn.
 * @typedef {Line & { run: Contender, axis: Float32Array, values: Float32Array, dash: number[], last: number }} Curve
 */

const FAINT = 0.28; // opacity of what is still to come
const HEAD = { disc: 4, ring: { radius: 3.5, line: 1.75 }, cross: { reach: 3.5, line: 2 } }; // pixels
const OVER = 16; // pixels above a level, where its name stands
/** @type {Record<string, number[] | undefined>} */
const DASHES = { dotted: [1.5, 3], dashed: [6, 4], solid: [] }; // pixels

/** One plot with its title, and the words beside it where they are wanted. */
export class Panel {
  frame = new Frame(0, 0, false);
  /** @type {Curve[]} those that are seen */
  lines = [];
  /** @type {Range | null} of the value axis; null where nothing is drawn */
  range = null;
  #app;
  #steps;
  /** @type {Curve[]} */
  #all = [];
  #reference = "";
  #threshold = 1; // where a symlog axis turns linear
  /** @type {number | undefined} pixels on the right, where names stand */
  #margin;
  #surveyed = false; // whether `range` is that of the lines

  /**
   * @param {App} app
   * @param {StepRange} steps that are shown
   * @param {Spec} spec
   * @param {boolean} prose whether formula and sentence are wanted
   */
  constructor(app, steps, spec, prose) {
    this.#app = app;
    this.#steps = steps;
    this.spec = spec;
    this.root = make("section", "curves-panel", { "data-panel": spec.id });
    this.head = add(this.root, "div", "curves-head");
    this.title = add(this.head, "span", "curves-title");
    this.factor = add(this.head, "span", "curves-factor");
    this.formula = prose ? add(this.root, "div", "curves-formula") : null;
    this.sentence = prose ? add(this.root, "p", "curves-sentence") : null;
    this.plot = add(this.root, "div", "curves-plot");
    this.names = add(this.plot, "div", "curves-names");
    this.facts = add(this.root, "ul", "unseen");
    this.canvas = add(this.plot, "canvas", "", { role: "img" });
    this.moving = add(this.plot, "canvas", "", { "aria-hidden": "true" });
    this.full = make("canvas"); // never shown: what a frame uncovers
    this.layers = new Layers(this.canvas, this.moving, this.full);
  }

  /**
   * @param {Scene} scene
   * @param {Spec} spec
   */
  load(scene, spec) {
    this.spec = spec;
    this.#reference = scene.reference;
    write(this.title, spec.title);
    this.title.title = this.sentence ? spec.title : spec.sentence || spec.title;
    this.title.toggleAttribute("data-help", !this.sentence && spec.sentence !== "");
    this.facts.replaceChildren(...spec.facts.map((fact) => make("li", "", {}, fact)));
    this.canvas.setAttribute("aria-label", spec.words || spec.title);
    if (this.formula) this.formula.innerHTML = spec.formula; // written in our own Python, never by a person
    if (this.sentence) this.sentence.textContent = spec.sentence;
    this.#surveyed = false;
    this.#all = spec.lines.flatMap((line) => {
      const run = scene.contenders[line.contender];
      const channel = run?.channels[line.channel];
      if (!channel) return [];
      const { values } = channel;
      const last = values.findLastIndex((value) => drawable(spec.scale, value));
      return [{ ...line, run, axis: run.axes[channel.axis], values, last, dash: DASHES[line.style] ?? run.dash }];
    });
  }

  /**
   * @param {number} width pixels of the plot
   * @param {number} height
   * @param {boolean} labelled whether the steps are written below it
   * @param {number | undefined} margin pixels on the right of it, for names; undefined: none stand there
   */
  size(width, height, labelled, margin) {
    this.plot.style.height = `${height}px`;
    this.layers.resize(width, height);
    this.frame = new Frame(width, height, labelled, margin);
    this.#margin = margin;
  }

  /** Draws all that stands. */
  paint() {
    const { theme, hidden } = this.#app;
    const { frame, spec } = this;
    this.#survey(this.#all.filter(({ run }) => !hidden(run.index)));
    frame.setSteps(this.#steps.range);
    frame.setValues(spec.scale, this.range && headroom(spec, this.range, frame), this.#threshold);
    this.#showFactor(frame.exponent);
    const context = this.layers.clear(this.canvas);
    frame.paint(context, theme);
    const full = this.layers.clear(this.full);
    const { x, y, left, right, top, bottom } = frame;
    const points = y ? this.lines.map(({ axis, values }) => pointsOf(axis, values, x, y, right - left)) : [];
    for (const target of [context, full]) {
      target.save();
      target.beginPath();
      target.rect(left - 1, top - 2, right - left + 2, bottom - top + 4);
      target.clip();
      if (target === context) this.#paintLevels(target);
      target.globalAlpha = target === full ? 1 : FAINT;
      points.forEach((line, k) => trace(target, line, { ...this.lines[k], colour: this.lines[k].run.colour }, frame));
      target.restore();
    }
    const levels = spec.levels.map((level) => ({ ...level, colour: this.#reference }));
    const named = this.lines.map((line, k) => ({ label: line.label, colour: line.run.colour, points: points[k] }));
    writeNames(this.names, frame, levels, named, this.#margin, theme.font);
  }

  /**
   * Takes the lines that are seen, and what depends on all of their values but not on the zoom.
   * @param {Curve[]} lines
   */
  #survey(lines) {
    const same = lines.length === this.lines.length && lines.every((line, k) => line === this.lines[k]);
    if (this.#surveyed && same) return;
    const { scale, range, levels } = this.spec;
    this.#surveyed = true;
    this.lines = lines;
    const shapes = lines.map(({ values, run }) => ({ values, broken: run.broken }));
    const levelValues = levels.map(({ value }) => value);
    const spanned = extent(scale, shapes, levelValues);
    this.range = spanned && (range ?? spanned);
    this.#threshold = 1;
    if (this.range && scale === "symlog") {
      const largest = Math.max(...this.range.map(Math.abs));
      this.#threshold = threshold(
        lines.map(({ values }) => values),
        largest,
      );
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  #paintLevels(context) {
    const { y, left, right } = this.frame;
    if (!y) return;
    context.strokeStyle = this.#reference;
    context.lineWidth = 1;
    context.setLineDash([5, 4]);
    for (const { value } of this.spec.levels) rule(context, left, y.pixel(value), right, y.pixel(value));
    context.setLineDash([]);
  }

  /**
   * Writes the power of ten that all labels of the value axis share.
   * @param {number} exponent 0: none
   */
  #showFactor(exponent) {
    this.factor.textContent = exponent ? "×10" : "";
    if (exponent) add(this.factor, "sup", "", {}, minus(String(exponent)));
  }

  /**
   * Draws all that moves.
   * @param {number} step
   * @param {number | undefined} hovered the step that the tooltip tells of
   */
  move(step, hovered) {
    const { frame } = this;
    const { ratio } = this.layers;
    const context = this.layers.clear(this.moving);
    const [low, high] = frame.x.range;
    const shown = Math.round((step >= high ? frame.width : frame.x.pixel(step)) * ratio);
    if (step > low && shown > 0) {
      const { height } = this.full;
      context.drawImage(this.full, 0, 0, shown, height, 0, 0, shown / ratio, height / ratio);
    }
    if (!frame.y) return;
    const { theme } = this.#app;
    context.strokeStyle = theme.muted;
    context.lineWidth = 1;
    for (const [at, alpha] of [
      [hovered ?? NaN, 0.35],
      [step, 0.75],
    ]) {
      if (!(at >= low && at <= high)) continue;
      context.globalAlpha = alpha;
      rule(context, frame.x.pixel(at), frame.top, frame.x.pixel(at), frame.bottom);
    }
    context.globalAlpha = 1;
    for (const line of this.lines) this.#drawHead(context, line, step, theme.background);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Curve} line
   * @param {number} step
   * @param {string} background
   */
  #drawHead(context, line, step, background) {
    const { left, right, top, bottom } = this.frame;
    const head = this.#headOf(line, step);
    if (!head || line.mark === "none" || head.x < left - 0.5 || head.x > right + 0.5) return;
    const paint = { colour: line.run.colour, casing: background };
    const at = { x: head.x, y: Math.min(bottom, Math.max(top, head.y)) };
    if (head.broken) cross(context, at, paint, HEAD.cross);
    else if (Math.abs(at.y - head.y) > HEAD.disc) pointer(context, at, paint, Math.sign(head.y - at.y) * HEAD.disc);
    else if (line.mark === "ring") ring(context, at, paint, HEAD.ring);
    else disc(context, at, paint, HEAD.disc);
  }

  /**
   * Where a line is at a step: on the drawn line, that is interpolated in pixels and not in values.
   * @param {Curve} line
   * @param {number} step
   * @returns {{ x: number, y: number, broken: boolean } | null} null where it has no value
   */
  #headOf({ axis, values, last, run }, step) {
    const { x, y } = this.frame;
    if (last < 0 || !y) return null;
    if (step >= axis[last]) {
      const broken = run.broken && step >= axis[axis.length - 1];
      return { x: x.pixel(axis[last]), y: y.pixel(values[last]), broken };
    }
    const { i, t } = place(axis, step);
    const [here, next] = [y.pixel(values[i]), y.pixel(values[i + 1])];
    if (Number.isNaN(here) && Number.isNaN(next)) return null;
    const known = Number.isNaN(here) ? next : here;
    const height = Number.isNaN(next) ? known : known + t * (next - known);
    return { x: x.pixel(Math.max(step, axis[0])), y: height, broken: false };
  }
}

/**
 * A range with room for the name of a level above it.
 * @param {Spec} spec
 * @param {Range} range
 * @param {Frame} frame
 * @returns {Range}
 */
function headroom({ scale, levels }, [low, high], { top, bottom }) {
  const highest = Math.max(...levels.map(({ value }) => value).filter((value) => value <= high));
  if (scale !== "log" || !(highest > low)) return [low, high];
  const part = OVER / (bottom - top);
  const needed = (Math.log10(highest) - part * Math.log10(low)) / (1 - part);
  return [low, part < 0.4 ? Math.max(high, 10 ** needed) : high];
}
