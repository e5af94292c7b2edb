// The landscape as a surface in three dimensions, with the paths laid on it. What stands (relief, level lines, axes,
// whole paths) is drawn when the camera, the data or the theme changes; trails and heads on a canvas above, each frame.

import { zoomButtons } from "../shared/buttons.js";
import { Layers } from "../shared/canvas.js";
import { add } from "../shared/dom.js";
import { Gestures } from "../shared/gestures.js";
import { cross, disc, ring, star } from "../shared/marks.js";
import { place, valueAt } from "../shared/scene.js";
import { Axes } from "./box.js";
import { Camera } from "./camera.js";
import { Picture } from "./picture.js";
import { Relief, same } from "./relief.js";
import { stroke } from "./stroke.js";
import { SurfaceTip } from "./tip.js";
import { GONE, HIDDEN, lay, LIFT, line, NOWHERE, pointsUntil, SEEN, SLACK, track } from "./trail.js";
import { KEY_ZOOM, turning } from "./turning.js";
import { bestView } from "./view.js";

/**
 * @import { App, Part, Point, Scene, SceneMap, XY } from "../shared/types.d.ts"
 * @import { Look } from "./camera.js"
 * @import { Trail } from "./tip.js"
 * @import { Spot, Track } from "./trail.js"
 */

/** @typedef {Scene & { map: SceneMap }} MappedScene */

const LINE = { way: 2.25, casing: 4.5, whole: 1.75 }; // pixels
const FAINT = 0.28; // opacity of a whole path
const BEHIND = 0.25; // opacity of what a hill hides
const SETTLED = 160; // milliseconds without a movement after which all is drawn finely
/** The lines along the levels. */
const LEVELS = { light: { colour: "#33455f", alpha: 0.24 }, dark: { colour: "#c8d6ea", alpha: 0.2 }, width: 0.8 };

/** @implements {Part} */
export class Surface {
  camera = new Camera();
  #element;
  #app;
  #picture = new Picture();
  /** @type {MappedScene | null} */
  #scene = null;
  /** @type {Relief | null} that of the scene, once there is one */
  #relief = null;
  /** @type {Track[]} */
  #tracks = [];
  /** @type {Trail[]} the tracks as the camera saw them last */
  #trails = [];
  #coarse = false;
  /** @type {number | undefined} */
  #request;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;

  /**
   * @param {HTMLElement} element an empty positioned element
   * @param {App} app
   */
  constructor(element, app) {
    this.#element = element;
    this.#app = app;
    element.dataset.surface = "";
    this.view = add(element, "div", "surface-view", { tabindex: 0, role: "group" });
    this.standing = add(this.view, "canvas", "surface-standing", { role: "img" });
    this.moving = add(this.view, "canvas", "surface-moving", { "aria-hidden": "true" });
    this.layers = new Layers(this.standing, this.moving);
    /** @type {(act: () => void) => () => void} */
    const turned = (act) => () => {
      act();
      this.#later(false);
    };
    const acts = {
      closer: turned(() => this.camera.scale(KEY_ZOOM)),
      farther: turned(() => this.camera.scale(1 / KEY_ZOOM)),
      all: turned(() => this.camera.reset()),
    };
    zoomButtons(element, acts, "Reset the camera");
    this.tip = new SurfaceTip(element);
    const steering = turning(
      this.camera,
      (moving) => this.#later(moving),
      (at) => this.#point(at),
    );
    new Gestures(this.view, element, steering, { slop: 0, touchSlop: 0, keyZoom: KEY_ZOOM });
  }

