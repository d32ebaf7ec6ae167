/** The last requests of this tab and their answers, for whoever wants to see what a click did. Kept in memory only. */

const ENTRIES_MAX = 60;
const BODY_CHARACTERS_MAX = 200_000;

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {Date} at
 * @property {string} title name of the operation
 * @property {string} method
 * @property {string} target what it was about: bucket and key, or the action's main parameter
 * @property {number} status 0 when no answer came
 * @property {number} ms
 * @property {string} body text of the answer; empty when it is none
 * @property {() => Promise<string>} curl writes the request as a command, signed anew
 */

/** @type {Entry[]} */
const entries = [];
let count = 0;

export const changes = new EventTarget();

/** @param {Omit<Entry, "id">} entry */
export function note(entry) {
  count += 1;
  entries.unshift({ ...entry, id: count, body: entry.body.slice(0, BODY_CHARACTERS_MAX) });
  entries.length = Math.min(entries.length, ENTRIES_MAX);
  changes.dispatchEvent(new Event("change"));
}

/** @returns {readonly Entry[]} the newest first */
export function noted() {
  return entries;
}
