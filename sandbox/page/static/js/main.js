/** The start: draw the empty page, fetch the world, connect. */

import { mountDock } from "./dock.js";
import { mountPlaces } from "./places.js";
import { openSwitcher } from "./switcher.js";
import { mountTop } from "./top.js";
import { byId } from "./core/dom.js";
import { begin } from "./core/go.js";
import { refresh } from "./core/refresh.js";
import { connect } from "./core/stream.js";
import { attempt, toast } from "./core/toast.js";
import { mountSide } from "./side/side.js";
import { mountConversation } from "./talk/conversation.js";
import { mountModal } from "./talk/modal.js";

const RETRY_MS = 1_500;

addEventListener("unhandledrejection", (event) =>
  toast(`The page itself failed: ${event.reason?.message ?? event.reason}`, "error"),
);
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openSwitcher();
  }
});

mountTop();
mountPlaces();
mountConversation();
mountSide();
mountDock();
mountModal();
start();

async function start() {
  const ready = await attempt(async () => {
    await refresh.world();
    await begin();
    return true;
  });
  if (!ready) return void setTimeout(start, RETRY_MS);
  connect();
  byId("composer-input")?.focus();
}
