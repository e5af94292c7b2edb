// The landscape as a surface in three dimensions, with the paths laid on it. What stands (relief, level lines, axes,
// whole paths) is drawn when the camera, the data or the theme changes; trails and heads on a canvas above, each frame.

import { zoomButtons } from "../shared/buttons.js";
import { Axes } from "./box.js";
import { Camera, steer } from "./camera.js";
import { count, number } from "../shared/format.js";
import { Picture } from "./picture.js";
import { Relief, same } from "./relief.js";
import { place, valueAt } from "../shared/scene.js";
import { GONE, HIDDEN, lay, LIFT, line, NOWHERE, SEEN, SLACK, stroke, track } from "./trail.js";

const REACH = 10; // CSS pixels from the pointer to an entry
const FAINT = 0.28;
const BEHIND = 0.25;
// Azimuths and elevations to look from at first: the earlier, the better the view, where nothing is hidden.
const VIEWS = [-0.62, 0.62, -0.2, 0.25, -1.05, 1.05].flatMap((azimuth) => [
  [azimuth, 0.74],
  [azimuth, 1.02],
]);
const WORSE = 0.015; // a later view must show so much more of the paths

export class Surface {
  constructor(element, app) {
    this.element = element;
    this.app = app;
    this.camera = new Camera();
    this.picture = new Picture();
    this.tracks = [];
    element.dataset.surface = "";
    this.view = add(element, "div", "surface-view", { tabindex: 0, role: "group" });
    this.standing = add(this.view, "canvas", "surface-standing", { role: "img" });
    this.moving = add(this.view, "canvas", "surface-moving", { "aria-hidden": "true" });
    const turned = (act) => () => {
      act();
      this.#later(false);
    };
    const closer = turned(() => this.camera.scale(1.25));
    const farther = turned(() => this.camera.scale(0.8));
    zoomButtons(element, { closer, farther, all: turned(() => this.camera.reset()) }, "Reset the camera");
    this.tip = add(element, "div", "surface-tip");
    this.tip.hidden = true;
    steer(this.view, this.camera, (moving) => this.#later(moving));
    this.view.addEventListener("pointermove", (event) => this.#point(event));
    this.view.addEventListener("pointerup", (event) => this.#point(event, true));
    this.view.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  setScene(scene, fresh) {
    const grid = scene.map?.grid;
    if (grid && !same(scene.map, this.scene?.map)) this.relief = new Relief(grid, scene.map.levels);
    this.scene = grid ? scene : undefined;
    this.tracks = grid ? scene.contenders.map((contender) => track(contender, scene.map.path, this.relief)) : [];
    const paths = this.tracks.map(({ contender }) => contender.label).join(", ");
    const label = `The loss as a surface over ${scene.map?.x.label} and ${scene.map?.y.label}`;
    this.standing.setAttribute("aria-label", paths ? `${label}, with the paths of ${paths}` : label);
    this.view.setAttribute("aria-label", `${label}. Drag or arrow keys turn it, plus and minus zoom, 0 resets.`);
    this.#measure();
    if (fresh && grid) this.#settle();
    this.repaint();
  }

  resize() {
    if (this.#measure()) this.repaint();
  }

  repaint() {
    this.tip.hidden = true;
    this.#paint(false);
    this.draw(this.app.step());
  }

  /** Where a point of the ground is seen, in client coordinates; NaN outside the grid. */
  pixel(x, y) {
    const box = this.element.getBoundingClientRect();
    const [left, top] = this.#spot(x, y);
    return [box.left + left, box.top + top];
  }

  /** Trails and heads at a step. */
  draw(step) {
    const context = this.#fresh(this.moving);
    if (!this.scene || !this.width) return;
    const { background } = this.app.theme;
    const heads = [];
    for (const { contender, axis, laid } of this.#shown()) {
      const { i, t } = place(axis, step);
      const [x, y] = this.scene.map.path.map((name) => valueAt(contender, name, step));
      const head = this.#spot(x, y);
      const size = laid.until(i + t);
      line(context, laid, { size, wanted: HIDDEN, head }, contender.colour, 2.25, 2 * BEHIND, contender.dash);
      line(context, laid, { size, wanted: SEEN, head }, background, 4.5, 0.85, []);
      line(context, laid, { size, wanted: SEEN, head }, contender.colour, 2.25, 1, contender.dash);
      if (head[2] !== GONE) heads.push([contender, head, contender.broken && step >= axis[axis.length - 1]]);
    }
    for (const [contender, [x, y, sight], broken] of heads) {
      context.globalAlpha = sight === SEEN ? 1 : 2 * BEHIND;
      context.beginPath();
      if (broken) {
        for (const way of [-1, 1]) {
          context.moveTo(x - 4.5, y - 4.5 * way);
          context.lineTo(x + 4.5, y + 4.5 * way);
        }
        stroke(context, background, 6, context.globalAlpha, []);
        stroke(context, contender.colour, 2.75, sight === SEEN ? 1 : 2 * BEHIND, []);
      } else {
        context.arc(x, y, 5.75, 0, 2 * Math.PI);
        context.fillStyle = contender.colour;
        context.fill();
        stroke(context, background, 1.5, context.globalAlpha, []);
      }
    }
    context.globalAlpha = 1;
  }

  #shown() {
    return this.tracks.filter(({ contender }) => !this.app.hidden(contender.index));
  }

  /** Draws all once more at the next frame; when nothing has moved for a moment, finely. */
  #later(moving) {
    this.tip.hidden = true;
    clearTimeout(this.rest);
    if (moving) this.rest = setTimeout(() => this.#later(false), 160);
    this.coarse = moving;
    this.request ??= requestAnimationFrame(() => {
      this.request = undefined;
      this.#paint(this.coarse);
      this.draw(this.app.step());
    });
  }

  /** Lets the camera start from where it sees most of the paths, of the start and of the minimisers. */
  #settle() {
    const { camera, relief, tracks, scene } = this;
    const picture = new Picture();
    const marks = [...scene.map.minimisers, ...(scene.map.start ? [scene.map.start] : [])];
    const points = marks.flatMap(([x, y]) => relief.on(x, y, LIFT) ?? []);
    const all = [...tracks.map((each) => each.points), Float32Array.from(points)];
    const seen = (each) => {
      const at = camera.project(each, new Float32Array(each.length));
      let [sum, count] = [0, 0];
      for (let k = 0; k < at.length; k += 3) {
        if (Number.isNaN(at[k])) continue;
        count += 1;
        sum += picture.shows(at[k], at[k + 1], at[k + 2], SLACK) ? 1 : 0;
      }
      return count ? sum / count : 0;
    };
    camera.resize(240, 240);
    const scores = VIEWS.map(([azimuth, elevation], rank) => {
      camera.settle(azimuth, elevation);
      picture.clear(240, 240, 1);
      relief.look(camera);
      relief.fill(picture);
      return all.reduce((sum, each) => sum + seen(each), 0) / all.length - WORSE * rank;
    });
    camera.settle(...VIEWS[scores.indexOf(Math.max(...scores))]);
    camera.resize(this.width, this.height);
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    Object.assign(this, { width, height, ratio });
    for (const canvas of [this.standing, this.moving]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.camera.resize(width, height);
    return true;
  }

  #fresh(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio || 1, 0, 0, this.ratio || 1, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.globalAlpha = 1;
    context.lineJoin = "round";
    return context;
  }

  /** Where a point of the ground is seen, in CSS pixels of the element, and whether anything is before it. */
  #spot(x, y) {
    const point = this.relief?.on(x, y, LIFT);
    if (!point) return NOWHERE;
    const [left, top, near] = this.camera.project(point, [0, 0, 0]);
    return [left, top, this.picture.shows(left, top, near, SLACK) ? SEEN : HIDDEN];
  }

  #paint(coarse) {
    const context = this.#fresh(this.standing);
    if (!this.scene || !this.width || !this.height) return;
    const { scene, relief, camera, picture, app } = this;
    picture.clear(this.width, this.height, coarse ? 1 : Math.max(this.ratio, 2));
    relief.paint(scene.ground[app.theme.dark ? "dark" : "light"], app.theme.dark);
    relief.look(camera);
    relief.fill(picture);
    const axes = new Axes(context, camera, scene.map, relief, app.theme);
    axes.box();
    picture.draw(context, this.width, this.height);
    axes.ticks();
    relief.lines(context, camera, picture, SLACK / 2);
    stroke(context, app.theme.dark ? "#c8d6ea" : "#33455f", 0.8, app.theme.dark ? 0.2 : 0.24, []);
    for (const each of this.tracks) each.laid = lay(each, camera, picture);
    for (const { contender, laid } of this.#shown()) {
      line(context, laid, { size: laid.size, wanted: HIDDEN }, contender.colour, 1.75, FAINT / 2, contender.dash);
      line(context, laid, { size: laid.size, wanted: SEEN }, contender.colour, 1.75, FAINT, contender.dash);
    }
    this.#marks(context);
  }

  #marks(context) {
    const { minimisers, start } = this.scene.map;
    for (const [x, y] of minimisers) {
      const [left, top, sight] = this.#spot(x, y);
      if (sight === GONE) continue;
      context.beginPath();
      for (let k = 0; k < 10; k += 1) {
        const [radius, angle] = [k % 2 ? 3 : 7.2, (k * Math.PI) / 5 - Math.PI / 2];
        context.lineTo(left + radius * Math.cos(angle), top + radius * Math.sin(angle));
      }
      context.closePath();
      const alpha = sight === SEEN ? 1 : BEHIND;
      stroke(context, this.app.theme.background, 3, alpha, []);
      context.globalAlpha = alpha;
      context.fillStyle = this.scene.reference;
      context.fill();
    }
    const [left, top, sight] = start ? this.#spot(...start) : [0, 0, GONE];
    if (sight === GONE) return;
    context.beginPath();
    context.arc(left, top, 5, 0, 2 * Math.PI);
    stroke(context, this.app.theme.background, 4.5, sight === SEEN ? 0.85 : 0, []);
    stroke(context, this.scene.reference, 1.75, sight === SEEN ? 1 : BEHIND, []);
  }

