// The arena: puts the parts together, keeps the view, and lets the step move through all of them.

import { Curves } from "./curves/curves.js";
import { connect, setHeight, tell } from "./host.js";
import { GroundMap } from "./map/map.js";
import { Player } from "./controls/player.js";
import { Readout } from "./controls/readout.js";
import { decode } from "./shared/scene.js";
import { Steps } from "./steps/steps.js";
import { Surface } from "./surface/surface.js";
import { Transport } from "./controls/transport.js";
import { Variants } from "./controls/variants.js";
import { write } from "./shared/words.js";

const find = (id) => document.getElementById(id);
const root = document.querySelector(".arena");

/** What a person set, and no new scene takes away unless it is of another problem. */
const view = { show: "race", ground: "map", arrows: false, hidden: new Set(), chosen: 0 }; // hidden: labels

const app = {
  theme: {},
  hidden: (index) => view.hidden.has(scene.contenders[index].label),
  arrows: () => view.arrows,
  step: () => player.step,
  seek: (step) => player.seek(step),
  start: (x, y) => tell({ event: "start", at: [x, y], nth: ++view.chosen }),
};

const player = new Player(draw);
const transport = new Transport(player);
const variants = new Variants(find("variants"), vary, (index) => tell({ event: "variant", index, nth: ++view.chosen }));
const readout = new Readout(find("readout"), app.hidden, toggle);
const parts = {
  map: new GroundMap(find("map"), app),
  surface: new Surface(find("surface"), app),
  curves: new Curves(find("curves"), app, (scene) => scene.panels),
  inside: new Curves(find("inside"), app, (scene) => scene.inside, { columns: 3 }),
  steps: new Steps(find("steps"), app),
};
const stale = new Set(); // parts that nobody sees, and that missed a scene
let scene;

function shown() {
  const ground = view.ground === "surface" && scene.map?.grid ? "surface" : "map";
  return { race: [ground, "curves"], inside: ["inside"], steps: [ground, "steps"] }[view.show];
}

/** Draws what moves, in the parts that are seen. */
function draw(step) {
  for (const name of shown()) parts[name].draw(step);
  readout.draw(step);
  transport.draw(step);
}

