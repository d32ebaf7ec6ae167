/** A head, drawn as it is turned: an oval with its middle line, its eye line and its nose. */

import { s } from "../dom.js";

const RX = 30;
const RY = 40;

/**
 * Where the nose points, in the head's own frame before it is tilted.
 * @param {{Pitch: number, Yaw: number}} pose degrees; up and to the viewer's right are positive
 * @returns {{x: number, y: number}} of the oval's half axes, x to the right and y down
 */
export function direction({ Pitch, Yaw }) {
  const pitch = (Pitch * Math.PI) / 180;
  const yaw = (Yaw * Math.PI) / 180;
  return { x: Math.sin(yaw) * Math.cos(pitch), y: -Math.sin(pitch) };
}

/** @param {{Pitch: number, Yaw: number, Roll: number}} pose @param {string} label */
export function drawHead(pose, label) {
  const { x, y } = direction(pose);
  const middle = `M0 ${-RY}Q${2 * RX * x} 0 0 ${RY}`;
  const eyes = `M${-RX} 0Q0 ${2 * RY * y} ${RX} 0`;
  return s(
    "svg",
    { class: "head", viewBox: "-52 -52 104 104", role: "img", "aria-label": label },
    s(
      "g",
      { transform: `rotate(${pose.Roll})` },
      s("ellipse", { class: "head-oval", rx: RX, ry: RY }),
      s("path", { class: "head-line", d: middle }),
      s("path", { class: "head-line", d: eyes }),
      s("line", { class: "head-nose", x1: 0, y1: 0, x2: RX * 1.3 * x, y2: RY * 1.1 * y }),
      s("circle", { class: "head-tip", cx: RX * 1.3 * x, cy: RY * 1.1 * y, r: 3 }),
    ),
  );
}
