// What gestures do with the camera: a drag turns it, with Shift it shifts the picture.

/**
 * @import { Acts } from "../shared/gestures.js"
 * @import { XY } from "../shared/types.d.ts"
 * @import { Camera } from "./camera.js"
 */

/** The factor of the plus key and of the buttons. */
export const KEY_ZOOM = 1.25;

const TURN = 0.009; // radians for a pixel of a drag
const KEY_TURN = { azimuth: 0.1, elevation: 0.08 }; // radians for an arrow key

/**
 * @param {Camera} camera
 * @param {(moving: boolean) => void} changed moving: more will follow at once
 * @param {(at: XY | null) => void} point a pointer is here, or away
 * @returns {Acts}
 */
export function turning(camera, changed, point) {
  /**
   * @param {number} factor
   * @param {XY | null} at
   */
  const zoom = (factor, at) => {
    camera.scale(factor, at ? at.x - camera.width / 2 : 0, at ? at.y - camera.height / 2 : 0);
    changed(true);
  };
  return {
    drag: (right, down, _at, { touch, shift }) => {
      if (shift) camera.shift(right, down);
      // A finger that goes up or down scrolls the page: only sideways turns.
      else camera.turn(right * TURN, touch ? 0 : down * TURN);
      changed(true);
    },
    pinch: (factor, _before, now) => zoom(factor, now),
    release: (at, _hand, lifted) => {
      changed(false);
      if (lifted) point(at); // a finger asks by a tap
    },
    zoom,
    reset: () => {
      camera.reset();
      changed(false);
    },
    zoomed: () => camera.moved,
    hover: point,
    arrow: (right, up) => {
      camera.turn(right * KEY_TURN.azimuth, up * KEY_TURN.elevation);
      changed(true);
      return true;
    },
  };
}
