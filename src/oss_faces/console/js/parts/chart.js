/** Bars over days, drawn as SVG. Every chart has its numbers in a table beside it, for those who do not see it. */

import { h, s } from "../dom.js";
import { number } from "../i18n.js";

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 56;
const BOTTOM = 22;
const TOP = 8;
const GRID_LINES = 4;

/** Round up to 1, 2 or 5 times a power of ten. @param {number} value */
export function niceMax(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return /** @type {number} */ (steps.find((step) => step >= value * 0.999999));
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
 */
export function dayChart({ title, days, values, write = number }) {
  const max = niceMax(Math.max(0, ...values.values()));
  const step = (WIDTH - LEFT) / days.length;
  const y = (/** @type {number} */ value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / max);
  const lines = Array.from({ length: GRID_LINES + 1 }, (_, index) => (max * index) / GRID_LINES).filter((value) => max >= GRID_LINES || Number.isInteger(value));
  const every = Math.ceil(days.length / 8);
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
 * @param {string} caption @param {string[]} heads @param {(string | number)[][]} rows numbers stand to the right
 */
export function table(caption, heads, rows) {
  const isFigure = (/** @type {number} */ column) => rows.some((row) => typeof row[column] === "number");
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
