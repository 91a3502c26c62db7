/** JSON as indented, coloured text. */

import { h } from "../core/dom.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @param {any} value */
export function drawJson(value) {
  const text = JSON.stringify(value, null, 2);
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    const look = found[2] !== undefined ? "json-key" : found[1] !== undefined ? "json-text" : "json-other";
    nodes.push(h(`span.${look}`, null, found[1] ?? found[0]), found[2] ?? "");
    from = found.index + found[0].length;
  }
  nodes.push(text.slice(from));
  return h("pre.json", { tabindex: "0", dir: "ltr" }, nodes);
}
