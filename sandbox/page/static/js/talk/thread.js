/** The thread panel. */

import { h } from "../core/dom.js";
import { roving } from "../core/focus.js";
import { closeThread } from "../core/go.js";
import { icon } from "../core/icons.js";
import { state } from "../core/state.js";
import { composer } from "./composer.js";
import { isReply } from "./conversation.js";
import { drawMessage, joins } from "./message.js";

export function threadPanel() {
  const channel = state.place?.id ?? "";
  const all = (state.messages ?? []).filter(
    (message) => message.ts === state.thread || (isReply(message) && message.thread_ts === state.thread),
  );
  const [first, ...replies] = all;
  const row = (message, index) =>
    drawMessage(message, {
      channel,
      joined: index > 1 && joins(all[index - 1], message),
      replies: [],
      inThread: true,
      stop: index === all.length - 1,
    });
  const node = h(
    "section.thread",
    { "aria-label": "Thread" },
    h(
      "header.panel-head",
      null,
      h("h2", null, "Thread"),
      h(
        "button.icon",
        { type: "button", "aria-label": "Close thread", on: { click: () => closeThread() } },
        icon("close"),
      ),
    ),
    first
      ? h(
          "ol.messages.thread-messages",
          { "aria-label": "Messages of the thread", on: { keydown: roving(".message") } },
          row(first, 0),
          h(
            "li.day",
            { role: "separator" },
            h("span", null, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
          ),
          replies.map((message, index) => row(message, index + 1)),
        )
      : h("p.empty", null, "This message is no longer there."),
    first ? composer({ channel, to: "the thread", thread: state.thread }) : null,
  );
  node.key = `thread-${channel}-${state.thread}`;
  return node;
}
