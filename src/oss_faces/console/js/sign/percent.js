/** Percent coding as signatures want it: RFC 3986, everything but the unreserved characters, in upper case. */

/** @param {string} text */
export function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The same with slashes left as they are. @param {string} text */
export function encodePath(text) {
  return text.split("/").map(encode).join("/");
}

/** Order by code units of encoded text, which is the order of its bytes. @param {string} a @param {string} b */
export function byBytes(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
