/** Blocks that arrange text and elements. */

import { h } from "../core/dom.js";
import { drawElement } from "./elements.js";
import { image } from "./image.js";
import { textNodes, words } from "./text.js";

/** @typedef {import("./index.js").Context} Context */

/** @param {any} block @param {Context} ctx */
export function header(block, ctx) {
  const level = Math.min(6, Math.max(2, (block.level ?? 1) + 2));
  return h(
    `h${level}.block-header`,
    { class: `level-${block.level ?? 1}`, dir: "auto" },
    textNodes(block.text, ctx),
  );
}

/** @param {any} block @param {Context} ctx */
export function section(block, ctx) {
  return h(
    "div.section",
    null,
    h(
      "div.section-text",
      null,
      block.text ? h("div.prose", { dir: "auto" }, textNodes(block.text, ctx)) : null,
      block.fields?.length
        ? h(
            "div.fields",
            null,
            block.fields.map((one) => h("div.prose", { dir: "auto" }, textNodes(one, ctx))),
          )
        : null,
    ),
    block.accessory ? h("div.accessory", null, drawElement(block.accessory, block, ctx)) : null,
  );
}

/** @param {any} block @param {Context} ctx */
export function context(block, ctx) {
  return h(
    "div.context",
    null,
    (block.elements ?? []).map((element) =>
      element.type === "image" ? image(element) : h("span", { dir: "auto" }, textNodes(element, ctx)),
    ),
  );
}

/** @param {any} block @param {Context} ctx */
export function actions(block, ctx) {
  return h(
    "div.actions",
    null,
    (block.elements ?? []).map((element) => drawElement(element, block, ctx)),
  );
}

/** @param {any} block @param {Context} ctx */
export function alert(block, ctx) {
  const level = ["info", "warning", "error", "success"].includes(block.level) ? block.level : "default";
  const name = { info: "Note", warning: "Warning", error: "Error", success: "Done", default: "" }[level];
  return h(
    `div.alert.alert-${level}`,
    { role: level === "error" ? "alert" : "note" },
    name ? h("strong", null, `${name}: `) : null,
    h("span", { dir: "auto" }, textNodes(block.text, ctx)),
  );
}

/** @param {any} block @param {Context} ctx */
export function card(block, ctx) {
  return h(
    "div.card-block",
    null,
    block.hero_image ? image(block.hero_image) : null,
    h("strong", { dir: "auto" }, textNodes(block.title, ctx)),
    block.subtitle ? h("small", { dir: "auto" }, textNodes(block.subtitle, ctx)) : null,
    block.body ? h("div.prose", { dir: "auto" }, textNodes(block.body, ctx)) : null,
    block.actions?.length
      ? h(
          "div.actions",
          null,
          block.actions.map((element) => drawElement(element, block, ctx)),
        )
      : null,
  );
}

/** Standard Markdown is shown as its source: it stays readable, and needs no second parser. */
export function markdown(block) {
  return h("div.prose.markdown", { dir: "auto" }, block.text ?? "");
}

export const divider = () => h("hr");

/** A block this page cannot draw, said out loud and with its JSON at hand. */
export function unsupported(block) {
  return h(
    "details.unsupported",
    null,
    h("summary", null, `Unsupported block: ${block?.type ?? "no type"}`),
    h("pre", null, JSON.stringify(block, null, 2)),
  );
}

/** @param {any} block @param {(blocks: any[]) => any} inside @param {Context} ctx */
export function container(block, inside, ctx) {
  const title = words(block.title);
  const children = inside(block.child_blocks ?? block.blocks ?? block.elements ?? []);
  if (!block.collapsible && !block.is_collapsible)
    return h("div.container", null, title ? h("strong", null, title) : null, children);
  return h(
    "details.container",
    { open: !(block.collapsed ?? block.is_collapsed ?? false) },
    h("summary", null, textNodes(block.title, ctx)),
    children,
  );
}
