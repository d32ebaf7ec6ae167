/**
 * Who is signed in. The key lies in `sessionStorage`: it survives a reload, belongs to this tab, and goes with it. It is
 * never part of an address, and is sent nowhere: requests carry signatures.
 */

const NAME = "oss-faces.session";

/**
 * @typedef {object} Session
 * @property {string} accessKeyId
 * @property {string} accessKeySecret
 * @property {string} securityToken empty for a lasting key
 * @property {string} region
 * @property {string} endpoint address of the server's main port, without a slash at the end
 */

/** @returns {Session | null} */
export function session() {
  const kept = sessionStorage.getItem(NAME);
  return kept ? JSON.parse(kept) : null;
}

/** @param {Session} value */
export function signIn(value) {
  sessionStorage.setItem(NAME, JSON.stringify(value));
}

export function signOut() {
  sessionStorage.removeItem(NAME);
}
