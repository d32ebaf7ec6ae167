/** What the user likes: theme, language, the group of pictures. Kept by the browser; nothing here is secret. */

const PREFIX = "oss-faces.";

/** @param {string} name @returns {string | null} */
export function preference(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** @param {string} name @param {string} value */
export function setPreference(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // a browser that keeps nothing; the choice holds until the page goes
  }
}
