/** The page's one state. Views watch the keys they draw from; a change redraws them in the same frame. */

/**
 * @typedef {{kind: "channel" | "dm" | "home", id: string}} Place
 * @typedef {object} State
 * @property {any} world the answer of GET /world, null until it has come
 * @property {number} skewMs the sandbox's clock minus this machine's
 * @property {string | null} me the Slack id of the person everything is seen as
 * @property {Place | null} place
 * @property {string | null} thread ts of the open thread's first message
 * @property {any[] | null} messages of the open channel, oldest first; null while they load
 * @property {any[]} dms
 * @property {any} home the App Home's view; undefined while it loads, null when there is none
 * @property {any[]} views the open modals, bottom first
 * @property {Set<string>} unread "slack id|channel"
 * @property {Set<string>} running labels of slash commands that were not acknowledged yet
 * @property {any} bot what the supervisor says, null when there is none
 * @property {any} cast Salesforce's apps and users, null when unknown
 * @property {any} netsuite NetSuite's integrations, tokens, roles and users, null when unknown
 * @property {any} netsuiteToken the token just made there and not yet entered anywhere, null when there is none
 * @property {any} wrike Wrike's users, invitations, tokens and flows, null when unknown
 * @property {any} nexonia Nexonia's users and its last sync, null when unknown
 * @property {any[]} wire
 * @property {"connecting" | "live" | "polling" | "lost"} link
 * @property {"world" | "wire" | "thread"} tab
 */

/** @type {State} */
export const state = {
  world: null,
  skewMs: 0,
  me: null,
  place: null,
  thread: null,
  messages: null,
  dms: [],
  home: undefined,
  views: [],
  unread: new Set(),
  running: new Set(),
  bot: null,
  cast: null,
  netsuite: null,
  netsuiteToken: null,
  wrike: null,
  nexonia: null,
  wire: [],
  link: "connecting",
  tab: "world",
};

/** @type {{keys: string[], draw: () => void}[]} */
const watchers = [];
let changed = new Set();
let scheduled = false;

/** Call `draw` now and after every change of one of `keys`. */
export function watch(keys, draw) {
  watchers.push({ keys, draw });
  draw();
}

/** @param {Partial<State>} values */
export function change(values) {
  for (const [key, value] of Object.entries(values)) {
    state[key] = value;
    changed.add(key);
  }
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    const keys = changed;
    changed = new Set();
    for (const { keys: watched, draw } of watchers) if (watched.some((key) => keys.has(key))) draw();
  });
}

export const me = () => personById(state.me);
export const personById = (id) => state.world?.people.find((person) => person.slack_id === id) ?? null;
export const channelById = (id) => state.world?.channels.find((channel) => channel.id === id) ?? null;
export const bot = () => state.world?.bot ?? { user_id: "", name: document.body.dataset.bot ?? "bot" };

/** Milliseconds since 1970 on the sandbox's clock. */
export const nowMs = () => Date.now() + state.skewMs;
