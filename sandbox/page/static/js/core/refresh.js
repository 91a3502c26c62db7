/**
 * Fetching what the page shows. A fetch asked for while the same one is under way runs once more afterwards,
 * and an answer that is out of date when it comes (other person, other place) is dropped.
 */

import { get, post } from "./api.js";
import { change, state } from "./state.js";

const CALLS_KEPT = 400;
const running = new Map();

/** @param {string} name @param {() => Promise<void>} work */
function once(name, work) {
  const now = running.get(name);
  if (now) {
    now.again = true;
    return now.done;
  }
  const entry = { again: false, done: Promise.resolve() };
  running.set(name, entry);
  entry.done = (async () => {
    try {
      do {
        entry.again = false;
        await work();
      } while (entry.again);
    } finally {
      running.delete(name);
    }
  })();
  return entry.done;
}

export const refresh = {
  world: () =>
    once("world", async () => {
      const world = await get("");
      change({ world, skewMs: Date.parse(world.now) - Date.now() });
    }),

  messages: () =>
    once("messages", async () => {
      const { me, place } = state;
      if (!me || !place || place.kind === "home") return;
      const { messages } = await get("/slack/messages", { channel: place.id, user: me });
      if (state.me === me && state.place?.id === place.id) change({ messages });
    }),

  dms: () =>
    once("dms", async () => {
      const { me } = state;
      if (!me) return;
      const { dms } = await get("/slack/dms", { user: me });
      if (state.me === me) change({ dms });
    }),

  home: () =>
    once("home", async () => {
      const { me } = state;
      if (!me) return;
      const { view } = await get("/slack/home", { user: me });
      if (state.me === me) change({ home: view });
    }),

  views: () =>
    once("views", async () => {
      const { me } = state;
      if (!me) return;
      const { views } = await get("/slack/views", { user: me });
      if (state.me === me) change({ views });
    }),

  /** The bot's process; null when nobody here looks after it. */
  bot: () =>
    once("bot", async () => {
      change({ bot: state.world?.supervised ? await post("/bot", { do: "status" }) : null });
    }),

  /** Salesforce's apps and users, for the choices of the World panel. */
  cast: () =>
    once("cast", async () => {
      if (state.world?.platforms.includes("salesforce")) change({ cast: await get("/salesforce/cast") });
    }),

  /** The same of NetSuite. */
  netsuite: () =>
    once("netsuite", async () => {
      if (state.world?.platforms.includes("netsuite")) change({ netsuite: await get("/netsuite/cast") });
    }),

  /** The same of Wrike. */
  wrike: () =>
    once("wrike", async () => {
      if (state.world?.platforms.includes("wrike")) change({ wrike: await get("/wrike/state") });
    }),

  /** The same of Nexonia. */
  nexonia: () =>
    once("nexonia", async () => {
      if (state.world?.platforms.includes("nexonia")) change({ nexonia: await get("/nexonia/state") });
    }),

  /** Slack payloads and the requests to the platforms, in one list by time; adds what is new. */
  wire: () =>
    once("wire", async () => {
      const last = (kind) =>
        Math.max(0, ...state.wire.filter((entry) => entry.from === kind).map((entry) => entry.seq));
      const [slack, calls] = await Promise.all([
        get("/slack/wire", { since: last("slack") }),
        get("/calls", { since: last("calls") }),
      ]);
      const fresh = [
        ...slack.entries.map((entry) => ({ ...entry, from: "slack", platform: "slack" })),
        ...calls.calls
          .filter((call) => call.platform !== "slack")
          .map((call) => ({ ...call, from: "calls" })),
      ];
      if (!fresh.length) return;
      // Slack's side is kept whole, as the sandbox keeps it: the five things to try are found in it.
      const all = [...state.wire, ...fresh].sort((a, b) => a.at.localeCompare(b.at) || a.seq - b.seq);
      let spare = all.filter((entry) => entry.from === "calls").length - CALLS_KEPT;
      change({ wire: all.filter((entry) => entry.from === "slack" || (spare -= 1) < 0) });
    }),
};

/** Everything the page shows, at once: at the start, after a lost connection, and while polling. */
export async function refreshAll() {
  await refresh.world();
  await Promise.all([
    refresh.messages(),
    refresh.dms(),
    refresh.home(),
    refresh.views(),
    refresh.wire(),
    refresh.bot(),
    refresh.cast(),
    refresh.netsuite(),
    refresh.wrike(),
    refresh.nexonia(),
  ]);
}
