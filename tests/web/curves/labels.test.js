import assert from "node:assert/strict";
import { test } from "node:test";
import { endsOf, spotOf, spotsAlong } from "../../../app/arena/web/curves/labels.js";

const PLOT = { left: 50, right: 450, top: 10, bottom: 110 };

/** @param {number[]} heights upper edges, in any order */
function least(heights) {
  const sorted = [...heights].sort((a, b) => a - b);
  return Math.min(...sorted.slice(1).map((height, k) => height - sorted[k]));
}

test("names at the ends of lines keep the lines' order and do not lie over each other", () => {
  const ends = [40, 41, 39, 42, 100];
  const heights = endsOf(ends, PLOT);
  assert.ok(least(heights) >= 12 - 1e-9, heights.join());
  const order = (/** @type {number[]} */ values) => values.map((_, k) => k).sort((a, b) => values[a] - values[b]);
  assert.deepEqual(order(heights), order(ends));
  assert.equal(heights[4], 93, "who stands alone stands at its end");
});

test("a crowd at the lower edge moves up, and stays in the plot", () => {
  const heights = endsOf([110, 110, 110, 110], PLOT);
  assert.ok(least(heights) >= 12 - 1e-9);
  assert.ok(Math.max(...heights) <= PLOT.bottom - 7 && Math.min(...heights) >= PLOT.top - 7);
});

test("more names than there is room for share it", () => {
  const heights = endsOf(
    Array.from({ length: 20 }, () => 50),
    PLOT,
  );
  assert.ok(Math.max(...heights) <= PLOT.bottom && Math.min(...heights) >= 0);
  assert.ok(least(heights) > 4);
});

test("a level's name stands where no line is", () => {
  // Along the right half, where the name would stand first, a line above the level and one below it.
  const lines = [20, 36].map((y) => [250, y, 450, y]);
  const { x } = spotOf(28, 80, PLOT, lines, []);
  assert.ok(x + 80 <= 250, String(x));
});

test("a line's name stands beside its line, covers none, and lies over no other name", () => {
  const rising = [50, 110, 100, 20, 450, 20];
  const taken = [{ x: 360, y: 24, width: 80 }];
  const spot = spotsAlong(rising, 70, PLOT, [rising], taken);
  assert.ok(spot);
  const { x, y } = spot;
  assert.ok(y > 20 || y + 14 < 20);
  assert.ok(!(x < 440 && x + 70 > 360 && y < 38 && y + 14 > 24));
});

test("a line that lies in no part of the plot has no name", () => {
  assert.equal(spotsAlong([50, NaN, 450, NaN], 70, PLOT, [], []), undefined);
});
