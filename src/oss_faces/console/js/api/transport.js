/** Sends signed requests; every answer is noted in the journal. Only uploads go another way, in `oss.js`. */

import { note } from "./journal.js";
import { Problem, problemOf } from "./problem.js";

const NOTED_BYTES_MAX = 2_000_000;

/**
 * @typedef {object} Outgoing
 * @property {string} title name of the operation
 * @property {string} target what it is about
 * @property {string} method
 * @property {() => Promise<{url: string, headers: Record<string, string>}>} sign makes address and headers, each time anew
 * @property {BodyInit | null} [body]
 * @property {boolean} [quiet] leave it out of the journal unless it fails
 * @property {AbortSignal} [signal]
 */

/**
 * Send a request and take its answer whole.
 * @param {Outgoing} outgoing
 * @returns {Promise<Response>} a success; the journal has read a copy of it if it is a text
 */
export async function send(outgoing) {
  const { method, body, signal } = outgoing;
  const started = performance.now();
  const { url, headers } = await outgoing.sign();
  let response;
  try {
    response = await fetch(url, { method, headers, body, signal, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (signal?.aborted) throw error;
    record(outgoing, 0, started, "");
    throw new Problem("Network", "", 0, "");
  }
  if (!response.ok) {
    const text = await response.text();
    record(outgoing, response.status, started, text);
    throw problemOf(response.status, text);
  }
  if (!outgoing.quiet) record(outgoing, response.status, started, await readable(response));
  return response;
}

/** @param {Outgoing} outgoing @param {number} status @param {number} started @param {string} body */
export function record(outgoing, status, started, body) {
  const { title, target, method } = outgoing;
  const ms = performance.now() - started;
  note({ at: new Date(), title, target, method, status, ms, body, curl: () => curl(outgoing) });
}

/** Write a request as a command. @param {Outgoing} outgoing */
export async function curl(outgoing) {
  const { url, headers } = await outgoing.sign();
  const lines = [`curl ${quote(url)}`];
  if (outgoing.method !== "GET") lines.push(`--request ${outgoing.method}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`--header ${quote(`${name}: ${value}`)}`);
  if (typeof outgoing.body === "string" && outgoing.body) lines.push(`--data-raw ${quote(outgoing.body)}`);
  else if (outgoing.body) lines.push("--upload-file FILE");
  return lines.join(" \\\n  ");
}

/** Quote for a shell. @param {string} text */
export function quote(text) {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** A long text is left out: it would be in memory twice. @param {Response} response */
async function readable(response) {
  const { headers } = response;
  const isShort = Number(headers.get("content-length") ?? 0) <= NOTED_BYTES_MAX;
  return isShort && /json|xml|text/.test(headers.get("content-type") ?? "") ? response.clone().text() : "";
}
