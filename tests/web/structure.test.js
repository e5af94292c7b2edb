// What holds the files together: rooms, style sheets and the page.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { test } from "node:test";

const WEB = join(import.meta.dirname, "../../app/arena/web");
const PAGE = readFileSync(join(WEB, "index.html"), "utf8");

/** @param {string} pattern */
function files(pattern) {
  return globSync(pattern, { cwd: WEB }).map((name) => ({ name, text: readFileSync(join(WEB, name), "utf8") }));
}

test("a room imports what is its own or shared, and shared modules only each other", () => {
  const faults = files("*/*.js").flatMap(({ name, text }) => {
    const imports = [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => join(dirname(name), path));
    return imports.filter((path) => ![dirname(name), "shared"].includes(dirname(path))).map((path) => `${name}: ${path}`);
  });
  assert.deepEqual(faults, []);
  assert.ok(files("*/*.js").length > 20);
});

test("every style sheet is loaded, and stands in the room of what it styles", () => {
  const loaded = [...PAGE.matchAll(/rel="stylesheet" href="([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(
    [...loaded].sort(),
    files("**/*.css")
      .map(({ name }) => relative("", name))
      .sort(),
  );
});

test("no rule is for a class or an id that nothing has", () => {
  const sources = [PAGE, ...files("**/*.js").map(({ text }) => text)].join("\n");
  const words = new Set(sources.match(/[a-z][a-z0-9-]*/gi));
  for (const { name, text } of files("**/*.css")) {
    const selectors = text.replace(/\/\*[^]*?\*\//g, "").replace(/{[^{}]*}/g, "{}");
    const named = [...selectors.matchAll(/[.#]([a-z][a-z0-9-]*)/g)].map(([, word]) => word);
    assert.deepEqual(
      named.filter((word) => !words.has(word)),
      [],
      name,
    );
  }
});

test("the page has every element that the scripts ask for by id", () => {
  const asked = files("**/*.js").flatMap(({ text }) => [...text.matchAll(/byId\("([^"]+)"\)/g)].map(([, id]) => id));
  assert.ok(asked.length > 10);
  assert.deepEqual(
    asked.filter((id) => !PAGE.includes(`id="${id}"`)),
    [],
  );
});

test("no module loads a file of types", () => {
  const faults = files("**/*.js").filter(({ text }) => /^\s*import .*\.d\.ts/m.test(text));
  assert.deepEqual(
    faults.map(({ name }) => basename(name)),
    [],
  );
});
