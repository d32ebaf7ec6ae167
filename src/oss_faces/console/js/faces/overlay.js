/** Boxes over a picture, in pixels of the upright picture, whatever size it is shown at. */

import { s, show } from "../dom.js";
import { direction } from "./head_pose.js";

const LABEL_SHARE = 1 / 34;

/** @typedef {import("./attributes.js").Figure} Figure */

export class Overlay {
  /**
   * @param {{width: number, height: number}} size of the upright picture
   * @param {Figure[]} figures @param {(index: number) => void} onChoose by pointer
   */
  constructor(size, figures, onChoose) {
    this.figures = figures;
    this.unit = Math.max(size.width, size.height) * LABEL_SHARE;
    this.element = s("svg", { class: "boxes", viewBox: `0 0 ${size.width} ${size.height}`, "aria-hidden": "true" });
    this.boxes = figures.map((figure, index) => this.#box(figure, index, onChoose));
    show(this.element, this.boxes);
  }

  /** @param {number} chosen -1: none */
  choose(chosen) {
    this.boxes.forEach((box, index) => box.classList.toggle("chosen", index === chosen));
    // The one that is drawn last lies on top.
    if (this.boxes[chosen]) this.element.append(this.boxes[chosen]);
  }

  /** @param {Figure} figure @param {number} index @param {(index: number) => void} onChoose */
  #box(figure, index, onChoose) {
    const { Left, Top, Width, Height } = figure.Boundary;
    const choose = () => onChoose(index);
    return s(
      "g",
      { class: "box", on: { click: choose, pointerenter: choose } },
      s("rect", { x: Left, y: Top, width: Width, height: Height, rx: Math.min(Width, Height) / 12 }),
      figure.HeadPose && this.#nose(figure),
      s("text", { x: Left, y: Math.max(Top - this.unit * 0.35, this.unit), "font-size": this.unit }, index + 1),
    );
  }

  /** A line from the middle of the box to where the nose points. @param {Figure} figure */
  #nose({ Boundary: { Left, Top, Width, Height }, HeadPose }) {
    const { x, y } = direction(HeadPose);
    const [cx, cy] = [Left + Width / 2, Top + Height / 2];
    return s("line", { class: "nose", transform: `rotate(${HeadPose.Roll} ${cx} ${cy})`, x1: cx, y1: cy, x2: cx + (Width / 2) * x, y2: cy + (Height / 2) * y });
  }
}

/**
 * One face, cut out of a picture by the drawing itself: no further request.
 * @param {string} url of the whole picture @param {{width: number, height: number}} size @param {Figure["Boundary"]} boundary
 */
export function cutOut(url, size, boundary) {
  const margin = Math.max(boundary.Width, boundary.Height) * 0.15;
  const side = Math.max(boundary.Width, boundary.Height) + 2 * margin;
  const left = boundary.Left + boundary.Width / 2 - side / 2;
  const top = boundary.Top + boundary.Height / 2 - side / 2;
  return s(
    "svg",
    { class: "cut-out", viewBox: `${left} ${top} ${side} ${side}`, "aria-hidden": "true" },
    s("image", { href: url, width: size.width, height: size.height, preserveAspectRatio: "none" }),
  );
}
