// The geometry of a block: its triangles, the walls around it, the lines along its levels.

/** @typedef {{ corners: ArrayLike<number>, points: Float32Array, normals: Float32Array, heights: Float32Array }} Faces */

const STEEP = 0.75; // a cliff is lit as if it were this much as steep, else it would be a black wall

/**
 * Two triangles for each cell of a grid whose heights are finite, as their vertices.
 * @param {number} columns
 * @param {number} rows
 * @param {Float32Array} heights
 */
export function trianglesOf(columns, rows, heights) {
  const vertices = [];
  for (let j = 0; j < rows - 1; j += 1) {
    for (let i = 0; i < columns - 1; i += 1) {
      const [a, b] = [j * columns + i, j * columns + i + 1];
      const [c, d] = [a + columns, b + columns];
      // Cut along the diagonal that bends less, so that a slanting valley is no row of teeth.
      const falls = Math.abs(heights[a] - heights[d]) < Math.abs(heights[b] - heights[c]);
      for (const corners of falls
        ? [
            [a, b, d],
            [a, d, c],
          ]
        : [
            [a, b, c],
            [b, d, c],
          ]) {
        if (corners.every((k) => Number.isFinite(heights[k]))) vertices.push(...corners);
      }
    }
  }
  return Uint32Array.from(vertices);
}

/**
 * The four walls from the rim of a grid down to the floor.
 * @param {number} columns
 * @param {number} rows
 * @param {Float32Array} points u, v, w of each vertex
 * @param {Float32Array} heights of each vertex, from 0 to 1
 * @param {number} floor its w
 * @returns {Faces}
 */
export function facesOf(columns, rows, points, heights, floor) {
  /** @type {{ points: number[], normals: number[], heights: number[], corners: number[] }} */
  const walls = { points: [], normals: [], heights: [], corners: [] };
  /**
   * @param {number} length
   * @param {(i: number) => number} vertex
   * @param {[u: number, v: number, w: number]} facing
   */
  const wall = (length, vertex, facing) => {
    for (let i = 0; i < length; i += 1) {
      const k = vertex(i);
      const [u, v, w] = points.subarray(3 * k, 3 * k + 3);
      const at = walls.heights.length;
      walls.points.push(u, v, w, u, v, floor);
      walls.normals.push(...facing, ...facing);
      walls.heights.push(heights[k], 0);
      if (i) walls.corners.push(at - 2, at - 1, at, at, at - 1, at + 1);
    }
  };
  wall(columns, (i) => i, [0, -1, 0]);
  wall(columns, (i) => (rows - 1) * columns + i, [0, 1, 0]);
  wall(rows, (i) => i * columns, [-1, 0, 0]);
  wall(rows, (i) => i * columns + columns - 1, [1, 0, 0]);
  return {
    corners: walls.corners,
    points: Float32Array.from(walls.points),
    normals: Float32Array.from(walls.normals),
    heights: Float32Array.from(walls.heights),
  };
}

/**
 * Where each triangle crosses each level: u, v, w of both ends.
 * @param {Uint32Array} corners
 * @param {Float32Array} points
 * @param {Float32Array} heights
 * @param {number[]} levels
 * @param {number} lift of w
 */
export function levelLines(corners, points, heights, levels, lift) {
  const ends = [];
  for (let k = 0; k < corners.length; k += 3) {
    const [low, middle, high] = [...corners.subarray(k, k + 3)].sort((a, b) => heights[a] - heights[b]);
    for (const level of levels) {
      if (!(heights[low] < level && level <= heights[high])) continue;
      const other = level > heights[middle] ? [middle, high] : [low, middle];
      for (const [from, to] of [[low, high], other]) {
        const part = (level - heights[from]) / (heights[to] - heights[from] || 1);
        for (let e = 0; e < 3; e += 1) {
          ends.push(points[3 * from + e] + part * (points[3 * to + e] - points[3 * from + e]) + (e === 2 ? lift : 0));
        }
      }
    }
  }
  return Float32Array.from(ends);
}

/**
 * A normal of unit length from two slopes.
 * @param {number} along
 * @param {number} across
 * @returns {[u: number, v: number, w: number]}
 */
export function normal(along, across) {
  const [a, b] = [along * STEEP, across * STEEP];
  const length = Math.hypot(a, b, 1);
  return [-a / length, -b / length, 1 / length];
}
