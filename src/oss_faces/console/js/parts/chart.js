/** Bars over days, drawn as SVG. Every chart has its numbers in a table beside it, for those who do not see it. */

import { h, s } from "../dom.js";
import { number } from "../i18n.js";

const WIDTH = 440;
const HEIGHT = 190;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 8;
const LABELS_MAX = 6;
const FIGURE = /^[\d.,\s]+(B|KiB|MiB|GiB|TiB)?$/;

/** Round up to 1, 2 or 5 times a power of ten. @param {number} value */
export function niceMax(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return /** @type {number} */ (steps.find((step) => step >= value * 0.999999));
}

/** The values at which lines are drawn: whole steps, from nothing to the end of the axis. @param {number} max of `niceMax` */
export function gridValues(max) {
  const leading = Math.round(max / 10 ** Math.floor(Math.log10(max)));
  const steps = Math.min(leading === 2 ? 4 : 5, max >= 1 ? max : 5);
  return Array.from({ length: steps + 1 }, (_, index) => (max * index) / steps);
}

/** All days from the first to the last. @param {string} from @param {string} to `2026-11-29` */
export function daysBetween(from, to) {
  const days = [];
  for (let day = Date.parse(`${from}T00:00:00Z`); day <= Date.parse(`${to}T00:00:00Z`); day += 86_400_000) days.push(new Date(day).toISOString().slice(0, 10));
  return days;
}

/**
 * @param {object} drawn
 * @param {string} drawn.title
 * @param {string[]} drawn.days
 * @param {Map<string, number>} drawn.values by day
 * @param {(value: number) => string} [drawn.write] how a value reads
 * @param {number} [drawn.base] units of the values are powers of it; round numbers are round in their unit
 */
export function dayChart({ title, days, values, write = number, base = 0 }) {
  const highest = Math.max(0, ...values.values());
  const unit = base > 1 && highest >= base ? base ** Math.floor(Math.log(highest) / Math.log(base)) : 1;
  const max = niceMax(highest / unit) * unit;
  const step = (WIDTH - LEFT) / days.length;
  const y = (/** @type {number} */ value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / max);
  const lines = gridValues(max / unit).map((value) => value * unit);
  const every = Math.ceil(days.length / LABELS_MAX);
  return s(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title },
    lines.map((value) => [
      s("line", { class: "chart-line", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      s("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, write(value)),
    ]),
    days.map((day, index) => {
      const value = values.get(day) ?? 0;
      const bar = { class: "chart-bar", x: LEFT + step * index + step * 0.15, width: step * 0.7, y: y(value), height: y(0) - y(value), rx: Math.min(2, step * 0.2) };
      return [
        s("rect", bar, s("title", {}, `${day}: ${write(value)}`)),
        index % every === 0 && s("text", { x: LEFT + step * (index + 0.5), y: HEIGHT - 6, "text-anchor": "middle" }, day.slice(5)),
      ];
    }),
  );
}

/**
 * @param {string} caption @param {string[]} heads @param {(string | number | Node)[][]} rows numbers and sizes stand to the right
 */
export function table(caption, heads, rows) {
  const isFigure = (/** @type {number} */ column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number" || FIGURE.test(String(row[column])) || row[column] === "–");
  const place = (/** @type {number} */ column) => (isFigure(column) ? "figure" : null);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, heads.map((head, column) => h("th", { scope: "col", class: place(column) }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, column) => h("td", { class: place(column) }, typeof cell === "number" ? number(cell, 2) : cell))))),
    ),
  );
}
