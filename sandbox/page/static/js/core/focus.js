/** Moving focus with the arrow keys, and saying things to screen readers. */

import { byId } from "./dom.js";

/**
 * One tab stop for a list: the arrows, Home and End move inside it. Returns a keydown listener for the list.
 *
 * @param {string} selector of the stops inside the list
 */
export function roving(selector) {
  return (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const stop = target.closest(selector);
    if (!stop || stop !== target) return;
    const stops = /** @type {HTMLElement[]} */ (
      [...event.currentTarget.querySelectorAll(selector)].filter((one) => one.offsetParent)
    );
    const at = stops.indexOf(/** @type {HTMLElement} */ (stop));
    const to = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: stops.length - 1,
    }[event.key];
    if (to === undefined || !stops[to]) return;
    event.preventDefault();
    for (const one of stops) one.tabIndex = one === stops[to] ? 0 : -1;
    stops[to].focus();
  };
}

let said = 0;

/** Say a text politely, even when it is the same as the last one. */
export function announce(text) {
  said += 1;
  byId("announcer").textContent = text + (said % 2 ? "\u00a0" : "");
}
