// Lines of the 3-D view.

/** @typedef {{ colour: string, width: number, alpha?: number, dash?: number[] }} Pen width in pixels */

/**
 * Strokes a context's path; opaque and without dashes unless the pen has them.
 * @param {CanvasRenderingContext2D} context
 * @param {Pen} pen
 */
export function stroke(context, { colour, width, alpha = 1, dash = [] }) {
  const before = context.globalAlpha;
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.globalAlpha = before;
}
