// Curves over steps: panels with one step axis, and the gestures that they share.

import { GUTTER, StepRange } from "./axes.js";
import { count, number } from "../shared/format.js";
import { Panel, make } from "./panel.js";
import { swatch } from "../controls/readout.js";
import { place } from "../shared/scene.js";
import { write } from "../shared/words.js";

const COLUMN = 236; // px, the narrowest column
const GAP = 26; // px between columns
const BODY = 56; // px, the least height of a plot between its gutters
const TAP = 6; // px that a finger may tremble before it drags

/** All panels that `pick` takes of a scene, one above the other or in columns with words. */
export class Curves {
  /**
   * @param {HTMLElement} element empty; this module fills and owns it
   * @param {object} app theme, hidden(i), seek(step), step()
   * @param {(scene: object) => object[]} pick which panels
   * @param {object} options columns: the most there may be; prose: with formula and sentence; height: px of a plot that
   *   need not fit into the element, which those of one column without words do
   */
  constructor(element, app, pick, { columns = 1, prose = columns > 1, height = 150 } = {}) {
    Object.assign(this, { element, app, pick, columns, prose, height });
    this.root = make("div", "curves-root", element);
    const lengths = { gap: GAP, "gutter-left": GUTTER.left, "gutter-right": GUTTER.right };
    for (const [name, length] of Object.entries(lengths)) this.root.style.setProperty(`--${name}`, `${length}px`);
    this.root.toggleAttribute("data-prose", prose);
    this.tip = make("div", "curves-tip", this.root);
    this.tip.hidden = true;
    this.reset = make("button", "curves-reset");
    this.reset.type = "button";
    this.reset.textContent = "whole run";
    this.reset.setAttribute("aria-label", "Show the whole run again");
    this.reset.addEventListener("click", () => this.show(null));
    this.steps = new StepRange();
    this.panels = [];
    this.pointers = new Map();
  }

  setScene(scene, fresh) {
    if (fresh) this.steps.zoomed = null;
    this.steps.limit(scene.last);
    const specs = this.pick(scene);
    if (specs.map((spec) => spec.id).join() !== this.panels.map((panel) => panel.spec.id).join()) this.build(specs);
    this.panels.forEach((panel, k) => panel.load(scene, specs[k]));
    this.measured = "";
    this.resize();
  }

  build(specs) {
    for (const panel of this.panels) panel.root.remove();
    this.panels = specs.map((spec) => new Panel(this, spec, this.prose));
    this.panels.forEach((panel, k) => {
      panel.spec = specs[k];
      this.root.insertBefore(panel.root, this.tip);
      this.listen(panel);
    });
    const first = this.panels[0];
    if (!first) return;
    first.head.append(this.reset);
    // One stop for the Tab key: the step and the zoom are those of all panels.
    first.plot.tabIndex = 0;
    first.plot.setAttribute("role", "group");
    first.plot.setAttribute("aria-label", "Steps: arrow keys move, plus and minus zoom, 0 shows the whole run");
    first.plot.addEventListener("keydown", (event) => this.key(event));
  }

  resize() {
    const width = this.element.clientWidth;
    const measured = [width, this.element.clientHeight, window.devicePixelRatio].join();
    if (!width || !this.panels.length || measured === this.measured) return;
    this.measured = measured;
    const most = Math.max(1, Math.min(this.columns, Math.floor((width + GAP) / (COLUMN + GAP))));
    const rows = Math.ceil(this.panels.length / most);
    const columns = Math.ceil(this.panels.length / rows); // four panels make two rows of two, not three and one
    this.root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const each = Math.floor((width - GAP * (columns - 1)) / columns);
    const heads = this.panels.reduce((sum, panel) => sum + panel.head.offsetHeight + 4, -4);
    const gutters = this.panels.length * (GUTTER.top + GUTTER.bottom) + GUTTER.labelled - GUTTER.bottom;
    const body = Math.max(BODY, Math.floor((this.element.clientHeight - heads - gutters) / this.panels.length));
    this.panels.forEach((panel, k) => {
      const labelled = this.prose || k === this.panels.length - 1;
      const bottom = labelled ? GUTTER.labelled : GUTTER.bottom;
      panel.size(each, this.prose ? this.height : GUTTER.top + body + bottom, labelled);
    });
    this.repaint();
  }

  repaint() {
    if (!this.measured) return;
    this.tip.hidden = true;
    this.hovered = undefined;
    this.reset.hidden = !this.steps.zoomed;
    for (const panel of this.panels) panel.paint();
    this.draw(this.app.step());
  }

  draw(step) {
    if (!this.measured) return;
    for (const panel of this.panels) panel.move(step, this.hovered);
  }

  /** Where a value lies on the screen, in client coordinates; for a test. */
  pixel(id, step, value) {
    const panel = this.panels.find((one) => one.spec.id === id);
    const box = panel.canvas.getBoundingClientRect();
    return { x: box.left + panel.frame.x.pixel(step), y: box.top + (panel.frame.y?.pixel(value) ?? NaN) };
  }

  /** Shows the steps [low, high]; null for all. */
  show(range) {
    if (range) this.steps.show(...range);
    else this.steps.zoomed = null;
    this.later();
  }

  zoom(factor, at) {
    this.steps.zoom(factor, at);
    this.later();
  }

  /** A wheel turns faster than a screen draws. */
  later() {
    this.request ??= requestAnimationFrame(() => {
      this.request = undefined;
      this.repaint();
    });
  }

