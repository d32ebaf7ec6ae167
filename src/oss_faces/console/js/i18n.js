/** Words, numbers and dates in the language that was chosen. */

import { preference, setPreference } from "./preferences.js";

/** @type {Record<string, {name: string, load: () => Promise<{words: Record<string, string>}>}>} */
export const LANGUAGES = {
  en: { name: "English", load: () => import("./words/en.js") },
  "zh-TW": { name: "繁體中文", load: () => import("./words/zh-TW.js") },
};

/** @type {Record<string, string>} */
let words = {};
let current = "en";

/** Load the language that was chosen before, or that of the browser. */
export async function startLanguage() {
  const fromBrowser = navigator.languages.some((one) => /^zh\b/i.test(one)) && !/^en/i.test(navigator.language) ? "zh-TW" : "en";
  await setLanguage(preference("language") ?? fromBrowser, false);
}

/** @param {string} language @param {boolean} [keep] */
export async function setLanguage(language, keep = true) {
  current = language in LANGUAGES ? language : "en";
  words = (await LANGUAGES[current].load()).words;
  document.documentElement.lang = current;
  if (keep) setPreference("language", current);
}

export function language() {
  return current;
}

/**
 * Say something. `{name}` in the words is replaced by the parameter of that name. Where the words are two, with `|` between
 * them, the first are for a `count` of one.
 * @param {string} key
 * @param {Record<string, string | number>} [parameters]
 */
export function t(key, parameters = {}) {
  const [one, many = one] = (words[key] ?? key).split("|");
  const text = String(parameters.count) === "1" ? one : many;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(parameters[name] ?? whole));
}

/** Say something if there are words for it, else what is given. @param {string} key @param {string} otherwise */
export function tOr(key, otherwise) {
  return words[key] ?? otherwise;
}

/** @param {number} value @param {number} [decimals] */
export function number(value, decimals = 0) {
  return new Intl.NumberFormat(current, { maximumFractionDigits: decimals, minimumFractionDigits: 0 }).format(value);
}

/** A share of 1 in percent. @param {number} value @param {number} [decimals] */
export function percent(value, decimals = 0) {
  return new Intl.NumberFormat(current, { style: "percent", maximumFractionDigits: decimals }).format(value);
}

/** @param {number} bytes */
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${number(value, unit === 0 ? 0 : 1)} ${units[unit]}`;
}

/** @param {string | Date} moment */
export function dateTime(moment) {
  const date = new Date(moment);
  return Number.isNaN(date.getTime())
    ? ""
    : new Intl.DateTimeFormat(current, { dateStyle: "medium", timeStyle: "short" }).format(date);
}
