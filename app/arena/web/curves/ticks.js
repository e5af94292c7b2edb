// What an axis spans and where its ticks stand: pure functions of numbers.

const BLOW_UP = 1e4; // times what is calm: a run that diverges must not press all others flat
const BLOW_UP_LINEAR = 4; // the same where a factor of 10,000 would already do it
const DECADES = 14; // below the calm values; what lies deeper is rounding
const FEW_DECADES = 1.6; // an axis shorter than this is ticked at 1, 2 and 5 too
const SAMPLES = 2000; // enough to know a line's median

/** Whether a value can be drawn on a scale. */
export function drawable(scale, value) {
  return Number.isFinite(value) && (scale !== "log" || value > 0);
}

/**
 * Multiples of 1, 2 or 5 times a power of ten.
 * @param {number} most how many there may be, at least 2
 * @param {boolean} whole whether only whole numbers make sense
 * @returns {number[]} ascending, within [low, high]
 */
export function linearTicks(low, high, most, whole = false) {
  if (!(high > low)) return drawable("linear", low) ? [low] : [];
  let step = nice((high - low) / Math.max(most, 2));
  while (within(low, high, step) > most) step = nice(step * 1.5);
  if (whole) step = Math.max(1, step);
  const slack = 1e-9; // an end that is a tick but for rounding
  const first = Math.ceil(low / step - slack);
  const last = Math.floor(high / step + slack);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => tidy((first + k) * step));
}

/**
 * Whole decades, every nth of them where they are many; 1, 2, 5 where they are few; even steps on a very short axis.
 * @returns {{major: number[], minor: number[], even: boolean}} even: evenly spaced, to be written like a linear axis
 */
export function logTicks(low, high, most) {
  const [bottom, top] = [Math.log10(low), Math.log10(high)];
  const minor = top - bottom < 2 ? digits(low, high, [2, 3, 4, 5, 6, 7, 8, 9]) : [];
  if (top - bottom >= FEW_DECADES) return { major: decades(bottom, top, most).map(power), minor, even: false };
  let major = digits(low, high, [1, 2, 5]);
  if (major.length > most) major = digits(low, high, [1, 3]);
  if (major.length >= 3) return { major, minor, even: false };
  return { major: linearTicks(low, high, most), minor: [], even: true };
}

/** 0 and the decades on both sides of it, from the threshold outwards. */
export function symlogTicks(low, high, threshold, most) {
  const linear = Math.max(-low, high) <= threshold;
  if (linear) return { major: linearTicks(low, high, most), minor: [], even: true };
  const start = Math.log10(threshold);
  const room = Math.max(2, low < 0 && high > 0 ? Math.floor(most / 2) + 1 : most);
  const reach = [decadesAbove(high, start), decadesAbove(-low, start)];
  const every = Math.max(1, Math.ceil(Math.floor(Math.max(...reach)) / (room - 1)));
  // The first tick away from 0 stands where the shorter side has one too.
  const shorter = Math.floor(Math.min(...reach.filter((decades) => decades >= 0)) + 1e-9);
  const first = every === 1 ? 0 : Math.max(1, Math.min(every, shorter));
  const side = (end) => {
    const found = [];
    for (let k = first; k <= decadesAbove(end, start) + 1e-9; k += every) found.push(power(start + k));
    return found;
  };
  const zero = low <= 0 && high >= 0 ? [0] : [];
  return {
    major: [
      ...side(-low)
        .map((value) => -value)
        .reverse(),
      ...zero,
      ...side(high),
    ],
    minor: [],
    even: false,
  };
}

/**
 * Where a symmetric logarithmic axis turns linear: at the decade below which a tenth of all values lie.
 * @param {Float32Array[]} lines
 * @param {number} largest the largest absolute value that the axis shows, > 0
 */
export function threshold(lines, largest) {
  const sizes = lines.flatMap((values) => sample(values, (value) => Number.isFinite(value) && value !== 0));
  if (!sizes.length) return largest > 0 ? largest : 1;
  const tenth = sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 10)];
  const top = Math.floor(Math.log10(largest));
  return power(Math.min(top, Math.max(top - DECADES / 2, Math.floor(Math.log10(tenth)))));
}

