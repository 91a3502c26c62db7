/** On a narrow window: one part at a time, chosen at the bottom. */

import { byId, h, patch } from "./core/dom.js";
import { showView } from "./core/go.js";
import { icon } from "./core/icons.js";
import { change, state, watch } from "./core/state.js";

const ENTRIES = [
  { view: "places", tab: null, name: "Places", sign: "list" },
  { view: "talk", tab: null, name: "Chat", sign: "hash" },
  { view: "side", tab: "thread", name: "Thread", sign: "thread" },
  { view: "side", tab: "world", name: "World", sign: "globe" },
  { view: "side", tab: "wire", name: "Wire", sign: "wire" },
];

export function mountDock() {
  watch(["tab", "thread", "unread", "me"], draw);
  new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["data-view"] });
}

function draw() {
  const shown = document.body.dataset.view;
  patch(
    byId("dock"),
    ENTRIES.filter(({ tab }) => tab !== "thread" || state.thread).map(({ view, tab, name, sign }) => {
      const here = shown === view && (tab === null || state.tab === tab);
      const fresh = view === "places" && [...state.unread].some((entry) => entry.startsWith(`${state.me}|`));
      const node = h(
        "button.dock-entry",
        {
          type: "button",
          "aria-current": here ? "page" : null,
          on: {
            click: () => {
              if (tab) change({ tab });
              showView(view);
            },
          },
        },
        icon(sign),
        h("span", null, name),
        fresh ? h("span.fresh-dot", { role: "img", "aria-label": "unread" }) : null,
      );
      node.key = name;
      return node;
    }),
  );
}
