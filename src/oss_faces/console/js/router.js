/** Addresses within the page: `#/picture/photos/2024/a%20b.jpg`. They hold names of buckets and objects, never keys of access. */

/** @typedef {{page: string, parts: string[]}} Place */

/** @param {string} page @param {...string} parts */
export function href(page, ...parts) {
  return `#/${[page, ...parts].map(encodeURIComponent).join("/")}`;
}

/** @returns {Place} */
export function here() {
  const [page = "", ...parts] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  return { page, parts };
}

/** @param {string} page @param {...string} parts */
export function go(page, ...parts) {
  location.hash = href(page, ...parts);
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody has typed it
  }
}