  /**
   * @param {Scene} scene
   * @param {boolean} fresh
   */
  setScene(scene, fresh) {
    const { map } = scene;
    const before = this.#scene?.map;
    this.#scene = map?.grid ? { ...scene, map } : null;
    this.#tracks = [];
    if (map?.grid) {
      if (!this.#relief || !before || !same(map, before)) this.#relief = new Relief(map.grid, map.levels);
      const relief = this.#relief;
      this.#tracks = scene.contenders.map((contender) => track(contender, map.path, relief));
    }
    const paths = this.#tracks.map(({ contender }) => contender.label).join(", ");
    const label = `The loss as a surface over ${map?.x.label} and ${map?.y.label}`;
    this.standing.setAttribute("aria-label", paths ? `${label}, with the paths of ${paths}` : label);
    this.view.setAttribute("aria-label", `${label}. Drag or arrow keys turn it, plus and minus zoom, 0 resets.`);
    this.#measure();
    if (fresh) this.#settle();
    this.repaint();
  }

  resize() {
    if (this.#measure()) this.repaint();
  }

  repaint() {
    this.tip.hide();
    this.#paint(false);
    this.draw(this.#app.step());
  }

  /** @param {Look | null} look where the camera looks from; null: as at first */
  look(look) {
    this.camera.look = look;
    this.repaint();
  }

  /**
   * Where a point of the ground is seen, in client coordinates; NaN outside the grid; for a test.
   * @param {number} x
   * @param {number} y
   */
  pixel(x, y) {
    const box = this.#element.getBoundingClientRect();
    const [left, top] = this.#spot([x, y]);
    return [box.left + left, box.top + top];
  }

  /**
   * Draws trails and heads.
   * @param {number} step
   */
  draw(step) {
    const context = this.#clear(this.moving);
    if (!this.#scene || !this.layers.width) return;
    const { path } = this.#scene.map;
    const { background: casing } = this.#app.theme;
    const heads = [];
    for (const { track, laid } of this.#shown()) {
      const { contender, axis } = track;
      const { colour, dash } = contender;
      const { i, t } = place(axis, step);
      const [x, y] = path.map((name) => valueAt(contender, name, step) ?? NaN);
      const head = this.#spot([x, y]);
      const size = pointsUntil(laid, i + t);
      line(context, laid, { size, wanted: HIDDEN, head }, { colour, width: LINE.way, alpha: 2 * BEHIND, dash });
      line(context, laid, { size, wanted: SEEN, head }, { colour: casing, width: LINE.casing, alpha: 0.85 });
      line(context, laid, { size, wanted: SEEN, head }, { colour, width: LINE.way, dash });
      const broken = contender.broken && step >= axis[axis.length - 1];
      heads.push({ head, colour, mark: broken ? cross : disc });
    }
    for (const { head, colour, mark } of heads) {
      this.#mark(context, head, 2 * BEHIND, (at) => mark(context, at, { colour, casing }));
    }
  }

  /**
   * Draws a mark, fainter behind a hill.
   * @param {CanvasRenderingContext2D} context
   * @param {Spot} spot
   * @param {number} behind its opacity there
   * @param {(at: XY) => void} draw
   */
  #mark(context, [x, y, sight], behind, draw) {
    if (sight === GONE) return;
    context.setLineDash([]);
    context.globalAlpha = sight === SEEN ? 1 : behind;
    draw({ x, y });
    context.globalAlpha = 1;
  }

  /** The paths that nobody hid. */
  #shown() {
    return this.#trails.filter(({ track }) => !this.#app.hidden(track.contender.index));
  }

  /**
   * Draws all once more at the next frame; when nothing has moved for a moment, finely.
   * @param {boolean} moving
   */
  #later(moving) {
    this.tip.hide();
    clearTimeout(this.#rest);
    if (moving) this.#rest = setTimeout(() => this.#later(false), SETTLED);
    this.#coarse = moving;
    this.#request ??= requestAnimationFrame(() => {
      this.#request = undefined;
      this.#paint(this.#coarse);
      this.draw(this.#app.step());
    });
  }

  /** Lets the camera start from where it sees most of the paths, of the start and of the minimisers. */
  #settle() {
    if (!this.#scene || !this.#relief) return;
    const relief = this.#relief;
    const { start, minimisers } = this.#scene.map;
    const marks = [...minimisers, ...(start ? [start] : [])].flatMap(([x, y]) => relief.on(x, y, LIFT) ?? []);
    const points = [...this.#tracks.map((each) => each.points), Float32Array.from(marks)];
    this.camera.settle(...bestView(relief, points));
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#element;
    this.camera.resize(width, height);
    return this.layers.resize(width, height);
  }

  /** @param {HTMLCanvasElement} canvas */
  #clear(canvas) {
    const context = this.layers.clear(canvas);
    context.lineJoin = "round";
    return context;
  }

  /**
   * Where a point of the ground is seen, in CSS pixels of the element, and whether anything is before it.
   * @param {Point} point
   * @returns {Spot}
   */
  #spot([x, y]) {
    const point = this.#relief?.on(x, y, LIFT);
    if (!point) return NOWHERE;
    const [left, top, near] = this.camera.project(point, point);
    return [left, top, this.#picture.shows(left, top, near, SLACK) ? SEEN : HIDDEN];
  }

  /**
   * Draws all that stands.
   * @param {boolean} coarse whether there is no time for every pixel
   */
  #paint(coarse) {
    const context = this.#clear(this.standing);
    this.#element.toggleAttribute("data-zoomed", this.camera.moved);
    const { width, height, ratio } = this.layers;
    if (!this.#scene || !this.#relief || !width || !height) return;
    const [scene, relief, picture, camera] = [this.#scene, this.#relief, this.#picture, this.camera];
    const { theme } = this.#app;
    const mode = theme.dark ? "dark" : "light";
    picture.clear(width, height, coarse ? 1 : Math.max(ratio, 2));
    relief.paint(scene.ground[mode], theme.dark);
    relief.look(camera);
    relief.fill(picture);
    const axes = new Axes(context, camera, scene.map, relief, theme);
    axes.box();
    picture.draw(context, width, height);
    axes.ticks();
    relief.lines(context, camera, picture, SLACK / 2);
    stroke(context, { ...LEVELS[mode], width: LEVELS.width });
    this.#trails = this.#tracks.map((each) => ({ track: each, laid: lay(each, camera, picture) }));
    for (const { track, laid } of this.#shown()) {
      const { colour, dash } = track.contender;
      const pen = { colour, width: LINE.whole, dash };
      line(context, laid, { size: laid.size, wanted: HIDDEN }, { ...pen, alpha: FAINT / 2 });
      line(context, laid, { size: laid.size, wanted: SEEN }, { ...pen, alpha: FAINT });
    }
    const paint = { colour: scene.reference, casing: theme.background };
    for (const minimiser of scene.map.minimisers) {
      this.#mark(context, this.#spot(minimiser), BEHIND, (at) => star(context, at, paint));
    }
    const { start } = scene.map;
    if (start) this.#mark(context, this.#spot(start), BEHIND, (at) => ring(context, at, paint));
  }

  /**
   * Says what is under the pointer.
   * @param {XY | null} at null: no pointer
   */
  #point(at) {
    if (!at || !this.#scene) return this.tip.hide();
    this.tip.show(at, this.#scene.map, this.#shown(), this.layers.width);
  }
}
