/** Small drawings, 20 by 20, in the colour of the text around them. */

import { s } from "../dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  folder: "M2.500 5.500v10h15v-8h-7.500l-2-2z",
  people: "M7 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM1.500 16.500c0-3 2.500-5 5.500-5s5.500 2 5.500 5M13 9.500a2.500 2.500 0 1 0 0-5M14.500 11.800c2.500.5 4 2.300 4 4.700",
  chart: "M3 17V3M3 17h14M7 14v-4M11 14V6M15 14v-6",
  system: "M3 4h14v5H3zM3 11h14v5H3zM6 6.500h.01M6 13.500h.01",
  code: "M7 6l-4 4 4 4M13 6l4 4-4 4",
  leave: "M8 3H3.500v14H8M12 6l4 4-4 4M16 10H7.500",
  "theme-system": "M3 4h14v9H3zM7 17h6M10 13v4",
  "theme-light": "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600L16 16M16 4l-1.400 1.400M5.400 14.600L4 16",
  "theme-dark": "M16.500 12A7 7 0 0 1 8 3.500a7 7 0 1 0 8.500 8.500z",
  upload: "M10 13V4M6 7.500L10 3.500l4 3.500M3 13v3.500h14V13",
  trash: "M4 6h12M8 6V4h4v2M5.500 6l.8 10.500h7.400L14.500 6",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5L5 15",
  copy: "M7 7h9v10H7zM4 13V3h9",
  back: "M12 4l-6 6 6 6",
  next: "M8 4l6 6-6 6",
  search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM13 13l4 4",
  file: "M5 2.500h7l3.500 3.500v11.500H5zM12 2.500V6h3.500",
  download: "M10 3v9M6 8.500l4 4 4-4M3 13v3.500h14V13",
  check: "M4 10.500l4 4 8-9",
};

/** @param {string} name */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    s("path", { d: PATHS[name] ?? "" }),
  );
}
