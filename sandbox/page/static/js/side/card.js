/** What the cards of the World panel share. */

import { h } from "../core/dom.js";
import { attempt, toast } from "../core/toast.js";

/**
 * One card.
 *
 * @param {string} key @param {string} title @param {string | null} intro @param {...any} inside
 */
export function cardOf(key, title, intro, ...inside) {
  const node = h(
    "section.card",
    { "aria-labelledby": `card-${key}` },
    h("h3", { id: `card-${key}` }, title),
    intro ? h("p.card-intro", null, intro) : null,
    inside,
  );
  node.key = `card-${key}`;
  return node;
}

/**
 * A button that asks the world for something and says how it went. `done` is the text of the notice.
 *
 * @param {string} text @param {() => Promise<any>} work @param {string | ((answer: any) => string)} done
 * @param {{look?: string, label?: string, focus?: string}} [more]
 */
export function doButton(text, work, done, { look = "button.small", label, focus } = {}) {
  return h(
    look,
    {
      type: "button",
      "aria-label": label ?? null,
      data: focus ? { focus } : {},
      on: { click: (event) => run(event.currentTarget, work, done) },
    },
    text,
  );
}

/** @param {HTMLElement} node the button that shows that it is busy */
export async function run(node, work, done) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  const answer = await attempt(async () => ({ given: await work() }));
  node.removeAttribute("aria-busy");
  if (answer) toast(typeof done === "function" ? done(answer.given) : done);
}

/**
 * A labelled native select.
 *
 * @param {string} id @param {string} label @param {{value: string, text: string}[]} options
 */
export function choose(id, label, options) {
  return h(
    "div.control",
    null,
    h("label", { for: id }, label),
    h(
      "select.field",
      { id },
      options.map(({ value, text }) => h("option", { value }, text)),
    ),
  );
}

/** The value of a control drawn by `choose` or of any input. */
export const valueOf = (id) => /** @type {HTMLSelectElement} */ (document.getElementById(id))?.value ?? "";

const NAMES = {
  slack: "Slack",
  salesforce: "Salesforce",
  netsuite: "NetSuite",
  wrike: "Wrike",
  nexonia: "Nexonia",
};
export const platformName = (platform) => NAMES[platform] ?? platform;
