/** rich_text blocks: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */

import { h } from "../core/dom.js";
import { dateText } from "./dates.js";
import { emoji } from "./emoji.js";
import { link, mention } from "./mrkdwn.js";

/** @param {any} block @param {import("./index.js").Context} ctx */
export function richText(block, ctx) {
  return h(
    "div.rich",
    null,
    joinLists(block.elements ?? []).map((part) => drawPart(part, ctx)),
  );
}

function drawPart(part, ctx) {
  switch (part.type) {
    case "rich_text_section":
      return h("p", null, pieces(part.elements, ctx));
    case "rich_text_quote":
      return h("blockquote", null, pieces(part.elements, ctx));
    case "rich_text_preformatted":
      return h("pre.code-block", null, h("code", null, pieces(part.elements, ctx)));
    case "list":
      return list(part.items, ctx);
    default:
      return h("p.unsupported", null, `Unsupported rich text: ${part.type}`);
  }
}

/** Slack sends a nested list as consecutive lists of growing indent; put them back into one tree. */
function joinLists(parts) {
  const joined = [];
  for (const part of parts) {
    if (part.type !== "rich_text_list") {
      joined.push(part);
      continue;
    }
    const last = joined.at(-1);
    const level = part.indent ?? 0;
    if (last?.type === "list" && (level > 0 || last.items[0].style === part.style))
      last.items.push(...leaves(part));
    else joined.push({ type: "list", items: leaves(part) });
  }
  return joined;
}

const leaves = (part) =>
  (part.elements ?? []).map((section, index) => ({
    section,
    level: part.indent ?? 0,
    style: part.style,
    start: index === 0 ? (part.offset ?? 0) + 1 : null,
  }));

function list(items, ctx) {
  const level = items[0].level;
  const ordered = items[0].style === "ordered";
  const node = h(ordered ? "ol" : "ul", { start: ordered && items[0].start > 1 ? items[0].start : null });
  let index = 0;
  while (index < items.length) {
    const own = items[index];
    let end = index + 1;
    while (end < items.length && items[end].level > level) end += 1;
    const nested = items.slice(index + 1, end);
    node.append(h("li", null, pieces(own.section.elements, ctx), nested.length ? list(nested, ctx) : null));
    index = end;
  }
  return node;
}

function pieces(elements, ctx) {
  return (elements ?? []).flatMap((element) => styled(piece(element, ctx), element.style));
}

function piece(element, ctx) {
  switch (element.type) {
    case "text":
      return broken(element.text ?? "", ctx.narrow ? softened : (line) => [line]);
    case "link":
      return [link(element.url ?? "", element.text || element.url)];
    case "user":
      return [mention("user", element.user_id, ctx)];
    case "channel":
      return [mention("channel", element.channel_id, ctx)];
    case "usergroup":
      return [mention("usergroup", element.usergroup_id, ctx)];
    case "broadcast":
      return [h("span.mention.broadcast", null, `@${element.range}`)];
    case "emoji":
      return [emoji(element.name, element.unicode)];
    case "date": {
      const text = dateText(element.timestamp, element.format ?? "{date_short}", element.fallback ?? "", ctx);
      return [element.url ? link(element.url, text) : h("time", null, text)];
    }
    case "color":
      return [h("code", null, element.value)];
    case "tag":
      return [h("span.tag", null, element.text ?? element.label ?? "")];
    default:
      return [h("span.unsupported", null, `Unsupported: ${element.type}`)];
  }
}

const broken = (text, draw) =>
  text.split("\n").flatMap((line, index) => [...(index ? [h("br")] : []), ...draw(line)]);

/** Addresses may break before their @ and between the parts of their domain: a column of them stays narrow. */
export const softened = (text) =>
  text.split(/(?<=\S)(?=@)|(?<=\S@[^\s@]+\.)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));

function styled(nodes, style) {
  if (!style) return nodes;
  let inside = nodes;
  for (const [name, tag] of [
    ["code", "code"],
    ["bold", "strong"],
    ["italic", "em"],
    ["strike", "s"],
    ["underline", "u"],
  ]) {
    if (style[name]) inside = [h(tag, null, inside)];
  }
  return inside;
}
