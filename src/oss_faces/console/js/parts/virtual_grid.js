/**
 * A grid of very many tiles, of which only those near the window are in the document. The page itself scrolls, so that
 * wheel, touch, keyboard and the browser's own bars work as everywhere.
 */

import { h } from "../dom.js";

const OVERSCAN_ROWS = 3;

/**
 * Which tiles to draw.
 * @param {{count: number, columns: number, rowHeight: number, top: number, height: number}} view top: how far the grid's
 *     beginning lies above the window's, in pixels
 * @returns {{first: number, end: number, rows: number}} first: inclusive, end: exclusive
 */
export function visible({ count, columns, rowHeight, top, height }) {
  const rows = Math.ceil(count / columns);
  const firstRow = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN_ROWS);
  const endRow = Math.min(rows, Math.ceil((top + height) / rowHeight) + OVERSCAN_ROWS);
  return { first: Math.min(firstRow * columns, count), end: Math.min(Math.max(endRow, 0) * columns, count), rows };
}

/** @template T */
export class VirtualGrid {
  /**
   * @param {object} options
   * @param {string} options.label what the list is of
   * @param {number} options.tileWidthMin pixels
   * @param {number} options.tileHeight pixels, the gap to the next row included
   * @param {(item: T, signal: AbortSignal) => HTMLElement[]} options.draw makes what is in a tile; the signal ends with it
   * @param {() => void} options.onNearEnd called when the last tiles come into view
   * @param {AbortSignal} signal when the page is left
   */
  constructor({ label, tileWidthMin, tileHeight, draw, onNearEnd }, signal) {
    this.tileWidthMin = tileWidthMin;
    this.tileHeight = tileHeight;
    this.draw = draw;
    this.onNearEnd = onNearEnd;
    /** @type {T[]} */
    this.items = [];
    /** @type {Map<number, {node: HTMLElement, item: T, gone: AbortController}>} */
    this.shown = new Map();
    this.columns = 1;
    this.element = h("ul", { class: "grid", "aria-label": label });
    this.scheduled = false;
    const schedule = () => this.#schedule();
    window.addEventListener("scroll", schedule, { passive: true, signal });
    const observer = new ResizeObserver(schedule);
    observer.observe(this.element);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.#clear();
    });
  }

  /** @param {T[]} items the same objects keep their tiles */
  setItems(items) {
    this.items = items;
    this.#draw();
  }

  /** Draw all tiles anew. */
  refresh() {
    this.#clear();
    this.#draw();
  }

  #clear() {
    for (const { node, gone } of this.shown.values()) {
      gone.abort();
      node.remove();
    }
    this.shown.clear();
  }

  #schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const width = this.element.clientWidth;
    if (width === 0) return;
    const columns = Math.max(2, Math.floor(width / this.tileWidthMin));
    if (columns !== this.columns) {
      this.columns = columns;
      this.#clear();
      this.element.style.setProperty("--columns", String(columns));
      this.element.style.setProperty("--tile-height", `${this.tileHeight}px`);
    }
    const top = -this.element.getBoundingClientRect().top;
    const view = { count: this.items.length, columns, rowHeight: this.tileHeight, top, height: window.innerHeight };
    const { first, end, rows } = visible(view);
    this.element.style.setProperty("height", `${rows * this.tileHeight}px`);
    for (const [index, { node, item, gone }] of this.shown) {
      if (index >= first && index < end && this.items[index] === item) continue;
      gone.abort();
      node.remove();
      this.shown.delete(index);
    }
    for (let index = first; index < end; index += 1) if (!this.shown.has(index)) this.#add(index);
    if (end >= this.items.length) this.onNearEnd();
  }

  /** @param {number} index */
  #add(index) {
    const item = this.items[index];
    const gone = new AbortController();
    const place = { class: "tile", "aria-setsize": this.items.length, "aria-posinset": index + 1 };
    const node = h("li", place, this.draw(item, gone.signal));
    node.style.setProperty("--row", String(Math.floor(index / this.columns)));
    node.style.setProperty("--column", String(index % this.columns));
    this.shown.set(index, { node, item, gone });
    // In the order of the list, so that Tab walks it as the eye does.
    const later = [...this.shown.keys()].filter((other) => other > index);
    const before = later.length > 0 ? this.shown.get(Math.min(...later))?.node : null;
    this.element.insertBefore(node, before ?? null);
  }
}
