/**
 * Signature ACS3-HMAC-SHA256, that of IMM. Parameters go in a form, so that the query is empty whatever their length.
 *
 * Source: "Request syntax and signature method V3" of Alibaba Cloud's API gateway; checked against requests of the official
 * client in `tests/vectors/imm`.
 */

import { hex, hmac, sha256 } from "./digest.js";
import { byBytes } from "./percent.js";

const ALGORITHM = "ACS3-HMAC-SHA256";

/** @typedef {import("../session.js").Session} Session */
/**
 * @typedef {object} ActionCall
 * @property {string} host host and port, as the browser sends them
 * @property {string} action
 * @property {string} version
 * @property {string} body the form
 * @property {string} nonce
 */

/**
 * Sign a call. `host` is signed and not among the headers that are returned: the browser sends it by itself.
 * @param {Session} session @param {ActionCall} call @param {Date} now
 * @returns {Promise<Record<string, string>>}
 */
export async function signAction(session, call, now) {
  const digest = await sha256(call.body);
  /** @type {Record<string, string>} */
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-acs-action": call.action,
    "x-acs-content-sha256": digest,
    "x-acs-date": now.toISOString().replace(/\.\d+/, ""),
    "x-acs-signature-nonce": call.nonce,
    "x-acs-version": call.version,
  };
  if (session.securityToken) headers["x-acs-security-token"] = session.securityToken;
  const signed = { ...headers, host: call.host };
  const { names, signature } = await signature3(session.accessKeySecret, "POST", "", signed, digest);
  const fields = `Credential=${session.accessKeyId},SignedHeaders=${names},Signature=${signature}`;
  return { ...headers, authorization: `${ALGORITHM} ${fields}` };
}

/**
 * Compute the signature over a request to `/`.
 * @param {string} secret @param {string} method @param {string} query encoded and sorted
 * @param {Record<string, string>} headers those that are signed, with lower-case names
 * @param {string} digest SHA-256 of the body in hex
 */
export async function signature3(secret, method, query, headers, digest) {
  const sorted = Object.keys(headers).sort(byBytes);
  const lines = sorted.map((name) => `${name}:${headers[name].trim()}\n`).join("");
  const names = sorted.join(";");
  const canonical = [method, "/", query, lines, names, digest].join("\n");
  return { names, signature: hex(await hmac(secret, `${ALGORITHM}\n${await sha256(canonical)}`)) };
}