/** Brings the page in line with the view: what is seen, which buttons are down. */
function arrange() {
  const seen = shown();
  root.dataset.view = view.show;
  for (const name of Object.keys(parts)) find(name).hidden = !seen.includes(name);
  for (const button of root.querySelectorAll("[data-show]")) {
    const chosen = button.dataset.show === view.show;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  find("body").setAttribute("aria-labelledby", `tab-${view.show}`);
  for (const button of root.querySelectorAll("[data-ground]")) {
    button.setAttribute("aria-pressed", String(seen.includes(button.dataset.ground)));
  }
  find("grounds").hidden = view.show === "inside" || !scene.map?.grid;
  find("arrows").hidden = !seen.includes("map") || !scene.contenders.some((contender) => contender.channels.ux);
  find("arrows").setAttribute("aria-pressed", String(view.arrows));
  find("beneath").hidden = !scene.beneath || view.show === "inside";
  find("tab-inside").hidden = !scene.inside.length;
  find("tab-steps").hidden = !scene.algorithm.length;
  root.querySelector("[role=tablist]").hidden = !scene.inside.length && !scene.algorithm.length;
  for (const name of seen) {
    if (stale.delete(name)) {
      parts[name].setScene(scene, parts[name].fresh);
      parts[name].fresh = false; // it may miss the same scene's repainting, and must not lose its zoom to that
    }
    parts[name].resize();
  }
  draw(player.step);
}

function repaint() {
  readout.repaint();
  for (const name of shown()) parts[name].repaint();
  for (const name of Object.keys(parts)) if (!shown().includes(name)) stale.add(name);
  draw(player.step);
}

/** Another value of the knob that is dragged: the same scene with that value's run. */
function vary() {
  variants.show(scene);
  for (const name of Object.keys(parts)) {
    if (shown().includes(name)) parts[name].setScene(scene, false);
    else stale.add(name);
  }
  draw(player.step);
  root.dataset.varied = String(Number(root.dataset.varied ?? 0) + 1);
}

function toggle(index) {
  const { label } = scene.contenders[index];
  if (!view.hidden.delete(label)) view.hidden.add(label);
  repaint();
}

/** Whoever is hidden stays so: at another place where somebody left, under another label where a knob was turned. */
function rename(before, now) {
  if (before.length !== now.length) return;
  const hidden = before.map(({ label }) => view.hidden.delete(label));
  now.forEach(({ label }, index) => hidden[index] && view.hidden.add(label));
}

function setTheme(theme) {
  const dark = theme.base === "dark";
  const found = {
    dark,
    text: theme.textColor ?? (dark ? "#e1e7ef" : "#1a2230"),
    background: theme.backgroundColor ?? (dark ? "#030508" : "#ffffff"),
    muted: dark ? "#9aa7b8" : "#566171",
    grid: dark ? "rgba(150, 165, 190, 0.16)" : "rgba(90, 105, 130, 0.16)",
    font: theme.font ?? "system-ui, sans-serif",
  };
  const changed = JSON.stringify(found) !== JSON.stringify(app.theme);
  app.theme = found;
  const variables = { text: found.text, background: found.background, muted: found.muted, grid: found.grid, font: found.font };
  variables.raised = theme.secondaryBackgroundColor ?? found.background;
  variables.accent = theme.primaryColor ?? "#2563c9";
  for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(`--${name}`, value);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  return changed;
}

/** The choice of what lies beneath the paths of many parameters. */
function setBeneath(beneath) {
  const select = find("beneath");
  const options = (beneath?.choices ?? []).map(([value, text]) => new Option(text, value, false, value === beneath.chosen));
  select.replaceChildren(...options);
}

function receive(args, theme) {
  const changed = setTheme(theme);
  const fresh = scene?.key !== args.scene.key;
  const directions = ({ map, beneath }) => `${map.title} ${beneath?.chosen}`;
  const elsewhere = fresh || directions(scene) !== directions(args.scene); // the zoom means nothing there
  const before = scene;
  scene = decode(args.scene, args.blob);
  if (fresh) view.hidden.clear();
  else rename(before.contenders, scene.contenders);
  if (!scene[{ inside: "inside", steps: "algorithm" }[view.show] ?? "contenders"].length) view.show = "race";
  root.hidden = false;
  variants.setScene(scene, app.theme);
  player.setLast(scene.last, fresh);
  transport.setScene(scene);
  readout.setScene(scene);
  for (const name of Object.keys(parts)) {
    const anew = name === "map" || name === "surface" ? elsewhere : fresh;
    parts[name].fresh = anew || (stale.has(name) && parts[name].fresh);
    stale.add(name);
  }
  setBeneath(scene.beneath);
  write(find("note"), scene.map?.note ?? "");
  find("note").hidden = !scene.map?.note;
  arrange();
  if (changed) repaint();
  root.dataset.scenes = String(Number(root.dataset.scenes ?? 0) + 1);
}

find("beneath").addEventListener("change", ({ target }) => {
  tell({ event: "beneath", kind: target.value, nth: ++view.chosen });
});

root.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-show], [data-ground], #arrows");
  if (!button) return;
  if (button.dataset.show) view.show = button.dataset.show;
  if (button.dataset.ground) view.ground = button.dataset.ground;
  if (button.id === "arrows") view.arrows = !view.arrows;
  arrange();
});

root.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!way) return;
  const tabs = [...root.querySelectorAll("[role=tab]:not([hidden])")];
  const next = tabs[(tabs.indexOf(document.activeElement) + way + tabs.length) % tabs.length];
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
    if (scene) arrange();
  };
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
}
sharpen();

/** For a test in a browser, which reads what is drawn. */
globalThis.arena = { app, parts, player, view, scene: () => scene };

connect(receive);
