// Where the camera looks from at first: from where it sees most of what there is to see.

import { Camera } from "./camera.js";
import { Picture } from "./picture.js";
import { SLACK } from "./trail.js";

/** @import { Relief } from "./relief.js" */

/** @typedef {[azimuth: number, elevation: number]} View in radians */

/** @type {View[]} the earlier, the better the view, where nothing is hidden */
const VIEWS = [-0.62, 0.62, -0.2, 0.25, -1.05, 1.05].flatMap((azimuth) =>
  [0.74, 1.02].map((up) => /** @type {View} */ ([azimuth, up])),
);
const WORSE = 0.015; // the part of the points that a later view must show more of
const SIZE = 240; // pixels of the picture that is looked at

/**
 * The view that shows most.
 * @param {Relief} relief
 * @param {Float32Array[]} groups u, v, w of points; each group counts the same
 */
export function bestView(relief, groups) {
  const [camera, picture] = [new Camera(), new Picture()];
  camera.resize(SIZE, SIZE);
  const scores = VIEWS.map((view, rank) => {
    camera.settle(...view);
    picture.clear(SIZE, SIZE, 1);
    relief.look(camera);
    relief.fill(picture);
    const sum = groups.reduce((total, points) => total + partInSight(points, camera, picture), 0);
    return sum / groups.length - WORSE * rank;
  });
  return VIEWS[scores.indexOf(Math.max(...scores))];
}

/**
 * The part of points that nothing hides; 0 where there are none.
 * @param {Float32Array} points
 * @param {Camera} camera
 * @param {Picture} picture
 */
function partInSight(points, camera, picture) {
  const seen = camera.project(points, new Float32Array(points.length));
  let [inSight, all] = [0, 0];
  for (let k = 0; k < seen.length; k += 3) {
    if (Number.isNaN(seen[k])) continue;
    all += 1;
    if (picture.shows(seen[k], seen[k + 1], seen[k + 2], SLACK)) inSight += 1;
  }
  return all ? inSight / all : 0;
}
