// Numbers as text: the same four digits that the tables of the page show.

const DIGITS = 4;

/** What stands where there is no number. */
export const NOTHING = "–";

/** A value as Python's "%.4g" writes it: 1.2e-06, 0.001, 12.34, 1.235e+04. */
export function number(value) {
  return general(value, DIGITS);
}

/** Two digits: of what is known no better, or only to be compared. */
export function rough(value) {
  return general(value, 2, 4);
}

/** A whole number with its thousands set apart: 2,000. */
export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : number(value);
}

/** A tick's value in as few characters as it has digits: 0.25, 2,000, 1e-06. */
export function short(value) {
  return Number.isInteger(value) && Math.abs(value) < 1e5 ? count(value) : general(value, 6);
}

/** Python's general format: an exponent of two digits at least, no zeros that say nothing; from `places` on an exponent. */
function general(value, digits, places = digits) {
  if (Number.isNaN(value) || value === undefined || value === null) return NOTHING;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  // Rounding comes first: 9999.9 has four digits before it and five after.
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < places) return trim(Number(`${mantissa}e${exponent}`).toFixed(Math.max(digits - 1 - power, 0)));
  const sign = power < 0 ? "-" : "+";
  return `${trim(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

function trim(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