  /** What is under the pointer: the nearest entry of a path. A finger asks by a tap. */
  #point(event, tapped = false) {
    if (event.buttons || (event.pointerType === "touch" && !tapped)) return;
    const box = this.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [best, found, entry] = [REACH * REACH, undefined, 0];
    for (const each of this.scene ? this.#shown() : []) {
      const { seen, sight, entries } = each.laid;
      for (let k = 0; k < sight.length; k += 1) {
        if (sight[k] !== SEEN || entries[k] % 1) continue;
        const away = (seen[3 * k] - x) ** 2 + (seen[3 * k + 1] - y) ** 2;
        if (away < best) [best, found, entry] = [away, each, entries[k]];
      }
    }
    this.tip.hidden = !found;
    if (!found) return;
    const { contender, axis } = found;
    const { map } = this.scene;
    const value = (name) => number(contender.channels[name]?.values[entry] ?? NaN);
    const loss = number(valueAt(contender, "loss", axis[entry]));
    this.tip.replaceChildren();
    const swatch = add(this.tip, "i");
    swatch.style.borderTopColor = contender.colour;
    swatch.style.borderTopStyle = contender.dash.length ? "dashed" : "solid";
    add(this.tip, "b").textContent = contender.label;
    const [first, second] = map.path.map(value);
    add(this.tip, "div").textContent = `step ${count(axis[entry])}, loss ${loss}`;
    add(this.tip, "div").textContent = `${map.x.label} ${first}, ${map.y.label} ${second}`;
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    this.tip.style.left = `${Math.min(Math.max(x - width / 2, 0), this.width - width)}px`;
    this.tip.style.top = `${y > height + 14 ? y - height - 12 : y + 16}px`;
  }
}

function add(parent, tag, className = "", attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}
