/** Changing who looks and where: kept in the address, so that a reload or a second tab finds its way back. */

import { get, post } from "./api.js";
import { announce } from "./focus.js";
import { refresh } from "./refresh.js";
import { channelById, change, personById, state } from "./state.js";
import { attempt } from "./toast.js";

/** See everything as this person. @param {string} id Slack id */
export async function switchTo(id) {
  if (id === state.me) return;
  change({ me: id, messages: null, home: undefined, views: [], dms: [], thread: null });
  await attempt(() => Promise.all([refresh.dms(), refresh.views()]));
  if (!mayBeIn(state.place)) await goTo(firstPlace());
  else await goTo(state.place);
  announce(`Seeing everything as ${personById(id)?.name ?? id}`);
}

function mayBeIn(place) {
  if (place?.kind === "home") return true;
  if (place?.kind === "channel") return channelById(place.id)?.members.includes(state.me) ?? false;
  return place?.kind === "dm" && state.dms.some((dm) => dm.id === place.id);
}

/** The bot's channel, else any channel this person is in, else the app's home. */
function firstPlace() {
  const mine = state.world.channels.filter((channel) => channel.members.includes(state.me));
  const found = mine.find((channel) => channel.alerts) ?? mine[0];
  return found ? { kind: "channel", id: found.id } : { kind: "home", id: "home" };
}

/** @param {import("./state.js").Place} place */
export async function goTo(place) {
  const moved = place.id !== state.place?.id;
  const unread = new Set(state.unread);
  unread.delete(`${state.me}|${place.id}`);
  change({
    place,
    unread,
    messages: null,
    thread: moved ? null : state.thread,
    tab: state.tab === "thread" && moved ? "world" : state.tab,
  });
  showView("talk");
  remember();
  if (place.kind !== "home") await attempt(refresh.messages);
  else {
    await attempt(() => post("/slack/open_home", { user: state.me }));
    await attempt(refresh.home);
  }
}

/** Open the direct messages with the bot, made on first use. */
export async function goToBot() {
  const made = await attempt(() => post("/slack/open_dm", { user: state.me }));
  if (!made) return;
  await attempt(refresh.dms);
  await goTo({ kind: "dm", id: made.channel });
}

/** @param {string} ts of the thread's first message */
export function openThread(ts) {
  change({ thread: ts, tab: "thread" });
  showView("side");
}

export function closeThread() {
  change({ thread: null, tab: "world" });
  showView("talk");
}

/** On a narrow window one part is shown at a time. @param {"places" | "talk" | "side"} view */
export function showView(view) {
  document.body.dataset.view = view;
}

function remember() {
  const hash = new URLSearchParams({ as: state.me ?? "", in: state.place?.id ?? "" });
  history.replaceState(null, "", `#${hash}`);
}

/** Who and where at the start: from the address, else the first administrator, in the bot's channel. */
export async function begin() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const people = state.world.people;
  const active = people.filter((person) => !person.inactive.includes("slack"));
  const first = personById(asked.get("as")) ?? active.find((person) => person.role === "admin") ?? people[0];
  change({ me: first.slack_id });
  const { dms } = await get("/slack/dms", { user: first.slack_id });
  change({ dms });
  const wanted = asked.get("in");
  const places = [
    { kind: "home", id: "home" },
    ...state.world.channels.map((channel) => ({ kind: "channel", id: channel.id })),
    ...dms.map((dm) => ({ kind: "dm", id: dm.id })),
  ];
  const place = places.find((one) => one.id === wanted);
  await goTo(place && mayBeIn(place) ? place : firstPlace());
}
