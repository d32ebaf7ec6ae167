/** Work on many things, a few at a time. */

/**
 * @template T
 * @param {Iterable<T> | AsyncIterable<T>} things @param {number} width at most so many at a time
 * @param {(thing: T) => Promise<void>} work tells of its failures itself: what it throws ends all
 * @param {AbortSignal} [signal] no further thing is begun once it is aborted
 */
export async function each(things, width, work, signal) {
  const source = things[Symbol.asyncIterator]?.() ?? things[Symbol.iterator]();
  const lane = async () => {
    while (!signal?.aborted) {
      const { done, value } = await source.next();
      if (done) return;
      await work(value);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Lets so many callers through at a time; the newest waiting one goes first, since it is what the user looks at. */
export class Gate {
  /** @param {number} width */
  constructor(width) {
    this.free = width;
    /** @type {(() => void)[]} */
    this.waiting = [];
  }

  /** @template T @param {() => Promise<T>} work @param {AbortSignal} signal @returns {Promise<T>} */
  async pass(work, signal) {
    if (this.free > 0) this.free -= 1;
    else await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.waiting.pop();
      if (next) next();
      else this.free += 1;
    }
  }
}
