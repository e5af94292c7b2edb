// The arena: puts the parts together, keeps the view, and lets the step move through all of them.

import { Announcer } from "./controls/announcer.js";
import { Header } from "./controls/header.js";
import { Knobs } from "./controls/knobs.js";
import { Opening } from "./controls/opening.js";
import { Player } from "./controls/player.js";
import { Readout } from "./controls/readout.js";
import { Transport } from "./controls/transport.js";
import { Variants } from "./controls/variants.js";
import { Curves } from "./curves/curves.js";
import { connect, setHeight, tell } from "./host.js";
import { GroundMap } from "./map/map.js";
import { Memory } from "./memory.js";
import { onDensity, onWidth } from "./shared/canvas.js";
import { byId } from "./shared/dom.js";
import { decode, directions } from "./shared/scene.js";
import { write } from "./shared/words.js";
import { Steps } from "./steps/steps.js";
import { Surface } from "./surface/surface.js";
import { themeOf, wear } from "./theme.js";
import { renamed } from "./view.js";

/**
 * @import { App, Scene } from "./shared/types.d.ts"
 * @import { Args, HostTheme } from "./host.js"
 * @import { Ranges } from "./map/viewport.js"
 * @import { Look } from "./surface/camera.js"
 * @import { Ground, Tab, View } from "./view.js"
 */

/** @typedef {"map" | "surface" | "curves" | "inside" | "steps"} Name the id of a part's element */

const root = byId("whole");

/**
 * What a person set, and no new scene takes away unless it is of another problem.
 * @type {{ show: Tab, ground: Ground, arrows: boolean, hidden: Set<string> }}
 */
const view = { show: "race", ground: "map", arrows: false, hidden: new Set() }; // hidden: labels

const narrow = matchMedia("(max-width: 640px)");

/** @type {{ zoom?: Ranges | null, camera?: Look | null }} for parts that have not yet been seen with their scene */
const later = {};

let scene = /** @type {Scene | undefined} */ (undefined);

/** @type {App} */
const app = {
  theme: themeOf({}),
  hidden: (index) => view.hidden.has(scene?.contenders[index].label ?? ""),
  arrows: () => view.arrows,
  step: () => player.step,
  seek: (step) => player.seek(step),
  start: (x, y) => tell({ event: "start", at: [x, y] }),
};

const player = new Player((step) => (draw(step), announce()));
const transport = new Transport(player);
const opening = new Opening(player);
const variants = new Variants(byId("variants"), vary, (index) => tell({ event: "variant", index }));
const announcer = new Announcer(byId("said"));
const knobs = new Knobs(byId("knobs"), tell);
const readout = new Readout(byId("readout"), app.hidden, toggle);
const header = new Header({
  show: (tab) => change(() => (view.show = tab)),
  turn: () => change(() => (view.ground = view.ground === "map" ? "surface" : "map")),
  arrows: () => change(() => (view.arrows = !view.arrows)),
  beneath: (kind) => tell({ event: "beneath", kind }),
});
const parts = {
  map: new GroundMap(byId("map"), app),
  surface: new Surface(byId("surface"), app),
  curves: new Curves(byId("curves"), app, ({ panels }) => panels, { between: () => (narrow.matches ? byId("readout") : null) }),
  inside: new Curves(byId("inside"), app, ({ inside }) => inside, { columns: 3 }),
  steps: new Steps(byId("steps"), app),
};
const names = /** @type {Name[]} */ (Object.keys(parts));
/** @type {Map<Name, boolean>} parts that missed a scene, and whether it was a fresh one for them */
const stale = new Map();
const memory = new Memory(
  see,
  () => !scene || player.playing || knobs.busy,
  (view) => scene?.scrub || tell({ event: "view", view }),
);
player.onChange(() => (memory.note(), announce()));

/** @returns {Name[]} the parts that are seen */
function shown() {
  const ground = view.ground === "surface" && scene?.map?.grid ? "surface" : "map";
  /** @type {Record<Tab, Name[]>} */
  const byTab = { race: [ground, "curves"], inside: ["inside"], steps: [ground, "steps"] };
  return byTab[view.show];
}

/**
 * Draws what moves, in the parts that are seen.
 * @param {number} step
 */
function draw(step) {
  for (const name of shown()) parts[name].draw(step);
  readout.draw(step);
  transport.draw(step);
}

/** Says what stands at the step that a person went to. */
function announce() {
  announcer.follow(player, scene?.contenders.filter(({ index }) => !app.hidden(index)) ?? []);
}

/** @param {() => void} act changes the view */
function change(act) {
  act();
  if (scene) arrange(scene);
}

/**
 * Brings the page in line with the view: what is seen, which buttons are down.
 * @param {Scene} scene
 */
function arrange(scene) {
  const seen = shown();
  root.dataset.view = view.show;
  for (const name of names) byId(name).hidden = !seen.includes(name);
  byId("notice").hidden = !scene.notice;
  byId("notice").textContent = scene.notice;
  // On a phone the numbers stand between D and the other curves.
  if (!narrow.matches || view.show !== "race" || scene.notice) root.append(byId("readout"));
  else parts.curves.settle();
  const [onMap, onSurface] = [seen.includes("map"), seen.includes("surface")];
  header.draw(scene, { tab: view.show, onMap, onSurface, arrows: view.arrows });
  for (const name of seen) {
    const fresh = stale.get(name);
    if (fresh !== undefined) parts[name].setScene(scene, fresh);
    stale.delete(name);
    parts[name].resize();
  }
  recall(seen);
  draw(player.step);
}

