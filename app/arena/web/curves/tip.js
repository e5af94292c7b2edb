// What stands at a step of a panel, line by line, beside the pointer.

import { add, make } from "../shared/dom.js";
import { count, number } from "../shared/format.js";
import { place } from "../shared/scene.js";
import { swatch } from "../shared/swatch.js";
import { write } from "../shared/words.js";

/**
 * @import { XY } from "../shared/types.d.ts"
 * @import { Curve, Panel } from "./panel.js"
 */

const APART = 14; // pixels between the step and the tooltip

/** The tooltip of all panels. */
export class CurvesTip {
  #root;
  #element;

  /** @param {HTMLElement} root of the panels */
  constructor(root) {
    this.#root = root;
    this.#element = add(root, "div", "curves-tip");
    this.hide();
  }

  get hidden() {
    return this.#element.hidden;
  }

  hide() {
    this.#element.hidden = true;
  }

  /**
   * Says what stands at a step.
   * @param {Panel} panel
   * @param {number} step
   * @param {XY} at the pointer, in pixels of the panel's plot
   */
  show(panel, step, at) {
    const element = this.#element;
    const head = make("div", "curves-tip-step", {}, `step ${count(step)}`);
    element.replaceChildren(head, ...panel.lines.map((line) => row(line, step)));
    element.hidden = false;
    // Beside the step, on the side with room, and never over the edge.
    const [box, plot] = [this.#root, panel.canvas].map((each) => each.getBoundingClientRect());
    const x = plot.left - box.left + panel.frame.x.pixel(step);
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = x + APART + width <= box.width ? x + APART : x - APART - width;
    const top = plot.top - box.top + at.y - height / 2;
    /**
     * @param {number} value
     * @param {number} most
     */
    const clamp = (value, most) => Math.round(Math.max(0, Math.min(value, most)));
    element.style.transform = `translate(${clamp(left, box.width - width)}px, ${clamp(top, box.height - height)}px)`;
  }
}

/**
 * The recorded step of any line that is nearest to a step; undefined where there is none.
 * @param {Curve[]} lines
 * @param {number} step
 */
export function nearestStep(lines, step) {
  const steps = lines.filter((line) => line.last >= 0).map(({ axis }) => axis[nearest(axis, step)]);
  if (!steps.length) return undefined;
  return steps.reduce((best, one) => (Math.abs(one - step) < Math.abs(best - step) ? one : best));
}

/**
 * The index of the entry that is nearest to a step.
 * @param {Float32Array} axis
 * @param {number} step
 */
function nearest(axis, step) {
  const { i, t } = place(axis, step);
  return t < 0.5 ? i : i + 1;
}

/**
 * One line of the tooltip: swatch, name, and the value where the run has one at that step.
 * @param {Curve} line
 * @param {number} step
 */
function row({ run, axis, values, name, dash, width }, step) {
  const element = make("div", "curves-tip-row", {}, swatch(run, dash, width));
  write(add(element, "span", "curves-tip-name"), name);
  const there = step >= axis[0] && step <= axis[axis.length - 1];
  add(element, "b", "", {}, number(there ? values[nearest(axis, step)] : NaN));
  return element;
}
