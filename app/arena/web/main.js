// The arena: puts the parts together, keeps the view, and lets the step move through all of them.

import { Knobs } from "./controls/knobs.js";
import { Player } from "./controls/player.js";
import { Readout } from "./controls/readout.js";
import { Transport } from "./controls/transport.js";
import { Variants } from "./controls/variants.js";
import { Curves } from "./curves/curves.js";
import { connect, setHeight, tell } from "./host.js";
import { GroundMap } from "./map/map.js";
import { byId, required } from "./shared/dom.js";
import { decode } from "./shared/scene.js";
import { write } from "./shared/words.js";
import { Steps } from "./steps/steps.js";
import { Surface } from "./surface/surface.js";
import { themeOf } from "./theme.js";

/**
 * @import { App, Beneath, Contender, Scene, Theme } from "./shared/types.d.ts"
 * @import { Args, HostTheme } from "./host.js"
 */

/** @typedef {"race" | "inside" | "steps"} Tab */
/** @typedef {"map" | "surface"} Ground */
/** @typedef {"map" | "surface" | "curves" | "inside" | "steps"} Name the id of a part's element */

const root = required(document.querySelector("main"), "arena");
const tabs = required(root.querySelector("[role=tablist]"), "list of tabs");

/**
 * What a person set, and no new scene takes away unless it is of another problem.
 * @type {{ show: Tab, ground: Ground, arrows: boolean, hidden: Set<string> }}
 */
const view = { show: "race", ground: "map", arrows: false, hidden: new Set() }; // hidden: labels

/** @type {Scene | undefined} */
let scene;

/** @type {App} */
const app = {
  theme: themeOf({}),
  hidden: (index) => view.hidden.has(scene?.contenders[index].label ?? ""),
  arrows: () => view.arrows,
  step: () => player.step,
  seek: (step) => player.seek(step),
  start: (x, y) => tell({ event: "start", at: [x, y] }),
};

const player = new Player(draw);
const transport = new Transport(player);
const variants = new Variants(byId("variants"), vary, (index) => tell({ event: "variant", index }));
const knobs = new Knobs(byId("knobs"), tell);
const readout = new Readout(byId("readout"), app.hidden, toggle);
const parts = {
  map: new GroundMap(byId("map"), app),
  surface: new Surface(byId("surface"), app),
  curves: new Curves(byId("curves"), app, ({ panels }) => panels),
  inside: new Curves(byId("inside"), app, ({ inside }) => inside, { columns: 3 }),
  steps: new Steps(byId("steps"), app),
};
const names = /** @type {Name[]} */ (Object.keys(parts));
/** @type {Map<Name, boolean>} parts that missed a scene, and whether it was a fresh one for them */
const stale = new Map();

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

/**
 * Brings the page in line with the view: what is seen, which buttons are down.
 * @param {Scene} scene
 */
