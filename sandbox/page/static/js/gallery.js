/**
 * The gallery: every kind of screen that the bot has shown in this sandbox, each once, in its latest form. It is
 * drawn from the wire log, so what stands here was sent by the bot itself and is nobody's mock-up.
 */

import { get } from "./core/api.js";
import { h } from "./core/dom.js";
import { drawBlocks } from "./blocks/index.js";
import { valuesOf } from "./blocks/values.js";

const MESSAGES = new Set(["chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"]);
const VIEWS = new Set(["views.open", "views.update", "views.push", "views.publish"]);
const NAMES = { message: "Messages", modal: "Modals", home: "Home" };

start().catch((problem) => {
  document.getElementById("screens").replaceChildren(h("p.empty", { role: "alert" }, String(problem.message)));
});

async function start() {
  const [world, { entries }] = await Promise.all([get(""), get("/slack/wire")]);
  const screens = collect(entries);
  const parts = Object.entries(NAMES).flatMap(([surface, name]) => {
    const mine = screens.filter((screen) => screen.surface === surface);
    return mine.length ? [h("h2", null, `${name} (${mine.length})`), ...mine.map((one) => figure(one, world))] : [];
  });
  const none = h("p.empty", null, "The bot has shown nothing yet. Talk to it, then load this page again.");
  document.getElementById("screens").replaceChildren(...(parts.length ? parts : [none]));
  document.body.dataset.screens = String(screens.length);
}

/** The latest of each kind, in the order in which kinds were first seen. @param {any[]} entries */
export function collect(entries) {
  const found = new Map();
  for (const entry of entries) {
    if (entry.direction !== "out") continue;
    for (const screen of shown(entry)) {
      if (!screen.blocks.length) continue;
      const key = `${screen.surface} ${kindOf(screen)}`;
      found.set(key, { ...screen, key });
    }
  }
  return [...found.values()];
}

function* shown({ kind, payload }) {
  if (MESSAGES.has(kind)) yield message(payload);
  else if (VIEWS.has(kind)) yield view(read(payload.view));
  else if (kind === "ack" && payload?.payload?.blocks) yield message(payload.payload);
  else if (kind === "ack" && payload?.payload?.view) yield view(payload.payload.view);
}

const message = (payload) => ({
  surface: "message",
  title: payload.text ?? "",
  blocks: read(payload.blocks ?? []),
});

const view = (found) => ({
  surface: found?.type === "home" ? "home" : "modal",
  title: found?.title?.text ?? "Home",
  blocks: found?.blocks ?? [],
  submit: found?.submit?.text,
  close: found?.close?.text,
});

const read = (value) => (typeof value === "string" ? JSON.parse(value) : value);

/** What a screen is, without what it happens to be about: its heading, else its first words, and its controls. */
function kindOf({ blocks, title, surface }) {
  const heading = blocks.find((block) => block.type === "header")?.text?.text;
  const verbs = blocks.flatMap((block) => (block.elements ?? []).map((one) => one.action_id ?? "")).filter(Boolean);
  const plain = (heading ?? title).replace(/[0-9,.]+/g, "#").split(/[:(#]/)[0];
  return surface === "home" ? `home ${blocks.length}` : `${plain} ${heading ? "" : verbs.join(" ")}`.slice(0, 120);
}

function figure({ key, surface, title, blocks, submit, close }, world) {
  const names = new Map([
    ...world.people.map((one) => [one.slack_id, one.name]),
    ...world.channels.map((one) => [one.id, one.name]),
  ]);
  const context = {
    surface: `gallery-${key}`,
    values: valuesOf(`gallery-${key}`),
    errors: {},
    viewer: world.people[0]?.slack_id ?? "",
    zone: "Etc/UTC",
    now: () => Date.parse(world.now),
    nameOf: (_, id) => names.get(id) ?? null,
    people: () => [],
    channels: () => [],
    seen: new Map(),
    act: async () => {},
    search: async () => [],
    confirm: async () => false,
  };
  return h(
    "figure.screen",
    { "data-surface": surface },
    h("figcaption", null, title),
    h("div.screen-body", null, drawBlocks(blocks, context)),
    submit || close ? h("p.screen-foot", null, [close, submit].filter(Boolean).join(" · ")) : null,
  );
}
