// The types that several modules share: a scene with its arrays in place, and what the parts of the arena know of it.
// No browser loads this file.

import type * as json from "./json.d.ts";

export type {
  Algorithm,
  AlgorithmLine,
  Beneath,
  Expression,
  Ground,
  Knob,
  Knobs,
  Level,
  Line,
  Offer,
  Panel,
  Point,
  Range,
  Scale,
  Score,
  Scrub,
} from "./json.d.ts";

/** A scene, decoded. */
export interface Scene extends Omit<json.Scene, "contenders" | "map"> {
  contenders: Contender[];
  map: SceneMap | null;
}

/** A run, decoded. Entry k of a channel is what holds after `steps[k]` steps, before the next one. */
export interface Run extends Omit<json.Variant, "axes" | "channels"> {
  axes: Record<string, Float32Array>;
  channels: Record<string, Channel>;
}

export interface Channel {
  axis: string;
  values: Float32Array;
}

export interface Contender extends Run {
  index: number; // among the scene's contenders
  label: string;
  colour: string;
  dash: number[];
  variants?: Run[];
}

export interface SceneMap extends Omit<json.Map, "grid"> {
  grid: Grid | null;
}

export interface Grid extends Omit<json.Grid, "height"> {
  height: Float32Array;
}

/** A place in pixels, from the upper left corner of an element; or a point of a plane. */
export interface XY {
  x: number;
  y: number;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Colours and font of the page. */
export interface Theme {
  dark: boolean;
  text: string;
  background: string;
  accent: string;
  muted: string;
  grid: string;
  font: string;
}

/** What a part of the arena may ask and tell. */
export interface App {
  theme: Theme;
  /** Whether a person hid the contender of this index. */
  hidden(index: number): boolean;
  /** Whether arrows are wanted at the heads of the paths. */
  arrows(): boolean;
  /** The step that is shown; it may lie between two. */
  step(): number;
  seek(step: number): void;
  /** A person chose a start. */
  start(x: number, y: number): void;
}

/** A view of a scene. */
export interface Part {
  /** Takes a scene; `fresh`: nothing of the view is kept. */
  setScene(scene: Scene, fresh: boolean): void;
  /** The part became visible, or another size. */
  resize(): void;
  /** Another theme, or another choice of contenders. */
  repaint(): void;
  /** Draws what moves with the step. */
  draw(step: number): void;
}
