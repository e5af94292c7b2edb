// One panel of curves: a plot over steps with its title and words. What does not move is drawn once, faint; a frame only
// uncovers the same lines drawn full, up to the step, and sets the heads.

import { Frame } from "./axes.js";
import { place } from "../shared/scene.js";
import { drawable, extent, threshold } from "./ticks.js";
import { write } from "../shared/words.js";

const FAINT = 0.28; // what is still to come
const HEAD = 4; // px
const DASHES = { dotted: [1.5, 3], dashed: [6, 4], solid: [] };

/** One plot with its title, and the words beside it where they are wanted. */
export class Panel {
  constructor(curves, spec, prose) {
    this.curves = curves;
    this.root = make("section", "curves-panel");
    this.root.dataset.panel = spec.id;
    const head = make("div", "curves-head", this.root);
    this.title = make("span", "curves-title", head);
    this.factor = make("span", "curves-factor", head);
    this.head = head;
    if (prose) {
      this.formula = make("div", "curves-formula", this.root);
      this.sentence = make("p", "curves-sentence", this.root);
    }
    this.plot = make("div", "curves-plot", this.root);
    this.canvas = make("canvas", "curves-canvas", this.plot);
    this.canvas.setAttribute("role", "img");
    this.moving = make("canvas", "curves-moving", this.plot);
    this.moving.setAttribute("aria-hidden", "true");
    this.full = document.createElement("canvas"); // never shown: what a frame uncovers
    this.labels = [];
  }

  load(scene, spec) {
    this.spec = spec;
    this.reference = scene.reference;
    write(this.title, spec.title);
    this.title.title = spec.title;
    this.canvas.setAttribute("aria-label", spec.words || spec.title);
    if (this.formula) this.formula.innerHTML = spec.formula; // written in our own Python, never by a person
    if (this.sentence) this.sentence.textContent = spec.sentence;
    this.lines = undefined; // those of another scene
    this.all = spec.lines.flatMap((line) => {
      const contender = scene.contenders[line.contender];
      const channel = contender?.channels[line.channel];
      if (!channel) return [];
      const axis = contender.axes[channel.axis];
      return [{ ...line, contender, axis, values: channel.values, dash: DASHES[line.style] ?? contender.dash }];
    });
  }

