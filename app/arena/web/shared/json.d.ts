// The JSON that Python sends. `python -m app.figures.arena.types` writes this file from app/figures/arena/records.py: change
// the records there. No browser loads this file.

export type Scale = "linear" | "log" | "symlog";
export type Stroke = "own" | "dotted" | "dashed";
export type Mark = "disc" | "ring" | "none";
export type Expression = string | number | Unary | Binary;

/** The place of an array in the buffer: its offset and the number of its elements. */
export type Span = [offset: number, size: number];

/** The two ends of an axis, in data. */
export type Range = [low: number, high: number];

/** A point of the plane that is drawn. */
export type Point = [x: number, y: number];

/** The names of the two channels that are a vector's coordinates. */
export type Coordinates = [x: string, y: string];

/** One of several values, and its text for a person. */
export type Choice = [value: string, text: string];

/** The values of one quantity along one of the run's axes. */
export interface Channel {
  /** The name of the axis. */
  axis: string;
  at: Span;
}

/** A run. */
export interface Variant {
  /** Whether it diverged or became NaN. */
  broken: boolean;
  /** How it ended, in a sentence. */
  ending: string;
  /** Ascending step numbers. */
  axes: Record<string, Span>;
  channels: Record<string, Channel>;
}

/** A contender and its run. */
export interface Contender extends Variant {
  label: string;
  /** "#rrggbb". */
  colour: string;
  /** Lengths of strokes and gaps of a canvas, in pixels; none where the line is solid. */
  dash: number[];
  /** Its runs for every value of the hyperparameter that is dragged. */
  variants?: Variant[];
}

/** A contender's channel as a line of a panel. */
export interface Line {
  /** Its index in the scene. */
  contender: number;
  channel: string;
  name: string;
  /** "own" is the contender's dash. */
  style: Stroke;
  /** Pixels. */
  width: number;
  /** Where the line is at a step. */
  mark: Mark;
  /** Words at the line, in its colour; "" for none. */
  label: string;
}

/** A horizontal line with a label at its end. */
export interface Level {
  value: number;
  label: string;
}

/** One plot over steps. */
export interface Panel {
  id: string;
  title: string;
  scale: Scale;
  /** Null where it is what the lines span. */
  range: Range | null;
  /** HTML. */
  formula: string;
  sentence: string;
  lines: Line[];
  levels: Level[];
  /** The plot in words, with the values at which its lines end. */
  words: string;
  /** Sentences on how its lines run, for who does not see them. */
  facts: string[];
}

/** An axis of the map. */
export interface MapAxis {
  label: string;
  /** Null where it is what the paths span. */
  range: Range | null;
}

/** Heights on a regular grid, row by row from the lowest y. */
export interface Grid {
  columns: number;
  rows: number;
  x: Range;
  y: Range;
  height: Span;
}

/** The paths and their ground: a function of two variables, a plane through the paths, or two bare directions. */
export interface Map {
  title: string;
  x: MapAxis;
  y: MapAxis;
  /** The channels of a path. */
  path: Coordinates;
  /** Null where the ground is bare. */
  grid: Grid | null;
  /** The heights of the contour lines, ascending. */
  levels: number[];
  /** Whether a height is log10 of the measure. */
  logarithmic: boolean;
  /** The name of the quantity that the heights show. */
  measure: string;
  minimisers: Point[];
  start: Point;
  /** Whether a click chooses a start. */
  clickable: boolean;
  /** The map in words. */
  words: string;
  note: string;
}

/** The colours of the ground, "#rrggbb" from the lowest to the highest. */
export interface Ground {
  light: string[];
  dark: string[];
}

/** The choice of a ground for the paths of many parameters. */
export interface Beneath {
  chosen: string;
  choices: Choice[];
}

/** An operation on one value. "root" is the square root, "first" and "second" are coordinates of a vector. */
export type Unary = [operator: "root" | "first" | "second", operand: Expression];

/** An operation on two values. ["rest", b, t] is 1 - b^t; ["shorten", c, v] is the vector v cut to the length c. */
export type Binary = [operator: "sum" | "product" | "quotient" | "rest" | "shorten", first: Expression, second: Expression];

/** A formula of an optimizer's step. */
export interface AlgorithmLine {
  name: string;
  /** HTML. */
  formula: string;
  /** HTML with {name} in the place of a number; "" where some of the numbers are not known. */
  numbers: string;
  /** The name of the value before the step. */
  old: string | null;
  /** The name of the value after it. */
  new: string | null;
  /** Whether the other lines lead up to this one. */
  marked: boolean;
}

/** Lines under a heading. */
export interface Group {
  title: string;
  lines: AlgorithmLine[];
}

/** The step of one contender's optimizer, as lines to be filled with numbers. */
export interface Algorithm {
  /** HTML, the hyperparameters in the formulas; without formulas, a summary of the optimizer. */
  settings: string;
  /** The name of the rule that says why D rose or did not. */
  rule: string;
  /** The first D. */
  first: number | null;
  vectors: Record<string, Coordinates>;
  derived: Record<string, Expression>;
  groups: Group[];
}

/** A hyperparameter that is dragged through all its values. */
export interface Scrub {
  /** The index of the one whose hyperparameter it is. */
  contender: number;
  knob: string;
  values: string[];
  /** The index of the value in the experiment. */
  now: number;
  /** Final losses; null where the run broke off. */
  losses: (number | null)[];
  /** Each value and what it led to. */
  words: string[];
}

/** What a model is judged by beside its loss. */
export interface Score {
  channel: string;
  /** For a person. */
  name: string;
  /** Whether it is a part of 1 that is shown in percent. */
  percent: boolean;
  /** A sentence where the best loss and the best score are not the same contender's; "" where they are. */
  note: string;
}

/** A hyperparameter, or a setting of the problem, that is turned in the figure. */
export interface Knob {
  /** The index of the one whose hyperparameter it is, whose colour it has; -1 for a setting. */
  contender: number;
  name: string;
  kind: "slider" | "switch" | "choice";
  /** Its values, ascending; a switch has "off" and "on". */
  texts: string[];
  /** The index of the nearest to the value now. */
  at: number;
  /** The value now, exactly. */
  text: string;
  /** The index of the nearest to the default. */
  usual: number;
  help: string;
}

/** A knob that can be put in the figure in place of another. */
export interface Offer {
  contender: number;
  name: string;
  text: string;
}

/** The knobs in the figure. */
export interface Knobs {
  shown: Knob[];
  /** Those that a person can put there; none where there is no choice. */
  offered: Offer[];
}

/** All that the arena shows. */
export interface Scene {
  /** Under another key, nothing of the view is kept. */
  key: string;
  contenders: Contender[];
  /** The last step of the longest run. */
  last: number;
  map: Map;
  /** Null where there is no choice of a ground. */
  beneath: Beneath | null;
  panels: Panel[];
  inside: Panel[];
  /** One for each contender, or none at all. */
  algorithm: Algorithm[];
  ground: Ground;
  /** The colour of all but the contenders: minimisers, levels. */
  reference: string;
  /** Why there is no run at all; "" where there is one. */
  notice: string;
  score?: Score;
  scrub?: Scrub;
  knobs?: Knobs;
}
