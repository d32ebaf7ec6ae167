/**
 * Signature V4 of OSS, in the header and as a presigned address.
 *
 * Source: OSS "Include a V4 signature in the Authorization header" and "Add signatures to URLs"; checked against requests
 * of the official SDKs in `tests/vectors`.
 */

import { hex, hmac, sha256 } from "./digest.js";
import { byBytes, encode, encodePath } from "./percent.js";

const ALGORITHM = "OSS4-HMAC-SHA256";
const TERMINATOR = "aliyun_v4_request";
const UNSIGNED = "UNSIGNED-PAYLOAD";
const SIGNED_HEADERS = /^(x-oss-.*|content-type|content-md5)$/;

/** @typedef {import("../session.js").Session} Session */
/** @typedef {Record<string, string>} Pairs */
/**
 * @typedef {object} Wanted
 * @property {string} method
 * @property {string} bucket empty for the service itself
 * @property {string} key empty for the bucket itself
 * @property {Pairs} query a parameter without a value has ""
 * @property {Pairs} headers lower-case names; of these, `x-oss-` ones, content-type and content-md5 are signed
 */

/** `20261122T185403Z` @param {Date} now */
function basicDate(now) {
  return now.toISOString().replace(/[-:]|\.\d+/g, "");
}

/**
 * Sign a request in its headers.
 * @param {Session} session @param {Wanted} wanted @param {Date} now
 * @returns {Promise<Pairs>} the headers to send
 */
export async function signHeaders(session, wanted, now) {
  const timestamp = basicDate(now);
  /** @type {Pairs} */
  const headers = { ...wanted.headers, "x-oss-date": timestamp, "x-oss-content-sha256": UNSIGNED };
  if (session.securityToken) headers["x-oss-security-token"] = session.securityToken;
  const scope = `${timestamp.slice(0, 8)}/${session.region}/oss/${TERMINATOR}`;
  const signature = await sign(session, timestamp, scope, canonicalRequest({ ...wanted, headers }, UNSIGNED));
  return { ...headers, authorization: `${ALGORITHM} Credential=${session.accessKeyId}/${scope},Signature=${signature}` };
}

/**
 * Sign a request in its query, for programs that know nothing of OSS.
 * @param {Session} session @param {Wanted} wanted @param {Date} now @param {number} validS seconds
 * @returns {Promise<string>} the whole address
 */
export async function presign(session, wanted, now, validS) {
  const timestamp = basicDate(now);
  const scope = `${timestamp.slice(0, 8)}/${session.region}/oss/${TERMINATOR}`;
  /** @type {Pairs} */
  const query = {
    ...wanted.query,
    "x-oss-signature-version": ALGORITHM,
    "x-oss-credential": `${session.accessKeyId}/${scope}`,
    "x-oss-date": timestamp,
    "x-oss-expires": String(validS),
  };
  if (session.securityToken) query["x-oss-security-token"] = session.securityToken;
  const signed = { ...wanted, query };
  query["x-oss-signature"] = await sign(session, timestamp, scope, canonicalRequest(signed, UNSIGNED));
  return address(session.endpoint, signed);
}

/** Write the address of a request, with the bucket in the path. @param {string} endpoint @param {Wanted} wanted */
export function address(endpoint, wanted) {
  const query = canonicalQuery(wanted.query);
  return `${endpoint}${canonicalPath(wanted)}${query ? `?${query}` : ""}`;
}

/** @param {Wanted} wanted @param {string} payload */
function canonicalRequest(wanted, payload) {
  const names = Object.keys(wanted.headers)
    .filter((name) => SIGNED_HEADERS.test(name))
    .sort(byBytes);
  const headers = names.map((name) => `${name}:${wanted.headers[name].trim()}\n`).join("");
  return [wanted.method, canonicalPath(wanted), canonicalQuery(wanted.query), headers, "", payload].join("\n");
}

/** @param {Session} session @param {string} timestamp @param {string} scope @param {string} canonical */
async function sign(session, timestamp, scope, canonical) {
  let key = /** @type {string | Uint8Array} */ (`aliyun_v4${session.accessKeySecret}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  return hex(await hmac(key, [ALGORITHM, timestamp, scope, await sha256(canonical)].join("\n")));
}

/** @param {Wanted} wanted */
function canonicalPath({ bucket, key }) {
  return bucket ? `/${encode(bucket)}/${encodePath(key)}` : "/";
}

/** @param {Pairs} query */
function canonicalQuery(query) {
  return Object.entries(query)
    .map(([name, value]) => /** @type {[string, string]} */ ([encode(name), encode(value)]))
    .sort((a, b) => byBytes(a[0], b[0]))
    .map(([name, value]) => (value ? `${name}=${value}` : name))
    .join("&");
}