  size(width, height, labelled) {
    this.plot.style.height = `${height}px`;
    this.ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.moving, this.full]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.frame = new Frame(width, height, labelled);
  }

  /** Draws all that stands. */
  paint() {
    const { theme, hidden } = this.curves.app;
    const { frame, spec } = this;
    const lines = this.all.filter((line) => !hidden(line.contender.index));
    if (lines.length !== this.lines?.length || lines.some((line, k) => line !== this.lines[k])) this.survey(lines);
    frame.setSteps(this.curves.steps.range);
    frame.setValues(spec.scale, this.range, this.turn);
    this.showFactor(frame.exponent);
    const context = this.context(this.canvas);
    frame.paint(context, theme);
    const full = this.context(this.full);
    const points = frame.y ? this.lines.map((line) => frame.points(line.axis, line.values)) : [];
    for (const target of [context, full]) {
      target.save();
      target.beginPath();
      target.rect(frame.left - 1, frame.top - 2, frame.right - frame.left + 2, frame.bottom - frame.top + 4);
      target.clip();
      if (target === context && frame.y) this.paintLevels(target);
      target.globalAlpha = target === full ? 1 : FAINT;
      points.forEach((line, k) => trace(target, line, this.lines[k], frame));
      target.restore();
    }
    this.placeLabels(context, points);
  }

  /** What depends on all values of the lines that are seen, and not on the zoom. */
  survey(lines) {
    const { scale, range, levels } = this.spec;
    this.lines = lines;
    for (const line of lines) line.last = line.values.findLastIndex((value) => drawable(scale, value));
    const shapes = lines.map(({ values, contender }) => ({ values, broken: contender.broken }));
    const found = extent(
      scale,
      shapes,
      levels.map((level) => level.value),
    );
    this.range = found && (range ?? found);
    const symlog = found && scale === "symlog";
    this.turn = symlog
      ? threshold(
          lines.map((line) => line.values),
          Math.max(...this.range.map(Math.abs)),
        )
      : 1;
  }

  paintLevels(context) {
    context.strokeStyle = this.reference;
    context.lineWidth = 1;
    context.setLineDash([5, 4]);
    for (const { value } of this.spec.levels) {
      const y = this.frame.y.pixel(value);
      this.frame.rule(context, this.frame.left, y, this.frame.right, y);
    }
    context.setLineDash([]);
  }

  /** The levels' names, each where it covers least; as elements above the lines, so that a frame need not draw them. */
  placeLabels(context, points) {
    for (const node of this.labels) node.remove();
    this.labels = [];
    const { left, right, top, bottom, y } = this.frame;
    if (!y) {
      const note = make("div", "curves-note", this.plot);
      note.textContent = "nothing to draw yet";
      this.labels.push(note);
      return;
    }
    const taken = [];
    context.font = `11px ${this.curves.app.theme.font}`;
    for (const level of this.spec.levels) {
      const at = y.pixel(level.value);
      if (!(at >= top && at <= bottom)) continue;
      const width = Math.min(Math.ceil(context.measureText(level.label).width) + 2, right - left - 8);
      const starts = [right - width - 2, left + 6, (left + right - width) / 2];
      const spots = starts.flatMap((x) => [at - 15, at + 2].map((edge) => [x, edge, width]));
      const fits = spots.filter(([, edge]) => edge >= top - 6 && edge + 13 <= bottom);
      const cost = (spot) => covered(points, spot) + 1e3 * taken.filter((other) => meets(other, spot)).length;
      const free = fits.length ? fits : spots;
      const chosen = free.reduce((best, spot) => (cost(spot) < cost(best) - 0.5 ? spot : best));
      const [x, edge] = chosen;
      taken.push(chosen);
      const node = make("span", "curves-level", this.plot);
      node.textContent = level.label;
      const most = right - left - 8;
      Object.assign(node.style, { left: `${x}px`, top: `${edge}px`, maxWidth: `${most}px`, color: this.reference });
      this.labels.push(node);
    }
  }

  /** The power of ten that all labels of the value axis share. */
  showFactor(exponent) {
    this.factor.textContent = exponent ? "×10" : "";
    if (exponent) make("sup", "curves-power", this.factor).textContent = String(exponent).replace("-", "−");
  }

  /** Draws all that moves. */
  move(step, hovered) {
    const { frame, ratio } = this;
    const context = this.context(this.moving);
    const [low, high] = frame.x.range;
    const shown = Math.round((step >= high ? frame.width : frame.x.pixel(step)) * ratio);
    if (step > low && shown > 0) {
      const { height } = this.full;
      context.drawImage(this.full, 0, 0, shown, height, 0, 0, shown / ratio, height / ratio);
    }
    if (!frame.y) return;
    const { theme } = this.curves.app;
    context.strokeStyle = theme.muted;
    context.lineWidth = 1;
    for (const [at, alpha] of [
      [hovered, 0.35],
      [step, 0.75],
    ]) {
      if (!(at >= low && at <= high)) continue;
      context.globalAlpha = alpha;
      frame.rule(context, frame.x.pixel(at), frame.top, frame.x.pixel(at), frame.bottom);
    }
    context.globalAlpha = 1;
    for (const line of this.lines) this.paintHead(context, line, step, theme.background);
  }

  paintHead(context, line, step, ground) {
    const { frame } = this;
    const spot = this.spot(line, step);
    if (!spot || spot.x < frame.left - 0.5 || spot.x > frame.right + 0.5) return;
    const y = Math.min(frame.bottom, Math.max(frame.top, spot.y));
    context.beginPath();
    if (spot.broken) {
      context.moveTo(spot.x - HEAD, y - HEAD);
      context.lineTo(spot.x + HEAD, y + HEAD);
      context.moveTo(spot.x + HEAD, y - HEAD);
      context.lineTo(spot.x - HEAD, y + HEAD);
      for (const [colour, width] of [
        [ground, 5],
        [line.contender.colour, 2],
      ]) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.stroke();
      }
      return;
    }
    if (Math.abs(y - spot.y) > HEAD) {
      // out of sight: a triangle says where it went
      const way = Math.sign(spot.y - y) * HEAD;
      context.moveTo(spot.x, y + way);
      context.lineTo(spot.x - HEAD, y - way);
      context.lineTo(spot.x + HEAD, y - way);
      context.closePath();
    } else {
      context.arc(spot.x, y, HEAD, 0, 2 * Math.PI);
    }
    context.fillStyle = line.contender.colour;
    context.strokeStyle = ground;
    context.lineWidth = 3; // half of it lies under the fill
    context.stroke();
    context.fill();
  }

  /** Where a line is at a step: on the drawn line, that is interpolated in pixels and not in values. */
  spot({ axis, values, last, contender }, step) {
    if (last < 0) return null;
    const { x, y } = this.frame;
    if (step >= axis[last]) {
      const broken = contender.broken && step >= axis[axis.length - 1];
      return { x: x.pixel(axis[last]), y: y.pixel(values[last]), broken };
    }
    const { i, t } = place(axis, step);
    const [here, next] = [y.pixel(values[i]), y.pixel(values[i + 1])];
    if (Number.isNaN(here) && Number.isNaN(next)) return null;
    const known = Number.isNaN(here) ? next : here;
    return { x: x.pixel(Math.max(step, axis[0])), y: Number.isNaN(next) ? known : known + t * (next - known) };
  }

  context(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    return context;
  }
}

export function make(name, kind, parent) {
  const node = document.createElement(name);
  node.className = kind;
  parent?.append(node);
  return node;
}

/**
 * Strokes points as one line with gaps; a point alone between two gaps becomes a dot. A run that blows up from side to
 * side would fill the plot: what leaps from far above it to far below is left out.
 */
function trace(context, points, { contender, dash, width }, { top, bottom }) {
  const far = (y) => (y < 2 * top - bottom ? -1 : y > 2 * bottom - top ? 1 : 0);
  context.strokeStyle = contender.colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = dash.length ? "butt" : "round";
  context.setLineDash(dash);
  context.beginPath();
  let open = false;
  for (let k = 0; k < points.length; k += 2) {
    const [x, y] = [points[k], points[k + 1]];
    if (Number.isNaN(y)) open = false;
    else if (open && far(y) * far(points[k - 1]) >= 0) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      if (!(points[k + 3] === points[k + 3])) context.lineTo(x + 0.01, y);
      open = true;
    }
  }
  context.stroke();
}

/** How much of the lines lies under a label, in px along the step axis. */
function covered(lines, [x, y, width]) {
  let sum = 0;
  for (const points of lines) {
    for (let k = 0; k + 3 < points.length; k += 2) {
      const [x0, y0, x1, y1] = [points[k], points[k + 1], points[k + 2], points[k + 3]];
      if (x1 < x || x0 > x + width || !(Math.max(y0, y1) >= y && Math.min(y0, y1) <= y + 14)) continue;
      sum += Math.max(0.5, Math.min(x1, x + width) - Math.max(x0, x));
    }
  }
  return sum;
}

function meets([x, y, width], [left, top, across]) {
  return left < x + width + 6 && x < left + across + 6 && top < y + 14 && y < top + 14;
}