  stepAt(panel, event) {
    const box = panel.canvas.getBoundingClientRect();
    return Math.min(this.steps.last, Math.max(0, panel.frame.x.value(event.clientX - box.left)));
  }

  listen(panel) {
    const { plot } = panel;
    plot.addEventListener("pointerdown", (event) => this.down(panel, event));
    plot.addEventListener("pointermove", (event) => this.moved(panel, event));
    plot.addEventListener("pointerup", (event) => this.up(panel, event, true));
    plot.addEventListener("pointercancel", (event) => this.up(panel, event, false));
    plot.addEventListener("pointerleave", () => this.leave());
    plot.addEventListener("dblclick", () => this.show(null));
    plot.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
        event.preventDefault();
        this.zoom(Math.exp(-Math.max(-50, Math.min(50, event.deltaY)) / 100), this.stepAt(panel, event));
      },
      { passive: false },
    );
  }

  down(panel, event) {
    if (event.button > 0) return;
    panel.plot.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event.clientX);
    // A finger that goes down may be about to scroll the page: it scrubs once it moves sideways, or lifts where it was.
    this.press = { x: event.clientX, drags: event.pointerType !== "touch", step: this.stepAt(panel, event) };
    if (this.pointers.size > 1) this.press = null;
    else if (this.press.drags && !event.shiftKey) this.app.seek(Math.round(this.press.step));
    this.pans = event.shiftKey && Boolean(this.steps.zoomed);
  }

  moved(panel, event) {
    const before = this.pointers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType !== "touch") this.hover(panel, event);
      return;
    }
    if (this.pointers.size === 2) return this.pinch(panel, event);
    this.pointers.set(event.pointerId, event.clientX);
    if (!this.press) return;
    if (this.pans) {
      const shift = panel.frame.x.value(before) - panel.frame.x.value(event.clientX);
      return this.show(this.steps.range.map((end) => end + shift));
    }
    this.press.drags ||= Math.abs(event.clientX - this.press.x) > TAP;
    if (!this.press.drags) return;
    this.app.seek(Math.round(this.stepAt(panel, event)));
    this.hover(panel, event);
  }

  /** Two fingers hold the two steps that they touch. */
  pinch(panel, event) {
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
    const before = this.pointers.get(event.pointerId);
    const apart = (x) => Math.max(24, Math.abs(x - other));
    const box = panel.canvas.getBoundingClientRect();
    this.pointers.set(event.pointerId, event.clientX);
    this.zoom(apart(event.clientX) / apart(before), panel.frame.x.value(other - box.left));
    panel.frame.setSteps(this.steps.range);
  }

  up(panel, event, lifted) {
    this.pointers.delete(event.pointerId);
    if (lifted && this.press && !this.press.drags) this.app.seek(Math.round(this.press.step));
    if (!this.pointers.size) this.press = null;
    if (event.pointerType === "touch") this.leave();
  }

  key(event) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = this.app.step();
    const stride = event.shiftKey ? Math.max(1, Math.round(this.steps.last / 20)) : 1;
    const action = {
      ArrowLeft: () => this.app.seek(Math.max(0, Math.ceil(step) - stride)),
      ArrowRight: () => this.app.seek(Math.min(this.steps.last, Math.floor(step) + stride)),
      "+": () => this.zoom(1.6, step),
      "=": () => this.zoom(1.6, step),
      "-": () => this.zoom(1 / 1.6, step),
      0: () => this.show(null),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  /** Says what stands at the recorded step nearest to the pointer. */
  hover(panel, event) {
    const near = this.stepAt(panel, event);
    const steps = panel.lines.filter((line) => line.last >= 0).map(({ axis }) => axis[nearest(axis, near)]);
    if (!steps.length) return this.leave();
    const step = steps.reduce((best, one) => (Math.abs(one - near) < Math.abs(best - near) ? one : best));
    const head = make("div", "curves-tip-step");
    head.textContent = `step ${count(step)}`;
    this.tip.replaceChildren(head, ...panel.lines.map((line) => row(line, step)));
    this.tip.hidden = false;
    this.hovered = step;
    this.putTip(panel, event);
    this.draw(this.app.step());
  }

  /** Beside the pointer, on the side with room, and never over the edge. */
  putTip(panel, event) {
    const box = this.root.getBoundingClientRect();
    const x = panel.canvas.getBoundingClientRect().left - box.left + panel.frame.x.pixel(this.hovered);
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = x + 14 + width <= box.width ? x + 14 : x - 14 - width;
    const top = event.clientY - box.top - height / 2;
    const clamp = (value, most) => Math.max(0, Math.min(value, most));
    const [right, down] = [clamp(left, box.width - width), clamp(top, box.height - height)].map(Math.round);
    this.tip.style.transform = `translate(${right}px, ${down}px)`;
  }

  leave() {
    if (this.tip.hidden) return;
    this.tip.hidden = true;
    this.hovered = undefined;
    this.draw(this.app.step());
  }
}

function nearest(axis, step) {
  const { i, t } = place(axis, step);
  return t < 0.5 ? i : i + 1;
}

/** One line of the tooltip: swatch, name, and the value where the run has one at that step. */
function row({ contender, axis, values, name, dash, width }, step) {
  const node = make("div", "curves-tip-row");
  node.append(swatch(contender, dash, width));
  write(make("span", "curves-tip-name", node), name);
  const there = step >= axis[0] && step <= axis[axis.length - 1];
  make("b", "curves-tip-value", node).textContent = number(there ? values[nearest(axis, step)] : NaN);
  return node;
}
