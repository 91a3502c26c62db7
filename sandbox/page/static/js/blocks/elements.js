/** Interactive elements that act at once: buttons, overflow menus, and whatever sits beside a section. */

import { h } from "../core/dom.js";
import { menuButton } from "../core/menu.js";
import { image } from "./image.js";
import { field } from "./inputs.js";
import { withEmoji } from "./emoji.js";
import { words } from "./text.js";

/** @param {any} element @param {any} block the block it belongs to @param {import("./index.js").Context} ctx */
export function drawElement(element, block, ctx) {
  switch (element.type) {
    case "button":
    case "icon_button":
    case "workflow_button":
      return button(element, block, ctx);
    case "feedback_buttons":
      return h(
        "span.row",
        null,
        [element.positive_button, element.negative_button]
          .filter(Boolean)
          .map((one) => button({ ...one, action_id: element.action_id, type: "button" }, block, ctx)),
      );
    case "overflow":
      return overflow(element, block, ctx);
    case "image":
      return image(element);
    default:
      return field(element, { block, label: labelOf(element), dispatch: true }, ctx);
  }
}

const labelOf = (element) => words(element.placeholder) || `${element.type}`.replaceAll("_", " ");

function button(element, block, ctx) {
  const style = { primary: "button.primary", danger: "button.danger" }[element.style] ?? "button";
  const face = words(element.text) || words(element.alt_text) || withEmoji(element.icon ?? "");
  const wanted = {
    class: "block-button",
    data: { focus: `${block.block_id}/${element.action_id}` },
    "aria-label": element.accessibility_label ?? null,
    on: { click: (event) => press(event, element, block, ctx) },
  };
  if (element.url && /^https?:\/\//i.test(element.url)) {
    const look = style.replace("button", "a.button");
    return h(
      look,
      { ...wanted, href: element.url, target: "_blank", rel: "noopener noreferrer" },
      face,
      h("span.unseen", null, " (opens a new tab)"),
    );
  }
  return h(style, { ...wanted, type: "button" }, face);
}

async function press(event, element, block, ctx) {
  const node = event.currentTarget;
  if (node.getAttribute("aria-busy") === "true") return;
  if (element.confirm && !(await ctx.confirm(element.confirm))) return;
  node.setAttribute("aria-busy", "true");
  try {
    await ctx.act(block, element, element.value);
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function overflow(element, block, ctx) {
  return menuButton({
    label: "More actions",
    face: "⋯",
    className: "button.icon",
    focus: `${block.block_id}/${element.action_id}`,
    keep: JSON.stringify([ctx.surface, block.block_id, element]),
    items: (element.options ?? []).map((option) => ({
      text: words(option.text),
      detail: words(option.description),
      run: async () => {
        if (element.confirm && !(await ctx.confirm(element.confirm))) return;
        await ctx.act(block, element, option.value);
      },
    })),
  });
}
