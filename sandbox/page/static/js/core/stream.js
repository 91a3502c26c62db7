/**
 * Live updates: the world's stream of changes, and polling while it is down.
 *
 * Each change only says what to fetch again; the page never trusts a change's own data for what it draws.
 */

import { announce } from "./focus.js";
import { ApiError } from "./api.js";
import { refresh, refreshAll } from "./refresh.js";
import { change, state } from "./state.js";

const POLL_MS = 2_000;
let polling = 0;

/** @param {string} topic "subject:action" @param {any} data */
function onChange(topic, data) {
  const [subject] = topic.split(":");
  const here = state.place?.id === data.channel;
  if (subject === "message" || subject === "ephemeral") {
    if (here) quietly(refresh.messages);
    else if (topic.endsWith(":posted")) markUnread(data);
    if (String(data.channel).startsWith("D")) quietly(refresh.dms);
  } else if (subject === "view" && data.user === state.me) quietly(refresh.views);
  else if (subject === "home" && data.user === state.me) quietly(refresh.home);
  else if (subject === "bot") quietly(refresh.bot);
  else if (subject === "salesforce") quietly(refresh.cast);
  if (["person", "clock", "fault", "channel", "usergroup", "salesforce"].includes(subject)) quietly(refresh.world);
  if (["channel", "clock"].includes(subject)) quietly(refresh.messages);
  if (subject !== "clock") quietly(refresh.wire);
}

function markUnread({ channel, user, users, thread_ts: thread }) {
  if (thread || !channel) return;
  const readers = users ?? (user ? [user] : state.world?.channels.find((one) => one.id === channel)?.members ?? []);
  const unread = new Set(state.unread);
  for (const reader of readers) unread.add(`${reader}|${channel}`);
  change({ unread });
}

/** A refresh whose failure the connection banner tells about. */
function quietly(work) {
  work().catch((problem) => {
    if (!(problem instanceof ApiError)) throw problem;
    if (problem.status === 0) lost();
  });
}

/** Connect, and stay connected for as long as the page is open. */
export function connect() {
  const source = new EventSource("/world/changes");
  source.addEventListener("change", (event) => {
    const { topic, data } = JSON.parse(event.data);
    onChange(topic, data ?? {});
  });
  source.addEventListener("open", () => {
    clearInterval(polling);
    polling = 0;
    const before = state.link;
    change({ link: "live" });
    quietly(refreshAll);
    if (before !== "live") announce("Connected again");
  });
  source.addEventListener("error", () => {
    lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, POLL_MS);
  });
}

function lost() {
  if (state.link === "live") announce("Connection to the sandbox lost");
  if (state.link !== "lost") change({ link: "lost" });
  polling ||= setInterval(async () => {
    try {
      await refreshAll();
      if (polling) change({ link: "polling" });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (polling) change({ link: "lost" });
    }
  }, POLL_MS);
}
