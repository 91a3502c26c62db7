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

/** @type {Record<string, (data: any, topic: string) => void>} what to fetch again, by the subject of a topic */
const ON = {
  message: (data, topic) => {
    if (data.channel === state.place?.id) quietly(refresh.messages);
    else if (topic === "message:posted" && !data.thread_ts) markUnread(data.channel, readersOf(data));
    if (data.channel?.startsWith("D")) quietly(refresh.dms);
  },
  ephemeral: (data, topic) => {
    if (data.user !== state.me) return;
    if (!data.channel || data.channel === state.place?.id) quietly(refresh.messages);
    else if (topic === "ephemeral:posted") markUnread(data.channel, [data.user]);
  },
  view: (data) => data.user === state.me && quietly(refresh.views),
  home: (data) => data.user === state.me && quietly(refresh.home),
  channel: () => {
    quietly(refresh.world);
    quietly(refresh.messages);
  },
  person: () => {
    quietly(refresh.world);
    quietly(refresh.cast);
    quietly(refresh.netsuite);
    quietly(refresh.wrike);
    quietly(refresh.nexonia);
  },
  clock: () => {
    quietly(refresh.world);
    quietly(refresh.messages);
  },
  salesforce: () => {
    quietly(refresh.world);
    quietly(refresh.cast);
  },
  netsuite: () => {
    quietly(refresh.world);
    quietly(refresh.netsuite);
  },
  wrike: () => {
    quietly(refresh.world);
    quietly(refresh.wrike);
  },
  nexonia: () => {
    quietly(refresh.world);
    quietly(refresh.nexonia);
  },
  fault: () => quietly(refresh.world),
  traffic: () => quietly(refresh.world),
  bot: () => quietly(refresh.bot),
  connection: () => quietly(refresh.bot),
  wire: () => quietly(refresh.wire),
};

/** Who may read a new message: named by the change, or the members of the channel. */
const readersOf = ({ channel, users }) =>
  users ?? state.world?.channels.find((one) => one.id === channel)?.members ?? [];

function markUnread(channel, readers) {
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
    ON[topic.split(":")[0]]?.(data ?? {}, topic);
  });
  source.addEventListener("open", () => {
    clearInterval(polling);
    polling = 0;
    const before = state.link;
    change({ link: "live" });
    quietly(refreshAll);
    if (before === "lost" || before === "polling") announce("Connected again");
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