/**
 * The ends of a value axis over all that is drawn, with a margin; null where nothing is.
 *
 * A line blows up when its run broke off or when it ends up far above its own median. It counts as high as a calm value
 * could be; the calm lines, all starts and all levels count whole.
 * @param {{values: Float32Array, broken: boolean}[]} lines
 * @param {number[]} levels further values that must be seen
 */
export function extent(scale, lines, levels = []) {
  const shapes = lines.map(({ values, broken }) => shape(scale, values, broken)).filter(Boolean);
  if (!shapes.length) return null;
  const known = levels.filter((value) => drawable(scale, value));
  const calm = Math.max(
    scale === "linear" ? 0 : 1,
    ...known.map(Math.abs),
    ...shapes.map(({ first, largest, wild }) => (wild ? first : largest)),
  );
  const ceiling = (scale === "linear" ? BLOW_UP_LINEAR : BLOW_UP) * calm || Infinity;
  let [low, high] = [Math.min(...known), Math.max(...known)];
  for (const { values, wild } of shapes) {
    for (const value of values) {
      if (!drawable(scale, value) || (wild && Math.abs(value) > ceiling)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (scale === "symlog" && low < high) return [low - 0.25 * Math.abs(low), high + 0.25 * Math.abs(high)];
  if (scale !== "log") return widened(low, high);
  const bottom = Math.log10(Math.max(low, Math.min(high, calm) * 10 ** -DECADES));
  const top = Math.log10(high);
  const margin = Math.max(0.04 * (top - bottom), 0.05);
  return [10 ** (bottom - margin), 10 ** (top + margin)];
}

function shape(scale, values, broken) {
  const sizes = sample(values, (value) => drawable(scale, value)).sort((a, b) => a - b);
  if (!sizes.length) return null;
  const first = Math.abs(values.find((value) => drawable(scale, value)));
  const largest = values.reduce((most, v) => (drawable(scale, v) && Math.abs(v) > most ? Math.abs(v) : most), 0);
  return { values, first, largest, wild: broken || largest > BLOW_UP * sizes[sizes.length >> 1] };
}

/** The absolute values of some entries, evenly chosen; of all where that choice meets none. */
function sample(values, kept) {
  const every = Math.max(1, Math.floor(values.length / SAMPLES));
  const chosen = Array.from(
    values.filter((value, i) => i % every === 0 && kept(value)),
    Math.abs,
  );
  return chosen.length || every === 1 ? chosen : Array.from(values.filter(kept), Math.abs);
}

function widened(low, high) {
  const margin = 0.05 * (high - low) || 0.1 * Math.abs(high) || 1;
  return [low - margin, high + margin];
}

function nice(rough) {
  const unit = 10 ** Math.floor(Math.log10(rough));
  return unit * ([1, 2, 5].find((digit) => digit * unit >= rough * (1 - 1e-9)) ?? 10);
}

function within(low, high, step) {
  return Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
}

function decades(bottom, top, most) {
  const fits = (every) => Math.floor(top / every) - Math.ceil(bottom / every) + 1 <= most;
  const every = [1, 2, 3, 5, 10, 15, 20, 50].find(fits) ?? 100;
  const first = Math.ceil(bottom / every - 1e-9);
  return Array.from({ length: Math.floor(top / every + 1e-9) - first + 1 }, (_, k) => (first + k) * every);
}

function decadesAbove(end, start) {
  return end > 0 ? Math.log10(end) - start : -1;
}

function digits(low, high, wanted) {
  const found = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1) {
    for (const digit of wanted) {
      const value = Number(`${digit}e${decade}`);
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found;
}

/** A power of ten without the last bit that 10 ** k may miss. */
function power(exponent) {
  return Number(`1e${Math.round(exponent)}`);
}

function tidy(value) {
  return Number(value.toPrecision(12));
}
