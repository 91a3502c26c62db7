/**
 * Slack's mrkdwn as DOM nodes. Names and texts only ever become text nodes, and only http, https and mailto
 * addresses become links, so nothing a message holds can act on the page.
 */

import { h } from "../core/dom.js";
import { dateText } from "./dates.js";
import { emoji } from "./emoji.js";

const INLINE = new RegExp(
  [
    "<([^<>\\n]+)>", // 1: mention, date, link
    "`([^`\\n]+)`", // 2: code
    "(?<![\\w*])\\*(?=\\S)([^*\\n]*[^*\\s])\\*(?![\\w*])", // 3: bold
    "(?<![\\w_])_(?=\\S)([^_\\n]*[^_\\s])_(?![\\w_])", // 4: italic
    "(?<![\\w~])~(?=\\S)([^~\\n]*[^~\\s])~(?![\\w~])", // 5: struck
    ":([a-z0-9_+-]+):", // 6: emoji
    "(https?://[^\\s<>|]*[^\\s<>|.,;:!?)'\"])", // 7: bare address
  ].join("|"),
  "g",
);

/** @param {string} text @param {import("./index.js").Context} ctx @returns {Node[]} */
export function mrkdwn(text, ctx) {
  return text.split(/```\n?/).flatMap((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) return [h("pre.code-block", null, h("code", null, decode(part.replace(/\n$/, ""))))];
    return paragraphs(index % 2 === 1 ? "```" + part : part, ctx);
  });
}

function paragraphs(text, ctx) {
  const nodes = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", null, lines(quoted, ctx)));
    quoted = [];
  };
  let run = [];
  const flushRun = () => {
    if (run.length) nodes.push(...lines(run, ctx));
    run = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      flushRun();
      quoted.push(quote[1]);
    } else {
      flush();
      run.push(line);
    }
  }
  flushRun();
  flush();
  return nodes;
}

const lines = (all, ctx) => all.flatMap((line, index) => [...(index ? [h("br")] : []), ...inline(line, ctx)]);

function inline(text, ctx) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > from) nodes.push(document.createTextNode(decode(text.slice(from, found.index))));
    from = found.index + found[0].length;
    const [, angle, code, bold, italic, struck, name, address] = found;
    if (angle !== undefined) nodes.push(angled(angle, ctx));
    else if (code !== undefined) nodes.push(h("code", null, decode(code)));
    else if (bold !== undefined) nodes.push(h("strong", null, inline(bold, ctx)));
    else if (italic !== undefined) nodes.push(h("em", null, inline(italic, ctx)));
    else if (struck !== undefined) nodes.push(h("s", null, inline(struck, ctx)));
    else if (address !== undefined) nodes.push(link(decode(address), decode(address)));
    else nodes.push(document.createTextNode(emoji(name)));
  }
  if (from < text.length) nodes.push(document.createTextNode(decode(text.slice(from))));
  return nodes;
}

function angled(inside, ctx) {
  const [target, ...rest] = inside.split("|");
  const label = rest.length ? decode(rest.join("|")) : null;
  if (target.startsWith("@")) return mention("user", target.slice(1), ctx, label);
  if (target.startsWith("#")) return mention("channel", target.slice(1), ctx, label);
  if (target.startsWith("!subteam^")) return mention("usergroup", target.slice(9), ctx, label);
  if (target.startsWith("!date^")) {
    const [, seconds, format, address] = target.split("^");
    const text = dateText(Number(seconds), decode(format ?? ""), label ?? "", ctx);
    return address ? link(address, text) : h("time", null, text);
  }
  if (target.startsWith("!")) return h("span.mention.broadcast", null, label ?? `@${target.slice(1)}`);
  return link(decode(target), label ?? decode(target));
}

/** @param {"user" | "channel" | "usergroup"} kind @param {string} id @param {string | null} [label] */
export function mention(kind, id, ctx, label = null) {
  const sign = kind === "channel" ? "#" : "@";
  const name = ctx.nameOf(kind, id) ?? label ?? id;
  const own = kind === "user" && id === ctx.viewer;
  return h(`span.mention${own ? ".own" : ""}`, { dir: "auto" }, `${sign}${name}`);
}

/** A link when the address is harmless, the bare text otherwise. */
export function link(address, text) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return h("span", null, text);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** Undo the three escapes Slack knows. */
export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
