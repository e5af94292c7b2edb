// What hands do with a view: pointers, pinches, the wheel with Ctrl, keys. One meaning of each for all views; what follows
// from it is up to the view.

/** @import { XY } from "./types.d.ts" */

/**
 * The hand that a gesture comes from.
 * @typedef {{ touch: boolean, shift: boolean }} Hand
 */

/**
 * What a view does; pixels are those of its frame.
 * @typedef {object} Acts
 * @property {(at: XY, hand: Hand) => void} [press] the first pointer went down
 * @property {(right: number, down: number, at: XY, hand: Hand) => void} drag a pointer that is down moved
 * @property {(factor: number, before: XY, now: XY) => void} pinch two pointers moved: the middle between them, and by what
 *   factor they are farther apart
 * @property {(at: XY, hand: Hand, lifted: boolean) => void} [release] the last pointer is up; not lifted: the page took it
 * @property {(factor: number, at: XY | null) => void} zoom null: from a key
 * @property {() => void} reset
 * @property {() => boolean} zoomed whether `reset` would change anything
 * @property {(at: XY, hand: Hand) => (() => void) | null | void} [click] does what cannot be waited with, and returns what a
 *   second click would forestall
 * @property {(at: XY | null) => void} hover null: no longer
 * @property {(right: number, up: number, far: boolean) => boolean} arrow an arrow key; whether it meant something, else the
 *   page has the key
 * @property {() => boolean} [enter] the same
 * @property {() => boolean} [escape] the same
 */

/**
 * @typedef {object} Options
 * @property {number} [slop] pixels that a mouse moves before it drags
 * @property {number} [touchSlop] pixels that a finger moves sideways before it drags
 * @property {"both" | "x"} [along] the direction in which a pinch is measured
 * @property {number} [keyZoom] the factor of the plus key
 */

const CLICK = 4; // pixels a pointer may move between down and up and still click
const TWICE = 260; // milliseconds in which a second click makes a double click
const WHEEL = { rate: 0.008, most: 60, line: 18 }; // zoom for each pixel, pixels of one event, pixels of a line
const CLOSEST = 10; // pixels: two fingers count as no nearer to each other
/** The factor of the plus key and of the buttons. */
export const KEY_ZOOM = 1.5;

/** @type {Record<string, [right: number, up: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Listens on one element. */
export class Gestures {
  #target;
  #frame;
  #acts;
  #options;
  /** @type {Map<number, XY>} pointers that are down, by their id */
  #pointers = new Map();
  #start = { x: 0, y: 0 }; // of the last press
  #dragging = false;
  #clickable = false;
  /** @type {{ at: number, timer: ReturnType<typeof setTimeout> | undefined }} */
  #clicked = { at: -Infinity, timer: undefined };

