// The numbers of one step: what Python writes as expressions and templates, worked out from the channels of a run.

import { place } from "../shared/scene.js";

/** @import { Algorithm, Expression, Run } from "../shared/types.d.ts" */

/** @typedef {number | number[] | undefined} Value a number or a vector of two; undefined where it was not recorded */

/** @typedef {(name: string) => Value} Reader */

/** @type {Record<string, ((...operands: number[]) => number) | undefined>} on vectors coordinate by coordinate */
const OPERATIONS = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  quotient: (a, b) => a / b,
  root: (a) => Math.sqrt(a),
  rest: (base, power) => -Math.expm1(power * Math.log(base)), // 1 - base^power
};

/** @type {Record<string, ((...operands: Value[]) => Value) | undefined>} on whole vectors */
const OF_VECTORS = {
  first: (vector) => coordinate(vector, 0),
  second: (vector) => coordinate(vector, 1),
  shorten(most, vector) {
    if (typeof most !== "number" || !Array.isArray(vector)) return undefined;
    const length = Math.hypot(...vector);
    return vector.map((part) => part * Math.min(1, most / (length || most)));
  },
};

/**
 * The value of an expression: a number, a name that `read` knows, or [operation, ...expressions].
 * @param {Expression} expression
 * @param {Reader} read
 * @returns {Value}
 */
export function evaluate(expression, read) {
  if (typeof expression === "number") return expression;
  if (typeof expression === "string") return read(expression);
  const [name, ...operands] = expression;
  const values = operands.map((operand) => evaluate(operand, read));
  if (values.includes(undefined)) return undefined;
  const ofVectors = OF_VECTORS[String(name)];
  if (ofVectors) return ofVectors(...values);
  const operation = OPERATIONS[String(name)];
  if (!operation) throw new Error(`There is no operation ${name}.`);
  /** @param {number} axis */
  const on = (axis) => operation(...values.map((value) => coordinate(value, axis)));
  return values.some(Array.isArray) ? [on(0), on(1)] : on(0);
}

/**
 * A vector's coordinate, or the number itself.
 * @param {Value} value
 * @param {number} axis
 */
function coordinate(value, axis) {
  return Array.isArray(value) ? value[axis] : (value ?? NaN);
}

/**
 * A function of a name to its value at entry `i`; with a + behind the name, to that at the next entry.
 * @param {Run} run
 * @param {Algorithm} algorithm
 * @param {number} i
 * @returns {Reader}
 */
export function reader(run, algorithm, i) {
  /** @type {(channel: string, entry: number) => number | undefined} */
  const at = (channel, entry) => run.channels[channel]?.values[entry];
  /** @type {Reader} */
  const read = (given) => {
    const after = given.endsWith("+");
    const name = after ? given.slice(0, -1) : given;
    const entry = after ? i + 1 : i;
    if (name === "t") return run.axes.steps[i] + 1;
    if (name in algorithm.derived) return evaluate(algorithm.derived[name], read);
    const vector = algorithm.vectors[name];
    if (!vector) return at(name, entry);
    const [x, y] = vector.map((channel) => at(channel, entry));
    return x === undefined || y === undefined ? undefined : [x, y];
  };
  return read;
}

/**
 * Which two neighbouring entries are the step that stands at `step`.
 * @param {ArrayLike<number>} axis
 * @param {number} step
 * @returns {number | undefined} the first of them; undefined where no step was taken, or a long run did not keep both
 */
export function pair(axis, step) {
  const { i } = place(axis, step);
  return [i, i - 1].find((entry) => axis[entry + 1] === axis[entry] + 1);
}
