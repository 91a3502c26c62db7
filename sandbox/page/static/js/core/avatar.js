/** Initials on a colour that depends only on who it is. The colours are classes: the page allows no inline style. */

import { h } from "./dom.js";

const HUES = 10;

/** @param {string} name @param {string} [id] what the colour depends on */
export function avatar(name, id = name) {
  return h(`span.avatar.hue-${hash(id) % HUES}`, { "aria-hidden": "true" }, initials(name));
}

export const botAvatar = () => h("span.avatar.bot-avatar", { "aria-hidden": "true" }, "H");

function initials(name) {
  const parts = name.split(/\s+/).filter((part) => /\p{L}/u.test(part));
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : null].map(
    (part) => part?.match(/\p{L}/u)?.[0] ?? "",
  );
  return letters.join("").toLocaleUpperCase() || "?";
}

function hash(text) {
  let number = 7;
  for (const letter of text) number = (number * 31 + letter.codePointAt(0)) >>> 0;
  return number;
}
