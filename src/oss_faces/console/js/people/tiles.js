/** One face of a picture in a bucket, as a tile that the server cuts out. */

import { h } from "../dom.js";
import { icon } from "../parts/icons.js";

const MARGIN = 0.25;
const SIDE = 240;

/** Split `oss://bucket/key`. @param {string} uri @returns {{bucket: string, key: string} | null} null: it lies in no bucket */
export function objectOf(uri) {
  const found = /^oss:\/\/([^/]+)\/(.+)$/s.exec(uri);
  return found && { bucket: found[1], key: found[2] };
}

/**
 * Write the steps that cut a face out, with some room around it, inside the picture.
 * @param {{Left: number, Top: number, Width: number, Height: number}} box @param {number} width @param {number} height of the picture
 */
export function cropSteps({ Left, Top, Width, Height }, width, height) {
  const side = Math.max(Width, Height) * (1 + 2 * MARGIN);
  const x = Math.max(0, Math.floor(Left + Width / 2 - side / 2));
  const y = Math.max(0, Math.floor(Top + Height / 2 - side / 2));
  const w = Math.max(1, Math.min(Math.ceil(side), width - x));
  const h = Math.max(1, Math.min(Math.ceil(side), height - y));
  return `image/auto-orient,1/crop,x_${x},y_${y},w_${w},h_${h}/resize,m_fill,w_${SIDE},h_${SIDE},limit_0/format,webp/quality,Q_75`;
}

/**
 * @param {import("../parts/thumbnails.js").Thumbnails} thumbnails
 * @param {{URI: string, Boundary: any, ImageWidth: number, ImageHeight: number}} face @param {AbortSignal} signal
 */
export function faceTile(thumbnails, face, signal) {
  const place = objectOf(face.URI);
  if (!place) return h("span", { class: "thumb" }, icon("people"));
  return thumbnails.element({ ...place, process: cropSteps(face.Boundary, face.ImageWidth, face.ImageHeight) }, signal);
}
