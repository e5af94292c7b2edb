// How a surface is seen: where the camera stands, what it makes of a point, and the gestures that turn it.

/** The box is [-1, 1] x [-1, 1] on the ground and this high. */
export const TALL = 0.95;
/** The block stands this far above its floor where it is lowest. */
const PLINTH = 0.09;

/** Its floor. */
export const FLOOR = -TALL / 2 - PLINTH;

const AWAY = 7; // from the middle of the box; the further, the milder the perspective
const HOME = { zoom: 1, right: 0, down: 0 };
const LOWEST = 0.09;
const HIGHEST = 1.45;
const ZOOMS = [0.6, 8];
const MARGIN = { side: 72, top: 26, bottom: 44 }; // CSS pixels for ticks and labels
/** How many shades `light` tells apart. */
export const SHADES = 64;
const LIGHT = [-0.5, -0.42, 0.76]; // from the left, over the viewer's shoulder: in the camera's own axes

export class Camera {
  constructor() {
    this.width = this.height = 1;
    this.settle(-0.62, 0.74);
  }

  /** From where it looks at first, and after a reset. */
  settle(azimuth, elevation) {
    this.home = { ...HOME, azimuth, elevation };
    this.reset();
  }

  reset() {
    Object.assign(this, this.home);
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  turn(azimuth, elevation) {
    this.azimuth += azimuth;
    this.elevation = Math.min(Math.max(this.elevation + elevation, LOWEST), HIGHEST);
  }

  /** Nearer or further; what is at (x, y), in pixels from the middle, stays there. */
  scale(factor, x = 0, y = 0) {
    const zoom = Math.min(Math.max(this.zoom * factor, ZOOMS[0]), ZOOMS[1]);
    const real = zoom / this.zoom;
    this.zoom = zoom;
    this.move(x * (1 - real) + this.right * (real - 1), y * (1 - real) + this.down * (real - 1));
  }

  /** Shifts the picture by pixels, not so far that it gets lost. */
  move(x, y) {
    const reach = Math.max(this.zoom - 1, 0) / 2;
    const clamp = (value, limit) => Math.min(Math.max(value, -limit), limit);
    this.right = clamp(this.right + x, reach * this.width);
    this.down = clamp(this.down + y, reach * this.height);
  }

  /** Sines and cosines, size and middle: the last two the same for every azimuth, so that turning does not pulsate. */
  #view() {
    const [se, ce] = [Math.sin(this.elevation), Math.cos(this.elevation)];
    const seen = (away, w) => ((away * se + w * ce) * AWAY) / (AWAY + away * ce - w * se);
    const [top, bottom] = [seen(Math.SQRT2, TALL / 2), seen(-Math.SQRT2, -TALL / 2 - PLINTH)];
    const across = (2 * Math.SQRT2 * AWAY) / (AWAY - (TALL / 2) * se);
    const [width, height] = [this.width - MARGIN.side, this.height - MARGIN.top - MARGIN.bottom];
    const size = Math.max(Math.min(width / across, height / (top - bottom)), 20) * this.zoom;
    const middle = (this.height + MARGIN.top - MARGIN.bottom + size * (top + bottom)) / 2;
    return { sa: Math.sin(this.azimuth), ca: Math.cos(this.azimuth), se, ce, size, middle };
  }

  /**
   * @param {Float32Array} points u, v, w of each point
   * @param {Float32Array} seen x, y in CSS pixels and the nearness (1 / distance) of each point
   */
  project(points, seen) {
    const { sa, ca, se, ce, size, middle } = this.#view();
    const [x0, y0] = [this.width / 2 + this.right, middle + this.down];
    for (let k = 0; k < points.length; k += 3) {
      const [u, v, w] = [points[k], points[k + 1], points[k + 2]];
      const away = u * sa + v * ca;
      const near = 1 / (AWAY + away * ce - w * se);
      seen[k] = x0 + (u * ca - v * sa) * size * AWAY * near;
      seen[k + 1] = y0 - (away * se + w * ce) * size * AWAY * near;
      seen[k + 2] = near;
    }
    return seen;
  }

  /** How much light falls on each normal (three numbers each): 0 to 1, as a number of shades. */
  light(normals, shades) {
    const [sa, ca] = [Math.sin(this.azimuth), Math.cos(this.azimuth)];
    const [lu, lv] = [LIGHT[0] * ca + LIGHT[1] * sa, -LIGHT[0] * sa + LIGHT[1] * ca];
    for (let k = 0, j = 0; k < normals.length; k += 3, j += 1) {
      const bright = normals[k] * lu + normals[k + 1] * lv + normals[k + 2] * LIGHT[2];
      shades[j] = Math.min(Math.max(bright, 0), 1) * (SHADES - 1);
    }
  }
}

/**
 * Lets a person turn and zoom: drag, pinch, Ctrl+wheel, keys, double click.
 * @param {HTMLElement} element
 * @param {Camera} camera
 * @param {(moving: boolean) => void} changed
 */
export function steer(element, camera, changed) {
  const down = new Map();
  const from = ({ clientX, clientY }) => {
    const box = element.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button") || event.button > 0) return;
    down.set(event.pointerId, from(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const [x, y] = from(event);
    if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)[1];
      const apart = ([px, py]) => Math.max(Math.hypot(px - other[0], py - other[1]), 10);
      camera.scale(apart([x, y]) / apart(before), (x + other[0]) / 2, (y + other[1]) / 2);
    } else if (event.shiftKey) camera.move(x - before[0], y - before[1]);
    // A finger that goes up or down scrolls the page: only sideways turns.
    else camera.turn((x - before[0]) * 0.009, event.pointerType === "touch" ? 0 : (y - before[1]) * 0.009);
    down.set(event.pointerId, [x, y]);
    changed(true);
  });
  const end = (event) => down.delete(event.pointerId) && changed(down.size > 0);
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      camera.scale(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), ...from(event));
      changed(true);
    },
    { passive: false },
  );
  const keys = {
    ArrowLeft: () => camera.turn(-0.1, 0),
    ArrowRight: () => camera.turn(0.1, 0),
    ArrowUp: () => camera.turn(0, 0.08),
    ArrowDown: () => camera.turn(0, -0.08),
    "+": () => camera.scale(1.25),
    "=": () => camera.scale(1.25),
    "-": () => camera.scale(0.8),
    0: () => camera.reset(),
  };
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || event.target !== element) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
    changed(true);
  });
  element.addEventListener("dblclick", (event) => {
    if (event.target.closest("button")) return;
    camera.reset();
    changed(false);
  });
}
