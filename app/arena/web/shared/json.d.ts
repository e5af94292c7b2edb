// The JSON that Python sends: the types of the records that app/figures/ builds. No browser loads this file.

/** Where an array lies in the buffer: the offset and the number of its elements. */
export type Span = [offset: number, count: number];

/** The two ends of an axis, in data. */
export type Range = [low: number, high: number];

export type Point = [x: number, y: number];

export type Scale = "linear" | "log" | "symlog";

/** All that the arena shows. */
export interface Scene {
  key: string; // another key: another problem, and nothing of the view is kept
  contenders: Contender[];
  last: number; // the last step of the longest run
  map: Map | null;
  beneath: Beneath | null; // null where there is no choice of a ground
  panels: Panel[];
  inside: Panel[];
  algorithm: Algorithm[]; // one for each contender, or none at all
  ground: Ground;
  reference: string; // the colour of what is no contender: minimisers, levels
  scrub?: Scrub;
}

/** A run: `broken` if it diverged, `ending` says how it ended. */
export interface Variant {
  broken: boolean;
  ending: string;
  axes: Record<string, Span>;
  channels: Record<string, Channel>;
}

/** One contender with its run; `variants` are its runs for every value of a hyperparameter. */
export interface Contender extends Variant {
  label: string;
  colour: string;
  dash: number[]; // of a canvas, in pixels
  variants?: Variant[];
}

/** The values of one quantity along one of the run's axes. */
export interface Channel {
  axis: string;
  at: Span;
}

/** One plot over steps. */
export interface Panel {
  id: string;
  title: string;
  scale: Scale;
  range: Range | null; // null: what the lines span
  formula: string; // HTML
  sentence: string;
  lines: Line[];
  levels: Level[];
  words: string; // the plot in words
}

export interface Line {
  contender: number; // its index
  channel: string;
  name: string;
  style: string; // "own": the contender's dash; else "dotted", "dashed" or "solid"
  width: number; // pixels
}

/** A horizontal line with a word at its end. */
export interface Level {
  value: number;
  label: string;
}

/** The plane that the paths are drawn on: a function of two variables, a plane through the paths, or two directions. */
export interface Map {
  title: string;
  x: MapAxis;
  y: MapAxis;
  path: [x: string, y: string]; // the two channels of a path
  grid: Grid | null; // null for bare axes
  levels: number[]; // ascending heights
  logarithmic: boolean; // whether heights are log10 of something
  measure: string; // the name of what a height measures
  minimisers: Point[];
  start: Point | null;
  clickable: boolean; // whether a click chooses a start
  words: string;
  note: string;
}

export interface MapAxis {
  label: string;
  range: Range | null; // null: what the paths take
}

/** Heights on a regular grid, row by row from the lowest y. */
export interface Grid {
  columns: number;
  rows: number;
  x: Range;
  y: Range;
  height: Span;
}

/** The colours of the ground, "#rrggbb" from the lowest to the highest. */
export interface Ground {
  light: string[];
  dark: string[];
}

/** The choice of what the paths of many parameters are drawn on. */
export interface Beneath {
  chosen: string;
  choices: [value: string, text: string][];
}

/** The step of one contender's optimizer, as lines to be filled with numbers. */
export interface Algorithm {
  settings: string; // HTML
  rule: string; // the name of the rule that says why D rose or did not
  first: number | null; // the first D
  vectors: Record<string, [x: string, y: string]>; // a vector's two channels
  derived: Record<string, Expression>;
  groups: Group[];
}

export interface Group {
  title: string;
  lines: AlgorithmLine[];
}

export interface AlgorithmLine {
  name: string;
  formula: string; // HTML
  numbers: string; // HTML with {name} in place of numbers; "" where some of them are not known
  old: string | null; // the name of the value before the step
  new: string | null; // the name of the value after it
  marked: boolean; // whether the other lines lead up to this one
}

/** A number, a name, or [operation, ...expressions]. */
export type Expression = number | string | Expression[];

/** A hyperparameter that is dragged through all its values. */
export interface Scrub {
  contender: number; // its index
  knob: string;
  values: string[];
  now: number; // the index of the value that the experiment has
  losses: (number | null)[]; // final losses; null where the run broke off
  words: string[];
}
