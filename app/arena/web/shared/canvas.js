// Canvases that are drawn on in CSS pixels, whatever the density of the screen.

/** @import { Box } from "./types.d.ts" */

/** Canvases of one size. */
export class Layers {
  width = 0; // CSS pixels
  height = 0;
  ratio = 1; // device pixels of a CSS pixel
  #canvases;

  /** @param {...HTMLCanvasElement} canvases */
  constructor(...canvases) {
    this.#canvases = canvases;
  }

  /**
   * Gives all canvases a size, in CSS pixels; whatever was drawn is gone if it is another one.
   * @param {number} width
   * @param {number} height
   * @returns {boolean} whether size or density are others than before
   */
  resize(width, height) {
    const ratio = globalThis.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    Object.assign(this, { width, height, ratio });
    for (const canvas of this.#canvases) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    return true;
  }

  /**
   * An empty canvas to draw on in CSS pixels, opaque and without dashes.
   * @param {HTMLCanvasElement} canvas one of them
   */
  clear(canvas) {
    const context = contextOf(canvas);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width + 1, this.height + 1); // the last device pixel may be part of one more CSS pixel
    context.globalAlpha = 1;
    context.lineCap = "butt";
    context.setLineDash([]);
    return context;
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no canvas.");
  return context;
}

/**
 * Calls back when the screen has another density, such as after the browser's own zoom: all is to be drawn anew.
 * @param {() => void} act
 */
export function onDensity(act) {
  const again = () => {
    onDensity(act);
    act();
  };
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
}

/**
 * Calls back when an element has another width.
 * @param {HTMLElement} element
 * @param {() => void} act
 */
export function onWidth(element, act) {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    act();
  }).observe(element);
}

/**
 * Lets a context draw in a box only.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 */
export function clip(context, { left, top, width, height }) {
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}
