// What is said to Python while a hand drags: one message at a time, and always the last one of each knob.

/** Milliseconds after which a message counts as answered. */
export const PATIENCE = 400;

/**
 * Messages by the knob that they are of. The next one goes out when the last one is answered; of several that wait for that,
 * a knob's last one stands for all of its own.
 * @template Message
 */
export class Outbox {
  #send;
  /** @type {Map<string, Message>} */
  #waiting = new Map();
  /** @type {{ key: string, message: Message } | null} */
  #underWay = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** Whether a message is under way or waits. */
  get busy() {
    return this.#underWay !== null || this.#waiting.size > 0;
  }

  /**
   * @param {string} key of the knob
   * @param {Message} message
   */
  post(key, message) {
    this.#waiting.set(key, message);
    if (!this.#underWay) this.#next();
  }

  /**
   * Takes an answer; nothing where the message under way is another.
   * @param {(key: string, message: Message) => boolean} answers whether it answers a message
   */
  answer(answers) {
    if (this.#underWay && answers(this.#underWay.key, this.#underWay.message)) this.#next();
  }

  #next() {
    clearTimeout(this.#timer);
    this.#underWay = null;
    const [first] = this.#waiting;
    if (!first) return;
    const [key, message] = first;
    this.#waiting.delete(key);
    this.#underWay = { key, message };
    this.#timer = setTimeout(() => this.#next(), PATIENCE);
    this.#send(message);
  }
}
