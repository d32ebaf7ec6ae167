/** Small pictures, made by the server, fetched when they come into view, and kept for a while. */

import { h, show } from "../dom.js";
import { icon } from "./icons.js";
import { Gate } from "./pool.js";

const AT_A_TIME = 6;
const KEPT_MAX = 600;
const PICTURE = /\.(jpe?g|png|bmp|gif|webp|tiff?|heic|heif|avif)$/i;

/** Tell by its name whether an object is likely to be a picture. @param {string} key */
export function looksLikePicture(key) {
  return PICTURE.test(key);
}

export class Thumbnails {
  /** @param {import("../api/oss.js").ObjectService} objects */
  constructor(objects) {
    this.objects = objects;
    this.gate = new Gate(AT_A_TIME);
    /** @type {Map<string, string>} */
    this.kept = new Map();
  }

  /** Give the pictures' memory back; they cannot be shown any more. */
  close() {
    for (const url of this.kept.values()) URL.revokeObjectURL(url);
    this.kept.clear();
  }

  /**
   * Make an element that fills itself.
   * @param {{bucket: string, key: string, process: string, version?: string, alt?: string}} wanted version: changes with the bytes
   * @param {AbortSignal} signal when it is not looked at any more
   * @returns {HTMLElement}
   */
  element(wanted, signal) {
    const holder = h("span", { class: "thumb" });
    this.#url(wanted, signal).then(
      (url) => signal.aborted || show(holder, h("img", { src: url, alt: wanted.alt ?? "", draggable: "false" })),
      () => signal.aborted || show(holder, icon("file")),
    );
    return holder;
  }

  /** @param {{bucket: string, key: string, process: string, version?: string}} wanted @param {AbortSignal} signal */
  async #url({ bucket, key, process, version = "" }, signal) {
    const name = JSON.stringify([bucket, key, process, version]);
    const kept = this.kept.get(name);
    if (kept) return kept;
    const blob = await this.gate.pass(() => this.objects.picture(bucket, key, process, signal), signal);
    const url = URL.createObjectURL(blob);
    this.kept.set(name, url);
    for (const [oldest, old] of this.kept) {
      if (this.kept.size <= KEPT_MAX) break;
      URL.revokeObjectURL(old);
      this.kept.delete(oldest);
    }
    return url;
  }
}
