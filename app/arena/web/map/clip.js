// Lines far outside of a canvas, on which browsers lose their way: only the part in a box is drawn.

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Edges */

/**
 * The part of a segment that lies in a box, as fractions of the way; null where none of it does.
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {Edges} edges
 * @returns {[from: number, to: number] | null}
 */
export function clip(x0, y0, x1, y1, { left, right, top, bottom }) {
  let [from, to] = [0, 1];
  for (const [start, way, low, high] of [
    [x0, x1 - x0, left, right],
    [y0, y1 - y0, top, bottom],
  ]) {
    if (way === 0) {
      if (start < low || start > high) return null;
      continue;
    }
    const [a, b] = [(low - start) / way, (high - start) / way];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from > to ? null : [from, to];
}

/**
 * Adds the part of a segment that lies in a box to a context's path. A first end that is no number starts a new line at the
 * second.
 * @param {Pick<CanvasRenderingContext2D, "moveTo" | "lineTo">} context
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {Edges} edges
 */
export function addSegment(context, x0, y0, x1, y1, edges) {
  if (!Number.isFinite(x1 + y1)) return;
  const begins = !Number.isFinite(x0 + y0);
  const part = begins ? clip(x1, y1, x1, y1, edges) : clip(x0, y0, x1, y1, edges);
  if (!part) return;
  const [from, to] = part;
  if (begins) context.moveTo(x1, y1);
  else {
    if (from > 0) context.moveTo(x0 + from * (x1 - x0), y0 + from * (y1 - y0));
    context.lineTo(x0 + to * (x1 - x0), y0 + to * (y1 - y0));
  }
}
