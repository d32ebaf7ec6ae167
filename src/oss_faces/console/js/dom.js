/**
 * Elements made in script. Text always goes in as a text node: nothing that a user, a file or the server says is ever
 * read as HTML, and there is no way in here to do so.
 */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] `on` holds event handlers by name; every other entry is an attribute. `true`
 *     is an attribute without a value; `false`, `null` and `undefined` leave it out.
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  return /** @type {HTMLElement} */ (fill(document.createElement(tag), props, children));
}

/**
 * Make an element of a drawing.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function s(tag, props = {}, ...children) {
  return /** @type {SVGElement} */ (fill(document.createElementNS(SVG, tag), props, children));
}

/** Put these children in the place of all others. @param {Element} node @param {...Child} children */
export function show(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/** @param {Element} node @param {Record<string, unknown>} props @param {Child[]} children */
function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(/** @type {Record<string, EventListener>} */ (value))) {
        node.addEventListener(event, handler);
      }
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...flat(children));
  return node;
}

/** @param {Child[]} children @returns {(Node | string)[]} */
function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
