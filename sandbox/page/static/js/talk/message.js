/** One message, as the person who looks sees it. */

import { avatar, botAvatar } from "../core/avatar.js";
import { h } from "../core/dom.js";
import { openThread } from "../core/go.js";
import { icon } from "../core/icons.js";
import { bot, me, nowMs, personById, state } from "../core/state.js";
import { ago, dayWord, longDate, time } from "../core/time.js";
import { drawBlocks } from "../blocks/index.js";
import { mrkdwn } from "../blocks/mrkdwn.js";
import { blockContext } from "./context.js";
import { fileList } from "./files.js";

export const msOf = (ts) => Number(ts) * 1000;
const zone = () => me()?.tz ?? "UTC";

/** Who wrote it: {id, name, app}. */
export function author(message) {
  const person = message.bot_id ? null : personById(message.user);
  if (person) return { id: person.slack_id, name: person.name, app: false };
  return { id: "app", name: message.username ?? message.bot_profile?.name ?? bot().name, app: true };
}

/** A line between two days. */
export function dayLine(ts) {
  const text = dayWord(msOf(ts), nowMs(), zone()) ?? longDate(msOf(ts), zone());
  const line = h("li.day", { role: "separator" }, h("span", null, text));
  line.key = `day-${text}`;
  return line;
}

/**
 * @param {any} message
 * @param {{channel: string, joined: boolean, replies: any[], inThread: boolean, stop: boolean}} how `joined`: same
 *   author just before; `stop`: whether the tab key stops here
 */
export function drawMessage(message, { channel, joined, replies, inThread, stop }) {
  const who = author(message);
  const surface = `${channel}-${message.ts}${inThread ? "-t" : ""}`;
  const ctx = blockContext(surface, { channel, ts: message.ts }, message.blocks ?? []);
  const node = h(
    "li.message",
    {
      class: `${joined ? "joined" : ""} ${message.is_ephemeral ? "ephemeral" : ""}`,
      tabindex: stop ? "0" : "-1",
      data: { ts: message.ts, focus: `message-${message.ts}` },
      "aria-label": spoken(who, message),
    },
    joined
      ? h("time.gutter", { datetime: iso(message.ts) }, time(msOf(message.ts), zone()))
      : who.app
        ? botAvatar()
        : avatar(who.name, who.id),
    h(
      "div.message-main",
      null,
      joined
        ? null
        : h(
            "div.message-head",
            null,
            h("strong.author", { dir: "auto" }, who.name),
            who.app ? h("span.badge", null, "App") : null,
            h(
              "time",
              { datetime: iso(message.ts), title: longDate(msOf(message.ts), zone()) },
              time(msOf(message.ts), zone()),
            ),
          ),
      message.is_ephemeral ? h("p.only-you", null, icon("eye"), "Only visible to you") : null,
      h("div.message-body", null, body(message, ctx)),
      message.edited ? h("span.edited", null, "(edited)") : null,
      !inThread && replies.length ? threadLink(message, replies) : null,
    ),
    !inThread && !message.is_ephemeral
      ? h(
          "div.message-tools",
          null,
          h(
            "button.icon",
            {
              type: "button",
              "aria-label": `Reply in a thread to ${who.name}`,
              title: "Reply in a thread",
              on: { click: () => openThread(message.ts) },
            },
            icon("thread"),
          ),
        )
      : null,
  );
  node.key = surface;
  return node;
}

function body(message, ctx) {
  const attached = message.attachments ?? [];
  return [
    message.blocks?.length ? drawBlocks(message.blocks, ctx) : null,
    !message.blocks?.length && message.text
      ? h("div.prose", { dir: "auto" }, mrkdwn(message.text, ctx))
      : null,
    attached.map((one) =>
      h(
        "div.attachment",
        null,
        one.blocks?.length
          ? drawBlocks(one.blocks, ctx)
          : h("div.prose", { dir: "auto" }, mrkdwn(one.text ?? one.fallback ?? "", ctx)),
      ),
    ),
    message.files?.length ? fileList(message.files) : null,
  ];
}

function threadLink(message, replies) {
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h(
    "button.thread-link",
    {
      type: "button",
      "aria-pressed": String(state.thread === message.ts),
      data: { focus: `thread-${message.ts}` },
      on: { click: () => openThread(message.ts) },
    },
    icon("thread"),
    count,
    h("span.faint", null, ` Last ${ago(msOf(replies.at(-1).ts), nowMs())}`),
  );
}

const iso = (ts) => new Date(msOf(ts)).toISOString();

function spoken(who, message) {
  const marks = [message.is_ephemeral ? "only visible to you" : "", message.edited ? "edited" : ""]
    .filter(Boolean)
    .join(", ");
  return `${who.name}${who.app ? ", app" : ""}, ${time(msOf(message.ts), zone())}${marks ? `, ${marks}` : ""}: ${(message.text ?? "").slice(0, 200)}`;
}

/** Consecutive messages of one author within five minutes are joined. */
export function joins(before, message) {
  return (
    Boolean(before) &&
    author(before).id === author(message).id &&
    !before.is_ephemeral &&
    !message.is_ephemeral &&
    msOf(message.ts) - msOf(before.ts) < 300_000 &&
    dayLineText(before) === dayLineText(message)
  );
}

const dayLineText = (message) => longDate(msOf(message.ts), zone());

/** Whether a day line goes before `message`. */
export const startsDay = (before, message) => !before || dayLineText(before) !== dayLineText(message);
