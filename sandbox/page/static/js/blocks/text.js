/** Text objects: plain_text and mrkdwn. */

import { h } from "../core/dom.js";
import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** The bare words of a text object, for labels and attributes. */
export function words(object) {
  if (object === null || object === undefined) return "";
  const text = typeof object === "string" ? object : (object.text ?? "");
  return object.type === "plain_text" && object.emoji !== false ? withEmoji(text) : text;
}

/** A text object as nodes; line breaks are kept. */
export function textNodes(object, ctx) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", ctx);
  return words(object)
    .split("\n")
    .flatMap((line, index) => [...(index ? [h("br")] : []), line]);
}
