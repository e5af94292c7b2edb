// Stand-ins for what only a browser has.

/** An element that gestures can listen to, its corner at (10, 20) in the window. */
export class FakeElement extends EventTarget {
  /** @type {Set<string>} */
  attributes = new Set();
  /** @type {number[]} */
  captured = [];

  getBoundingClientRect() {
    return { left: 10, top: 20 };
  }

  /** @param {number} id */
  setPointerCapture(id) {
    this.captured.push(id);
  }

  /**
   * @param {string} name
   * @param {boolean} on
   */
  toggleAttribute(name, on) {
    if (on) this.attributes.add(name);
    else this.attributes.delete(name);
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name);
  }

  /**
   * Dispatches an event with these properties; returns it.
   * @param {string} type
   * @param {object} properties
   */
  fire(type, properties = {}) {
    const event = Object.assign(new Event(type, { cancelable: true }), properties);
    this.dispatchEvent(event);
    return event;
  }
}

/** Animation frames that a test lets pass; put in the place of the browser's. */
export class FakeFrames {
  /** @type {Map<number, (now: number) => void>} */
  #waiting = new Map();
  #next = 1;
  now = 1000; // milliseconds

  constructor() {
    Object.assign(globalThis, {
      /** @param {(now: number) => void} callback */
      requestAnimationFrame: (callback) => {
        this.#waiting.set(this.#next, callback);
        return this.#next++;
      },
      /** @param {number} id */
      cancelAnimationFrame: (id) => this.#waiting.delete(id),
    });
  }

  /**
   * Lets one frame come after so many milliseconds.
   * @param {number} passed
   */
  pass(passed) {
    this.now += passed;
    const callbacks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of callbacks) callback(this.now);
  }

  get waiting() {
    return this.#waiting.size;
  }
}
