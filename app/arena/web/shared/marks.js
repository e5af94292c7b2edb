// Marks on a canvas that stand out from every ground: heads of paths, the start, minimisers, pieces of a line.

/** The head of a path: a disc in a ring of the background's colour. */
export function disc(context, { x, y }, colour, background) {
  context.beginPath();
  context.arc(x, y, 5.75, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.strokeStyle = background;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

/** Where a run broke off. */
export function cross(context, { x, y }, colour, background) {
  context.beginPath();
  for (const way of [-1, 1]) {
    context.moveTo(x - 5, y - 5 * way);
    context.lineTo(x + 5, y + 5 * way);
  }
  context.lineCap = "round";
  cased(context, colour, 3, background, 6);
}

/** The start. */
export function ring(context, { x, y }, colour, background) {
  context.beginPath();
  context.arc(x, y, 5.5, 0, 2 * Math.PI);
  cased(context, colour, 2, background, 5);
}

/** A minimiser. */
export function star(context, { x, y }, colour, background) {
  context.beginPath();
  for (let k = 0; k < 10; k++) {
    const [radius, angle] = [k % 2 ? 3.3 : 8.2, (k * Math.PI) / 5];
    context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = background;
  context.lineWidth = 3.5;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
}

/**
 * Adds the part of a segment that lies in a box: browsers lose their way far outside of a canvas.
 * A first end that is no number starts a new line at the second.
 */
export function segment(context, x0, y0, x1, y1, { left, right, top, bottom }) {
  if (!Number.isFinite(x1 + y1)) return;
  if (!Number.isFinite(x0 + y0)) {
    if (x1 >= left && x1 <= right && y1 >= top && y1 <= bottom) context.moveTo(x1, y1);
    return;
  }
  let [from, to] = [0, 1];
  for (const [start, way, low, high] of [
    [x0, x1 - x0, left, right],
    [y0, y1 - y0, top, bottom],
  ]) {
    if (way === 0) {
      if (start < low || start > high) return;
      continue;
    }
    const [a, b] = [(low - start) / way, (high - start) / way];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  if (from > to) return;
  if (from > 0) context.moveTo(x0 + from * (x1 - x0), y0 + from * (y1 - y0));
  context.lineTo(x0 + to * (x1 - x0), y0 + to * (y1 - y0));
}

function cased(context, colour, width, background, casing) {
  for (const [stroke, wide] of [
    [background, casing],
    [colour, width],
  ]) {
    context.strokeStyle = stroke;
    context.lineWidth = wide;
    context.stroke();
  }
}