  /**
   * @param {HTMLElement} target gets the events; its touch-action says which gestures of fingers are the page's
   * @param {HTMLElement} frame its upper left corner is the pixel (0, 0)
   * @param {Acts} acts
   * @param {Options} options
   */
  constructor(target, frame, acts, { slop = CLICK, touchSlop = CLICK, along = "both", keyZoom = KEY_ZOOM } = {}) {
    this.#target = target;
    this.#frame = frame;
    this.#acts = acts;
    this.#options = { slop, touchSlop, along, keyZoom };
    target.addEventListener("pointerdown", (event) => this.#press(event));
    target.addEventListener("pointermove", (event) => this.#move(event));
    target.addEventListener("pointerup", (event) => this.#release(event, true));
    target.addEventListener("pointercancel", (event) => this.#release(event, false));
    target.addEventListener("pointerleave", (event) => {
      // A finger leaves as it is lifted: what it tapped stays shown.
      if (event.pointerType !== "touch") acts.hover(null);
    });
    target.addEventListener("dblclick", () => acts.zoomed() && acts.reset());
    target.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    target.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {MouseEvent} event
   * @returns {XY}
   */
  #at({ clientX, clientY }) {
    const box = this.#frame.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    this.#target.setPointerCapture(event.pointerId);
    this.#start = this.#at(event);
    this.#pointers.set(event.pointerId, this.#start);
    const alone = this.#pointers.size === 1;
    this.#dragging = !alone;
    this.#clickable = alone; // two fingers never click
    if (alone) this.#acts.press?.(this.#start, handOf(event));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#at(event);
    const last = this.#pointers.get(event.pointerId);
    if (!last) {
      if (event.pointerType !== "touch") this.#acts.hover(at);
      return;
    }
    if (Math.hypot(at.x - this.#start.x, at.y - this.#start.y) >= CLICK) this.#clickable = false;
    if (!this.#dragging && !this.#leaves(at, event.pointerType === "touch")) return;
    this.#dragging = true;
    this.#target.toggleAttribute("data-dragging", true);
    if (this.#pointers.size === 1) {
      this.#pointers.set(event.pointerId, at);
      this.#acts.drag(at.x - last.x, at.y - last.y, at, handOf(event));
      return;
    }
    const before = grip([...this.#pointers.values()], this.#options.along);
    this.#pointers.set(event.pointerId, at);
    const now = grip([...this.#pointers.values()], this.#options.along);
    this.#acts.pinch(now.apart / before.apart, before, now);
  }

  /**
   * Whether a pointer has left the place where it went down. A finger that goes up or down may be about to scroll the page.
   * @param {XY} at
   * @param {boolean} touch
   */
  #leaves({ x, y }, touch) {
    const { slop, touchSlop } = this.#options;
    const [right, down] = [x - this.#start.x, y - this.#start.y];
    return touch ? Math.abs(right) >= touchSlop : Math.hypot(right, down) >= slop;
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} lifted
   */
  #release(event, lifted) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size) return;
    this.#target.removeAttribute("data-dragging");
    const [at, hand] = [this.#at(event), handOf(event)];
    if (lifted && this.#clickable) this.#click(at, hand);
    this.#acts.release?.(at, hand, lifted);
  }

  /**
   * A double click shows all again and must not do more; where all is shown nobody need wait for one.
   * @param {XY} at
   * @param {Hand} hand
   */
  #click(at, hand) {
    const again = performance.now() - this.#clicked.at < TWICE;
    clearTimeout(this.#clicked.timer);
    this.#clicked.at = performance.now();
    const act = again ? null : this.#acts.click?.(at, hand);
    if (act && this.#acts.zoomed()) this.#clicked.timer = setTimeout(act, TWICE);
    else act?.();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    this.#acts.zoom(wheelFactor(event.deltaY, event.deltaMode), this.#at(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#means(event.key, event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
  }

  /**
   * Does what a key means, if it means something.
   * @param {string} key
   * @param {boolean} shift
   */
  #means(key, shift) {
    const acts = this.#acts;
    const { keyZoom } = this.#options;
    if (ARROWS[key]) return acts.arrow(...ARROWS[key], shift);
    if (key === "Enter" || key === " ") return acts.enter?.() ?? false;
    if (key === "Escape") return acts.escape?.() ?? false;
    if (key === "+" || key === "=") acts.zoom(keyZoom, null);
    else if (key === "-") acts.zoom(1 / keyZoom, null);
    else if (key === "0") acts.reset();
    else return false;
    return true;
  }
}

/**
 * By what a turn of the wheel zooms: above 1 where it turns away from the person.
 * @param {number} delta
 * @param {number} mode 1: delta counts lines, else pixels
 */
export function wheelFactor(delta, mode) {
  const pixels = delta * (mode === 1 ? WHEEL.line : 1);
  return Math.exp(-Math.min(Math.max(pixels, -WHEEL.most), WHEEL.most) * WHEEL.rate);
}

/**
 * The middle of the pointers that are down, and how far the first two are apart.
 * @param {XY[]} pointers at least two
 * @param {"both" | "x"} along
 */
export function grip(pointers, along) {
  /** @param {"x" | "y"} axis */
  const middle = (axis) => pointers.reduce((sum, at) => sum + at[axis], 0) / pointers.length;
  const [a, b] = pointers;
  const apart = along === "x" ? Math.abs(a.x - b.x) : Math.hypot(a.x - b.x, a.y - b.y);
  return { x: middle("x"), y: middle("y"), apart: Math.max(apart, CLOSEST) };
}

/**
 * @param {PointerEvent} event
 * @returns {Hand}
 */
function handOf({ pointerType, shiftKey }) {
  return { touch: pointerType === "touch", shift: shiftKey };
}
