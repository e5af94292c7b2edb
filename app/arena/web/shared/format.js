// Numbers as text, with the same four digits that the tables of the page show.

const DIGITS = 4;

/** Stands where there is no number. */
export const NOTHING = "–";

/**
 * A value as Python's "%.4g" writes it: 1.2e-06, 0.001, 12.34, 1.235e+04.
 * @param {number | null | undefined} value
 */
export function number(value) {
  return general(value, DIGITS);
}

/**
 * Two digits, for a value that is known no better or is only compared.
 * @param {number | undefined} value
 */
export function rough(value) {
  return general(value, 2, 4);
}

/**
 * A whole number with its thousands set apart: 2,000.
 * @param {number} value
 */
export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : number(value);
}

/**
 * A tick's value in as few characters as it has digits: 0.25, 2,000, 1e-06.
 * @param {number} value
 */
export function short(value) {
  return Number.isInteger(value) && Math.abs(value) < 1e5 ? count(value) : general(value, 6);
}

/**
 * A number's text with a real minus sign before it, as axes have it.
 * @param {string} text
 */
export function minus(text) {
  return text.replace(/^-/, "−");
}

/**
 * Python's general format: an exponent of at least two digits, no trailing zeros.
 * @param {number | null | undefined} value
 * @param {number} digits
 * @param {number} places from this power of ten on with an exponent
 */
function general(value, digits, places = digits) {
  if (value === undefined || value === null || Number.isNaN(value)) return NOTHING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  // Rounding comes first: 9999.9 has four digits before it and five after.
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < places) return trim(Number(`${mantissa}e${exponent}`).toFixed(Math.max(digits - 1 - power, 0)));
  const sign = power < 0 ? "-" : "+";
  return `${trim(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** @param {string} text */
function trim(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
