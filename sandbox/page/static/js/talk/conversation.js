/** The middle of the page: a channel, direct messages or the app's home. */

import { byId, h, patch } from "../core/dom.js";
import { announce, roving } from "../core/focus.js";
import { icon } from "../core/icons.js";
import { bot, channelById, state, watch } from "../core/state.js";
import { composer } from "./composer.js";
import { homeView } from "./home.js";
import { author, dayLine, drawMessage, joins, startsDay } from "./message.js";

const NEAR_END_PX = 120;
let shown = { place: "", count: 0, last: "" };
/** New messages that came while the person was reading further up. */
let below = 0;

export function mountConversation() {
  watch(["world", "me", "place", "messages", "home", "thread", "running"], draw);
}

function draw() {
  const talk = byId("talk");
  const { place } = state;
  if (!state.world || !place)
    return patch(talk, h("p.loading", { role: "status" }, "Opening the workspace…"));
  if (place.kind === "home") return patch(talk, head(bot().name, "App home", "home"), homeView());
  const { title, detail, sign } = heading(place);
  const list = talk.querySelector(".messages");
  const sameplace = shown.place === `${state.me}|${place.id}`;
  const atEnd = !sameplace || !list || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  const grown = tell(place, sameplace);
  below = atEnd ? 0 : below + grown;
  patch(
    talk,
    head(title, detail, sign),
    messageList(place),
    jump(),
    composer({ channel: place.id, to: title, thread: null }),
  );
  if (atEnd) scrollDown();
}

function heading(place) {
  if (place.kind === "channel") {
    const channel = channelById(place.id);
    return {
      title: `#${channel?.name ?? "gone"}`,
      detail: `${channel?.topic ?? ""} · ${channel?.members.length ?? 0} members`,
      sign: channel?.private ? "lock" : "hash",
    };
  }
  return { title: bot().name, detail: "Direct messages with the bot", sign: "person" };
}

function head(title, detail, sign) {
  const node = h(
    "header.talk-head",
    null,
    h("span.head-sign", null, icon(sign)),
    h("div", null, h("h1", { dir: "auto" }, title.replace(/^#/, "")), h("p", { dir: "auto" }, detail)),
  );
  node.key = "head";
  return node;
}

function messageList(place) {
  const all = state.messages;
  const node = h("ol.messages", {
    "aria-label": "Messages",
    on: { keydown: roving(".message"), scroll: reading },
  });
  node.key = `messages-${state.me}-${place.id}`;
  if (all === null) node.append(h("li.loading", { role: "status" }, "Loading messages…"));
  else if (!all.length) node.append(empty());
  else node.append(...rows(all, place.id));
  return node;
}

/** The list's items: top-level messages with day lines between them. */
function rows(all, channel) {
  const replies = new Map();
  for (const message of all) {
    if (isReply(message))
      replies.set(message.thread_ts, [...(replies.get(message.thread_ts) ?? []), message]);
  }
  const tops = all.filter((message) => !isReply(message));
  return tops.flatMap((message, index) => {
    const before = tops[index - 1];
    const row = drawMessage(message, {
      channel,
      joined: joins(before, message),
      replies: replies.get(message.ts) ?? [],
      inThread: false,
      stop: index === tops.length - 1,
    });
    return startsDay(before, message) ? [dayLine(message.ts), row] : [row];
  });
}

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

function empty() {
  const command = document.body.dataset.command;
  return h(
    "li.empty",
    null,
    h("strong", null, "Nothing here yet"),
    h(
      "p",
      null,
      "Type ",
      h("kbd", null, command),
      " and press Enter to ask the bot what needs you now, or ",
      h("kbd", null, `${command} list`),
      " to see every integration account.",
    ),
  );
}

/** The way down to what came meanwhile. */
function jump() {
  const node = h(
    "div.jump",
    null,
    below
      ? h(
          "button.small",
          {
            type: "button",
            on: {
              click: () => {
                below = 0;
                scrollDown();
                draw();
              },
            },
          },
          below === 1 ? "1 new message" : `${below} new messages`,
          icon("down"),
        )
      : null,
  );
  node.key = "jump";
  return node;
}

/** Say what is new to those who do not see it. Returns how many messages came since the last drawing. */
function tell(place, sameplace) {
  const all = state.messages ?? [];
  const last = all.at(-1);
  const grown = sameplace && shown.count && last?.ts > shown.last ? Math.max(0, all.length - shown.count) : 0;
  if (grown && last.user !== state.me) announce(`${author(last).name}: ${last.text ?? ""}`.slice(0, 240));
  shown = { place: state.messages ? `${state.me}|${place.id}` : "", count: all.length, last: last?.ts ?? "" };
  return grown;
}

/** At the end again, whatever came has been seen. */
function reading(event) {
  const list = event.currentTarget;
  if (!below || list.scrollHeight - list.scrollTop - list.clientHeight > NEAR_END_PX) return;
  below = 0;
  draw();
}

function scrollDown() {
  const list = byId("talk").querySelector(".messages");
  if (list) list.scrollTop = list.scrollHeight;
}
