/** SHA-256 and HMAC by the browser itself. It offers them in secure contexts only: https, localhost, 127.0.0.1. */

const encoder = new TextEncoder();

export function canSign() {
  return globalThis.isSecureContext && globalThis.crypto?.subtle !== undefined;
}

/** @param {string | Uint8Array} value */
export function bytes(value) {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** @param {ArrayBuffer | Uint8Array} value */
export function hex(value) {
  return Array.from(new Uint8Array(value), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string | Uint8Array} value */
export async function sha256(value) {
  return hex(await crypto.subtle.digest("SHA-256", bytes(value)));
}

/** @param {string | Uint8Array} key @param {string} text @returns {Promise<Uint8Array>} */
export async function hmac(key, text) {
  const imported = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes(text)));
}