function arrange(scene) {
  const seen = shown();
  root.dataset.view = view.show;
  for (const name of names) byId(name).hidden = !seen.includes(name);
  for (const tab of tabsOf(tabs)) {
    const selected = tab.dataset.show === view.show;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
  byId("body").setAttribute("aria-labelledby", `tab-${view.show}`);
  for (const ground of /** @type {Ground[]} */ (["map", "surface"])) {
    byId("grounds")
      .querySelector(`[data-ground=${ground}]`)
      ?.setAttribute("aria-pressed", String(seen.includes(ground)));
  }
  const { map, contenders, beneath, inside, algorithm } = scene;
  byId("grounds").hidden = view.show === "inside" || !map?.grid;
  byId("arrows").hidden = !seen.includes("map") || !contenders.some(({ channels }) => channels.ux);
  byId("arrows").setAttribute("aria-pressed", String(view.arrows));
  byId("ground-choice").hidden = !beneath || view.show === "inside";
  byId("tab-inside").hidden = !inside.length;
  byId("tab-steps").hidden = !algorithm.length;
  tabs.toggleAttribute("hidden", !inside.length && !algorithm.length);
  for (const name of seen) {
    const fresh = stale.get(name);
    if (fresh !== undefined) parts[name].setScene(scene, fresh);
    stale.delete(name);
    parts[name].resize();
  }
  draw(player.step);
}

/** @param {Element} list */
function tabsOf(list) {
  return /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[role=tab]"));
}

/** Draws the parts that are seen anew; the others when they are. */
function repaint() {
  readout.repaint();
  const seen = shown();
  for (const name of names) {
    if (seen.includes(name)) parts[name].repaint();
    else miss(name, false);
  }
  draw(player.step);
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
  variants.show();
  const seen = shown();
  for (const name of names) {
    if (seen.includes(name)) parts[name].setScene(scene, false);
    else miss(name, false);
  }
  draw(player.step);
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
 * Whoever is hidden stays so: at another place where somebody left, under another label where a hyperparameter changed.
 * @param {Contender[]} before
 * @param {Contender[]} now
 */
function rename(before, now) {
  if (before.length !== now.length) return;
  const hidden = before.map(({ label }) => view.hidden.delete(label));
  now.forEach(({ label }, index) => hidden[index] && view.hidden.add(label));
}

/**
 * Takes the page's colours; returns whether they are others than before.
 * @param {HostTheme} host
 */
function setTheme(host) {
  /** @type {Theme} */
  const theme = themeOf(host);
  const changed = JSON.stringify(theme) !== JSON.stringify(app.theme);
  app.theme = theme;
  const { dark, ...variables } = theme;
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(variables)) style.setProperty(`--${name}`, value);
  style.colorScheme = dark ? "dark" : "light";
  return changed;
}

/**
 * Offers what can lie beneath the paths of many parameters.
 * @param {Beneath | null} beneath
 */
function offerGrounds(beneath) {
  const options = beneath?.choices.map(([value, text]) => new Option(text, value, false, value === beneath.chosen)) ?? [];
  byId("ground-choice").replaceChildren(...options);
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
  else rename(before.contenders, now.contenders);
  if (!{ race: true, inside: now.inside.length, steps: now.algorithm.length }[view.show]) view.show = "race";
  root.hidden = false;
  variants.setScene(now, app.theme);
  knobs.setScene(now);
  player.setLast(now.last, fresh);
  transport.setScene(now);
  readout.setScene(now);
  for (const name of names) miss(name, name === "map" || name === "surface" ? elsewhere : fresh);
  offerGrounds(now.beneath);
  write(byId("note"), now.map?.note ?? "");
  byId("note").hidden = !now.map?.note;
  arrange(now);
  if (changed) repaint();
  count("scenes");
}

/**
 * The plane that the paths are drawn on, by name.
 * @param {Scene} scene
 */
function directions({ map, beneath }) {
  return `${map?.title} ${beneath?.chosen}`;
}

/**
 * Counts on the page's root, for a test to wait for.
 * @param {"scenes" | "varied"} name
 */
function count(name) {
  root.dataset[name] = String(Number(root.dataset[name] ?? 0) + 1);
}

byId("ground-choice").addEventListener("change", ({ target }) => {
  if (target instanceof HTMLSelectElement) tell({ event: "beneath", kind: target.value });
});

root.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-show], [data-ground], #arrows") : null;
  if (!(button instanceof HTMLElement) || !scene) return;
  const { show, ground } = button.dataset;
  if (show === "race" || show === "inside" || show === "steps") view.show = show;
  if (ground === "map" || ground === "surface") view.ground = ground;
  if (button.id === "arrows") view.arrows = !view.arrows;
  arrange(scene);
});

tabs.addEventListener("keydown", (event) => {
  const key = event instanceof KeyboardEvent ? event.key : "";
  const way = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!way) return;
  const offered = [...tabsOf(tabs)].filter((tab) => !tab.hidden);
  const now = offered.findIndex((tab) => tab === document.activeElement);
  const next = offered[(now + way + offered.length) % offered.length];
  next.focus();
  next.click();
  event.stopPropagation();
});

new ResizeObserver(() => setHeight(Math.ceil(root.getBoundingClientRect().height))).observe(root);
let width = 0;
new ResizeObserver(() => {
  if (!scene || root.clientWidth === width) return;
  width = root.clientWidth;
  for (const name of shown()) parts[name].resize();
  draw(player.step);
}).observe(root);

/** On a screen of another density, such as after the browser's own zoom, all is drawn anew. */
function sharpen() {
  const again = () => {
    sharpen();
    if (scene) arrange(scene);
  };
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
}
sharpen();

// For a test in a browser, which reads what is drawn.
Object.assign(globalThis, { arena: { app, parts, player, view, scene: () => scene } });

connect(receive);
