/** Stores many files, a few at a time. It goes on when another page is opened, and can be stopped. Tells `begin` and `change`. */

import { each } from "./pool.js";

const AT_A_TIME = 4;

/** @typedef {{file: File, key: string}} Waiting */
/** @typedef {{key: string, error: unknown}} Failure */

export class Uploads extends EventTarget {
  constructor() {
    super();
    this.reset();
  }

  reset() {
    this.total = 0;
    this.done = 0;
    this.bytesTotal = 0;
    this.bytesDone = 0;
    /** @type {Failure[]} */
    this.failures = [];
    this.stopping = new AbortController();
    this.running = 0;
  }

  get isRunning() {
    return this.running > 0;
  }

  get wasStopped() {
    return this.stopping.signal.aborted;
  }

  stop() {
    this.stopping.abort();
    this.#tell();
  }

  /**
   * Store files. Failures are kept for the panel; nothing is thrown.
   * @param {import("../api/oss.js").ObjectService} objects @param {string} bucket @param {Waiting[]} files
   */
  async add(objects, bucket, files) {
    if (!this.isRunning) this.reset();
    const { signal } = this.stopping;
    this.total += files.length;
    this.bytesTotal += files.reduce((sum, { file }) => sum + file.size, 0);
    this.running += 1;
    this.dispatchEvent(new Event("begin"));
    this.#tell();
    await each(files, AT_A_TIME, (one) => this.#one(objects, bucket, one, signal), signal);
    this.running -= 1;
    this.#tell();
  }

  /** @param {import("../api/oss.js").ObjectService} objects @param {string} bucket @param {Waiting} one @param {AbortSignal} signal */
  async #one(objects, bucket, { file, key }, signal) {
    let sent = 0;
    const progress = (/** @type {number} */ now) => {
      this.bytesDone += Math.min(now, file.size) - sent;
      sent = Math.min(now, file.size);
      this.#tell();
    };
    try {
      await objects.put(bucket, key, file, progress, signal);
      progress(file.size);
      this.done += 1;
    } catch (error) {
      if (!signal.aborted) this.failures.push({ key, error });
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Find all files in what was dropped, those in folders too. @param {DataTransfer} transfer @returns {Promise<{file: File, path: string}[]>} */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) found.push(...(await filesOf(entry)));
  return found;
}

/** @param {FileSystemEntry} entry @returns {Promise<{file: File, path: string}[]>} */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesOf(one)));
  }
}
