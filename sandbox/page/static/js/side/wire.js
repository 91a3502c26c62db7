/** The Wire panel: what Slack and the bot, and the bot and the platforms, really say to each other. */

import { h } from "../core/dom.js";
import { me, state } from "../core/state.js";
import { timeWithSeconds } from "../core/time.js";
import { platformName } from "./card.js";
import { drawJson } from "./json.js";

const SHOWN = 120;
const VIA = { socket: "Socket Mode", http: "HTTP", api: "Web API", response_url: "response_url" };
let query = "";
let paused = /** @type {any[] | null} */ (null);
let only = "";

/** @param {() => void} redraw */
export function wirePanel(redraw) {
  const all = paused ?? state.wire;
  const found = all.filter(matches).slice(-SHOWN).reverse();
  return h(
    "section.wire",
    { "aria-label": "Wire" },
    h(
      "div.wire-tools",
      null,
      h("input.field", {
        id: "wire-search",
        type: "search",
        placeholder: "Filter by any text",
        "aria-label": "Filter the wire",
        on: {
          input: (event) => {
            query = event.currentTarget.value;
            redraw();
          },
        },
      }),
      h(
        "button.small",
        {
          type: "button",
          "aria-pressed": String(paused !== null),
          data: { focus: "wire-pause" },
          on: {
            click: () => {
              paused = paused ? null : state.wire;
              redraw();
            },
          },
        },
        paused ? "Resume" : "Pause",
      ),
    ),
    h(
      "div.row",
      { role: "group", "aria-label": "Which system" },
      ["", ...state.world.platforms].map((platform) =>
        h(
          "button.pill",
          {
            type: "button",
            "aria-pressed": String(only === platform),
            data: { focus: `wire-${platform}` },
            on: {
              click: () => {
                only = platform;
                redraw();
              },
            },
          },
          platform ? platformName(platform) : "All",
        ),
      ),
    ),
    h(
      "p.faint",
      { role: "status" },
      `${found.length === SHOWN ? `The last ${SHOWN}` : found.length} of ${all.length} shown, newest first${paused ? ", paused" : ""}. Secrets are masked.`,
    ),
    found.length
      ? h(
          "ol.wire-list",
          null,
          found.map((entry) => row(entry, redraw)),
        )
      : h(
          "p.empty",
          null,
          query || only
            ? "Nothing matches this filter."
            : "Nothing has been said yet. Send a command and watch it here.",
        ),
  );
}

/** @type {WeakMap<object, string>} */
const texts = new WeakMap();

function matches(entry) {
  if (only && entry.platform !== only) return false;
  if (!query) return true;
  let text = texts.get(entry);
  if (text === undefined) texts.set(entry, (text = JSON.stringify(entry).toLocaleLowerCase()));
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function row(entry, redraw) {
  const key = `${entry.from}-${entry.seq}`;
  const slack = entry.from === "slack";
  const toBot = slack && entry.direction === "in";
  const refused = slack && entry.payload?.ok === false ? entry.payload.error : "";
  const bad = Boolean(refused) || entry.status === null || entry.status >= 400;
  const node = h(
    "li",
    { class: bad ? "bad" : "" },
    h(
      "details",
      { on: { toggle: fill(entry, redraw) } },
      h(
        "summary",
        null,
        h(
          "span.wire-way",
          { class: toBot ? "in" : "out" },
          toBot ? "→ bot" : "bot →",
          h("span.unseen", null, toBot ? " (to the bot)" : " (from the bot)"),
        ),
        h("span.wire-what", { dir: "auto" }, slack ? entry.kind : `${entry.method} ${entry.path}`),
        h("time.wire-time", null, timeWithSeconds(Date.parse(entry.at), me()?.tz ?? "UTC")),
        h(
          "span.wire-gist",
          null,
          h("span.wire-text", { dir: "auto" }, refused || gist(entry)),
          h(
            "span.wire-via",
            null,
            slack
              ? (VIA[entry.transport] ?? entry.transport)
              : `${platformName(entry.platform)} ${entry.status ?? "no answer"}`,
          ),
        ),
      ),
      h("div.wire-body"),
    ),
  );
  node.key = key;
  node.keep = key;
  return node;
}

/** The one thing to know about a payload without opening it. */
function gist({ payload, who, took_ms: took }) {
  if (!payload) return [who, took === undefined ? "" : `${took} ms`].filter(Boolean).join(" · ");
  const inner = payload.payload ?? payload;
  if (inner.command) return `${inner.command} ${inner.text ?? ""}`;
  if (Array.isArray(inner.actions)) return inner.actions.map((action) => action.action_id).join(", ");
  if (inner.event) return inner.event.type;
  const named = inner.view?.callback_id || inner.view?.type || inner.callback_id || inner.error || inner.type;
  return String(inner.text || named || inner.response_action || "").slice(0, 120);
}

/** The JSON is drawn when it is asked for, and the list stands still while somebody reads. */
const fill = (entry, redraw) => (event) => {
  const body = event.currentTarget.querySelector(".wire-body");
  if (!event.currentTarget.open || body.childNodes.length) return;
  paused ??= state.wire;
  redraw();
  const { from, ...rest } = entry;
  body.append(drawJson(from === "slack" ? entry.payload : rest));
};
