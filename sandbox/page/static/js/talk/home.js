/** The app's home tab. */

import { h } from "../core/dom.js";
import { goToBot } from "../core/go.js";
import { bot, state } from "../core/state.js";
import { drawBlocks } from "../blocks/index.js";
import { blockContext } from "./context.js";

export function homeView() {
  const node = h("div.home", { tabindex: "-1" }, inside());
  node.key = "home";
  return node;
}

function inside() {
  const view = state.home;
  if (view === undefined)
    return h("p.loading", { role: "status" }, `Asking ${bot().name} for its home page…`);
  if (!view) {
    return h(
      "div.empty",
      null,
      h("strong", null, `${bot().name} has not published a home page for you`),
      h(
        "p",
        null,
        "It does so within a second of being opened, when it is running. The World panel shows whether it is.",
      ),
      h("button", { type: "button", on: { click: () => goToBot() } }, `Write to ${bot().name}`),
    );
  }
  const ctx = blockContext(`home-${state.me}`, { home: true }, view.blocks ?? []);
  return drawBlocks(view.blocks ?? [], ctx);
}
