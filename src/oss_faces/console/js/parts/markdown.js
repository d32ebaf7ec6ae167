/** The little Markdown of a model's card, made into elements: headings, tables, lists, paragraphs, bold, code. Links become their words. */

import { h } from "../dom.js";

/** @param {string} text @returns {HTMLElement[]} */
export function markdown(text) {
  const blocks = text.replace(/<!--[\s\S]*?-->/g, "").split(/\n{2,}/);
  return blocks.map((block) => block.replace(/^\n+|\s+$/g, "")).filter(Boolean).map(blockOf);
}

/** @param {string} block */
function blockOf(block) {
  const lines = block.split("\n");
  const heading = /^#{1,6} (.*)$/.exec(lines[0]);
  if (heading && lines.length === 1) return h("h3", {}, inline(heading[1]));
  if (lines.length > 1 && lines[0].startsWith("|") && /^\|[\s:|-]+\|$/.test(lines[1])) return tableOf(lines);
  if (/^[-*] /.test(lines[0])) return h("ul", { class: "bullets" }, items(lines).map((item) => h("li", {}, inline(item))));
  if (block.startsWith("```")) return h("pre", { tabindex: "0" }, lines.slice(1, -1).join("\n"));
  return h("p", {}, inline(lines.join(" ")));
}

/** A line that is indented goes on with the item before. @param {string[]} lines */
function items(lines) {
  /** @type {string[]} */
  const found = [];
  for (const line of lines) {
    if (/^[-*] /.test(line)) found.push(line.slice(2));
    else found[found.length - 1] += ` ${line.trim()}`;
  }
  return found;
}

/** @param {string[]} lines */
function tableOf([head, , ...rows]) {
  const cells = (/** @type {string} */ line) => line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": cells(head).filter(Boolean).join(", ") || "table" },
    h("table", {}, h("thead", {}, h("tr", {}, cells(head).map((cell) => (cell ? h("th", { scope: "col" }, inline(cell)) : h("td", {}))))), h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((cell) => h("td", {}, inline(cell))))))),
  );
}

/** @param {string} text */
function inline(text) {
  const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/<br>/g, " ");
  return plain.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((piece) => {
    if (piece.startsWith("**")) return h("b", {}, piece.slice(2, -2));
    return piece.startsWith("`") && piece.length > 2 ? h("code", {}, piece.slice(1, -1)) : piece;
  });
}
