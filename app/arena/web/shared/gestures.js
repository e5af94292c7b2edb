// What hands do with a view that pans and zooms: pointers, pinches, the wheel with Ctrl, keys. What that means is the
// view's own business.

const CLICK = 4; // pixels a pointer may move between down and up and still click
const TWICE = 260; // milliseconds in which a second click makes a double click
const KEY_ZOOM = 1.5;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * All that a view does; pixels are those of its frame.
 * @typedef {object} Acts
 * @property {() => void} grab a pointer went down
 * @property {(right: number, down: number) => void} pan
 * @property {(factor: number, at: {x: number, y: number} | null) => void} zoom null: from a key
 * @property {() => void} reset
 * @property {() => boolean} zoomed whether `reset` would change anything
 * @property {(at: {x: number, y: number}, touch: boolean) => (() => void) | null} click what there is to do then
 * @property {(at: {x: number, y: number} | null) => void} hover null: no longer
 * @property {(right: number, up: number, far: boolean) => void} step an arrow key
 * @property {() => boolean} enter whether it meant something; else the page has the key
 * @property {() => boolean} escape the same
 */

/** Listens on one element. */
export class Gestures {
  #target;
  #frame;
  #acts;
  #pointers = new Map(); // where they are
  #moved = false;
  #from = null;
  #clicked = { at: -Infinity, timer: 0 };

  /**
   * @param {HTMLElement} target gets the events; its touch-action says what fingers leave to the page
   * @param {HTMLElement} frame its upper left corner is the pixel (0, 0)
   * @param {Acts} acts
   */
  constructor(target, frame, acts) {
    this.#target = target;
    this.#frame = frame;
    this.#acts = acts;
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

  #at({ clientX, clientY }) {
    const box = this.#frame.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#target.setPointerCapture(event.pointerId);
    this.#from = this.#at(event);
    this.#pointers.set(event.pointerId, this.#from);
    this.#moved = this.#pointers.size > 1; // two fingers never click
    this.#acts.grab();
  }

  #move(event) {
    const at = this.#at(event);
    if (!this.#pointers.has(event.pointerId)) {
      if (event.pointerType !== "touch") this.#acts.hover(at);
      return;
    }
    if (!this.#moved && Math.hypot(at.x - this.#from.x, at.y - this.#from.y) < CLICK) return;
    this.#moved = true;
    this.#target.toggleAttribute("data-dragging", true);
    const before = this.#grip();
    this.#pointers.set(event.pointerId, at);
    const now = this.#grip();
    this.#acts.pan(now.x - before.x, now.y - before.y);
    if (before.apart > 0 && now.apart > 0) this.#acts.zoom(now.apart / before.apart, now);
  }

  /** The middle of the pointers that are down, and how far they are apart. */
  #grip() {
    const all = [...this.#pointers.values()];
    const middle = (axis) => all.reduce((sum, at) => sum + at[axis], 0) / all.length;
    const apart = all.length > 1 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0;
    return { x: middle("x"), y: middle("y"), apart };
  }

  #release(event, lifted) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size) return;
    this.#target.removeAttribute("data-dragging");
    if (lifted && !this.#moved) this.#click(this.#at(event), event.pointerType === "touch");
  }

  /** A double click shows all again and must not do more; where all is shown nobody need wait for one. */
  #click(at, touch) {
    const again = performance.now() - this.#clicked.at < TWICE;
    clearTimeout(this.#clicked.timer);
    this.#clicked.at = performance.now();
    const act = again ? null : this.#acts.click(at, touch);
    if (act && this.#acts.zoomed()) this.#clicked.timer = setTimeout(act, TWICE);
    else act?.();
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 18 : 1;
    this.#acts.zoom(Math.exp(-Math.min(Math.max(event.deltaY * lines, -60), 60) * 0.008), this.#at(event));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = this.#acts;
    const { key } = event;
    if (WAYS[key]) acts.step(...WAYS[key], event.shiftKey);
    else if (key === "+" || key === "=") acts.zoom(KEY_ZOOM, null);
    else if (key === "-") acts.zoom(1 / KEY_ZOOM, null);
    else if (key === "0") acts.reset();
    else if (!((key === "Enter" || key === " ") && acts.enter()) && !(key === "Escape" && acts.escape())) return;
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
  }
}
