/** What leaves the message box: commands and messages, in the form a Slack client sends them. */

import { ApiError, post } from "../core/api.js";
import { announce } from "../core/focus.js";
import { refresh } from "../core/refresh.js";
import { change, state } from "../core/state.js";
import { attempt, toast } from "../core/toast.js";
import { ackTrouble } from "./acks.js";

/** @type {Map<string, string>} "@Full Name" to Slack id, for names chosen from the suggestions */
const mentioned = new Map();

/** @param {string} shown "@Full Name" as it stands in the box @param {string} id */
export const noteMention = (shown, id) => mentioned.set(shown, id);

/** A slash command; resolves to whether Slack took it. */
export async function command(channel, text) {
  const known = document.body.dataset.command;
  const [word] = text.split(/\s+/);
  if (word !== known) {
    toast(`${word} is not a command here. The bot answers to ${known}.`, "error");
    return false;
  }
  change({ running: new Set([...state.running, text]) });
  try {
    const { ack } = await post("/slack/slash", {
      user: state.me,
      channel,
      text: encoded(text.slice(known.length).trim()),
      command: known,
    });
    const trouble = ackTrouble(ack);
    if (trouble) {
      toast(`${text}: ${trouble}`, "error");
      return false;
    }
    announce(`${text} sent`);
    await attempt(refresh.messages);
    return true;
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    toast(problem.message, "error");
    return false;
  } finally {
    const running = new Set(state.running);
    running.delete(text);
    change({ running });
  }
}

/** A plain message, or a reply; resolves to whether it was taken. */
export async function say(channel, text, thread) {
  const said = await attempt(() =>
    post("/slack/say", {
      user: state.me,
      channel,
      text: encoded(text, escaped),
      ...(thread ? { thread_ts: thread } : {}),
    }),
  );
  if (said === undefined) return false;
  await attempt(refresh.messages);
  return true;
}

/** People chosen from the suggestions as <@id>, longest names first. In a command the sandbox escapes the rest. */
function encoded(text, escape = (part) => part) {
  const names = [...mentioned].sort((a, b) => b[0].length - a[0].length);
  return names.reduce((out, [shown, id]) => out.replaceAll(escape(shown), `<@${id}>`), escape(text));
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
