/** The bot's process, when the demo looks after one. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { bot, change, state } from "../core/state.js";
import { cardOf, doButton } from "./card.js";

const DEEDS = [
  { deed: "restart", text: "Restart", done: "The bot was restarted" },
  {
    deed: "kill",
    text: "Kill (SIGKILL)",
    done: "The bot was killed. Start it again and see what it remembers.",
    look: "button.small.danger-quiet",
  },
  { deed: "stop", text: "Stop", done: "The bot was stopped" },
];

export function botCard() {
  const status = state.bot;
  if (!status) {
    return cardOf(
      "bot",
      "Bot process",
      null,
      h(
        "p.card-intro",
        null,
        "This sandbox did not start the bot, so it cannot restart it either. ",
        h("code", null, "make demo"),
        " starts both.",
      ),
    );
  }
  const act = async (deed) => change({ bot: await post("/bot", { do: deed }) });
  return cardOf(
    "bot",
    "Bot process",
    "Crash it in the middle of something: it picks up where it was.",
    h(
      "p.figure",
      null,
      h("span.dot", { class: status.running ? "on" : "off", "aria-hidden": "true" }),
      status.running ? `${bot().name} is running` : `${bot().name} is not running`,
      status.running && status.pid
        ? h(
            "small.faint",
            null,
            ` process ${status.pid}${status.ready_s ? `, ready in ${Number(status.ready_s).toFixed(1)} s` : ""}`,
          )
        : null,
    ),
    h(
      "div.row",
      null,
      status.running
        ? DEEDS.map(({ deed, text, done, look }) =>
            doButton(text, () => act(deed), done, { look: look ?? "button.small", focus: `bot-${deed}` }),
          )
        : doButton("Start", () => act("start"), "The bot was started", {
            look: "button.small.primary",
            focus: "bot-start",
          }),
    ),
    status.log?.length
      ? h(
          "details.log",
          null,
          h("summary", null, "Last lines of its log"),
          h("pre", { tabindex: "0" }, [].concat(status.log).join("\n")),
        )
      : null,
  );
}
