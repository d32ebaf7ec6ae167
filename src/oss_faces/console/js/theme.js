/** Light, dark, or as the system is. */

import { preference, setPreference } from "./preferences.js";

export const THEMES = ["system", "light", "dark"];

export function theme() {
  const chosen = preference("theme") ?? "system";
  return THEMES.includes(chosen) ? chosen : "system";
}

/** @param {string} chosen */
export function setTheme(chosen) {
  setPreference("theme", chosen);
  applyTheme();
}

export function applyTheme() {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
