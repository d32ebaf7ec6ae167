/** What the server says of itself to everybody: where its main port is, its region, its limits. */

import { Problem } from "./problem.js";

/**
 * @typedef {object} ServerFacts
 * @property {string} endpoint
 * @property {string} region
 * @property {string} version
 * @property {Record<string, number>} limits
 */

/** @type {Promise<ServerFacts> | null} */
let asked = null;

/** @returns {Promise<ServerFacts>} asked once for each page load, again after a failure */
export function serverFacts() {
  asked ??= read().catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** @returns {Promise<ServerFacts>} */
async function read() {
  let response;
  try {
    response = await fetch("config.json", { cache: "no-store", credentials: "omit" });
  } catch {
    throw new Problem("Network", "", 0, "");
  }
  if (!response.ok) throw new Problem(`HTTP ${response.status}`, "", response.status, "");
  return response.json();
}