/**
 * Gives parts that are seen what the view has for them.
 * @param {Name[]} seen
 */
function recall(seen) {
  if (seen.includes("map") && later.zoom !== undefined) {
    parts.map.show(later.zoom);
    delete later.zoom;
  }
  if (seen.includes("surface") && later.camera !== undefined) {
    parts.surface.look(later.camera);
    delete later.camera;
  }
}

/** @returns {View} what is seen now */
function see() {
  const hidden = scene?.contenders.filter(({ index }) => app.hidden(index)).map(({ index }) => index) ?? [];
  return {
    tab: view.show,
    step: player.step < player.last ? player.step : null,
    arrows: view.arrows,
    ground: view.ground,
    zoom: later.zoom === undefined ? parts.map.part : later.zoom,
    camera: later.camera === undefined ? parts.surface.camera.look : later.camera,
    hidden,
    speed: player.speed,
  };
}

/**
 * Shows a view of the scene.
 * @param {View} wanted
 * @param {Scene} scene
 */
function take({ tab, step, arrows, ground, zoom, camera, hidden, speed }, scene) {
  Object.assign(view, { show: tab, arrows, ground });
  Object.assign(later, { zoom, camera });
  view.hidden = new Set(hidden.flatMap((index) => scene.contenders[index]?.label ?? []));
  player.pause();
  player.setSpeed(speed);
  player.step = Math.min(step ?? player.last, player.last);
  for (const name of names) miss(name, false);
}

/**
 * Does something to the parts that are seen, then draws; the others follow when they are.
 * @param {(name: Name) => void} act
 */
function renew(act) {
  const seen = shown();
  for (const name of names) {
    if (seen.includes(name)) act(name);
    else miss(name, false);
  }
  draw(player.step);
}

function repaint() {
  readout.repaint();
  renew((name) => parts[name].repaint());
}

/**
 * Notes that a part that is not seen missed a scene; one that it missed before may have been a fresh one.
 * @param {Name} name
 * @param {boolean} fresh
 */
function miss(name, fresh) {
  stale.set(name, fresh || (stale.get(name) ?? false));
}

/** Shows another value of the hyperparameter that is dragged: the same scene with that value's run. */
function vary() {
  if (!scene) return;
  const now = scene;
  variants.show();
  renew((name) => parts[name].setScene(now, false));
  count("varied");
}

/**
 * Hides a contender everywhere, or shows it again.
 * @param {number} index
 */
function toggle(index) {
  const label = scene?.contenders[index].label;
  if (label === undefined) return;
  if (!view.hidden.delete(label)) view.hidden.add(label);
  repaint();
}

/**
 * Takes the page's colours; returns whether they are others than before.
 * @param {HostTheme} host
 */
function setTheme(host) {
  const theme = themeOf(host);
  const changed = JSON.stringify(theme) !== JSON.stringify(app.theme);
  wear((app.theme = theme));
  return changed;
}

/**
 * @param {Args} args
 * @param {HostTheme} host
 */
function receive(args, host) {
  const changed = setTheme(host);
  const before = scene;
  const now = decode(args.scene, args.blob);
  const fresh = before?.key !== now.key;
  // In other directions the zoom means nothing.
  const elsewhere = !before || fresh || directions(before) !== directions(now);
  scene = now;
  if (!before || fresh) view.hidden.clear();
  else view.hidden = renamed(view.hidden, before.contenders, now.contenders);
  if (elsewhere) Object.assign(later, { zoom: undefined, camera: undefined });
  root.hidden = false;
  variants.setScene(now, app.theme);
  knobs.setScene(now);
  player.setLast(now.last, fresh);
  transport.setScene(now);
  for (const name of names) miss(name, name === "map" || name === "surface" ? elsewhere : fresh);
  const wanted = memory.exchange.receive(args.view);
  if (wanted) take(wanted, now);
  if (!before && typeof args.opening === "number" && (wanted?.step ?? null) === null) opening.begin(args.opening);
  if (!{ race: true, inside: now.inside.length, steps: now.algorithm.length }[view.show]) view.show = "race";
  readout.setScene(now);
  header.offer(now.beneath);
  write(byId("note"), now.map?.note ?? "");
  byId("note").hidden = !now.map?.note;
  arrange(now);
  if (changed) repaint();
  count("scenes");
}

/**
 * Counts on the page's root, for a test to wait for.
 * @param {"scenes" | "varied"} name
 */
function count(name) {
  root.dataset[name] = String(Number(root.dataset[name] ?? 0) + 1);
}

new ResizeObserver(() => setHeight(Math.ceil(root.getBoundingClientRect().height))).observe(root);
onWidth(root, () => {
  if (!scene) return;
  for (const name of shown()) parts[name].resize();
  draw(player.step);
});
onDensity(() => change(() => {}));
narrow.addEventListener("change", () => change(() => {}));

// For a test in a browser, which reads what is drawn.
Object.assign(globalThis, { arena: { app, parts, player, view, scene: () => scene } });

connect(receive);
