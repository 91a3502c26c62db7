/** The right side: the world, the wire, and the open thread, one at a time. */

import { byId, h, patch } from "../core/dom.js";
import { roving } from "../core/focus.js";
import { refresh } from "../core/refresh.js";
import { change, state, watch } from "../core/state.js";
import { attempt } from "../core/toast.js";
import { threadPanel } from "../talk/thread.js";
import { wirePanel } from "./wire.js";
import { worldPanel } from "./world.js";

const WIRE_EVERY_MS = 1_000;
const NAMES = { world: "World", wire: "Wire", thread: "Thread" };

export function mountSide() {
  watch(["tab", "thread"], draw);
  watch(["world", "bot", "cast", "netsuite", "netsuiteToken", "wrike", "nexonia", "me", "wire"], () => state.tab === "world" && draw());
  watch(["wire"], () => state.tab === "wire" && draw());
  watch(["messages", "running", "world", "me"], () => state.tab === "thread" && draw());
  // The platforms' requests are not announced one by one: there can be thousands.
  setInterval(() => state.tab === "wire" && state.link === "live" && attempt(refresh.wire), WIRE_EVERY_MS);
}

/** Draw the open panel again; a panel calls this when its own small state changed. */
export function draw() {
  if (!state.world) return;
  const tabs = Object.keys(NAMES).filter((name) => name !== "thread" || state.thread);
  const before = byId("side").querySelector(".panel .messages");
  const atEnd = before && before.scrollHeight - before.scrollTop - before.clientHeight < 80;
  patch(
    byId("side"),
    h(
      "div.tabs",
      { role: "tablist", "aria-label": "Side panel", on: { keydown: roving("[role=tab]") } },
      tabs.map((name) =>
        h(
          "button.tab",
          {
            type: "button",
            role: "tab",
            id: `tab-${name}`,
            "aria-selected": String(state.tab === name),
            "aria-controls": "panel",
            tabindex: state.tab === name ? "0" : "-1",
            on: { click: () => change({ tab: name }) },
          },
          NAMES[name],
        ),
      ),
    ),
    h(
      "div.panel",
      { id: "panel", role: "tabpanel", "aria-labelledby": `tab-${state.tab}`, data: { tab: state.tab } },
      panel(),
    ),
  );
  const list = byId("side").querySelector(".panel .messages");
  if (list && (atEnd || !before)) list.scrollTop = list.scrollHeight;
}

function panel() {
  const node = { world: () => worldPanel(draw), wire: () => wirePanel(draw), thread: () => threadPanel() }[
    state.tab
  ]();
  node.key ??= `panel-${state.tab}`;
  return node;
}
