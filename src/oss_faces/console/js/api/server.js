/** What the server says of itself to everybody: where its main port is, its region, its limits. */

/**
 * @typedef {object} ServerFacts
 * @property {string} endpoint
 * @property {string} region
 * @property {string} version
 * @property {Record<string, number>} limits
 */

/** @type {Promise<ServerFacts> | null} */
let asked = null;

/** @returns {Promise<ServerFacts>} asked once for each page load */
export function serverFacts() {
  asked ??= fetch("config.json", { cache: "no-store", credentials: "omit" }).then((response) => response.json());
  return asked;
}
