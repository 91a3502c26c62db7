/** The left side: who you are, and where you can go as that person. */

import { botAvatar } from "./core/avatar.js";
import { byId, h, patch } from "./core/dom.js";
import { roving } from "./core/focus.js";
import { goTo, goToBot } from "./core/go.js";
import { icon } from "./core/icons.js";
import { bot, state, watch } from "./core/state.js";
import { switcher } from "./switcher.js";

export function mountPlaces() {
  watch(["world", "me", "place", "dms", "unread"], draw);
}

function draw() {
  const { world, me } = state;
  if (!world || !me) return;
  const mine = world.channels.filter((channel) => channel.members.includes(me));
  const dm = state.dms[0];
  patch(
    byId("places"),
    switcher(),
    h(
      "div.place-list",
      { on: { keydown: roving(".place") } },
      group(
        "Channels",
        mine.map((channel) =>
          entry({ kind: "channel", id: channel.id }, icon(channel.private ? "lock" : "hash"), channel.name),
        ),
      ),
      group("Direct messages", [
        entry(dm ? { kind: "dm", id: dm.id } : null, botAvatar(), bot().name, "App"),
      ]),
      group("Apps", [entry({ kind: "home", id: "home" }, icon("home"), `${bot().name} home`)]),
    ),
  );
}

function group(title, entries) {
  return h(
    "section.place-group",
    null,
    h("h2", null, title),
    entries.length ? h("ul", null, entries) : h("p.faint", null, "None for this person"),
  );
}

function entry(place, sign, name, badge) {
  const here = place !== null && state.place?.id === place.id;
  const fresh = place !== null && !here && state.unread.has(`${state.me}|${place.id}`);
  const node = h(
    "li",
    null,
    h(
      "button.place",
      {
        type: "button",
        "aria-current": here ? "page" : null,
        tabindex: here ? "0" : "-1",
        class: fresh ? "fresh" : "",
        data: { focus: `place-${place?.id ?? "bot"}` },
        on: { click: () => (place ? goTo(place) : goToBot()) },
      },
      sign,
      h("span.place-name", { dir: "auto" }, name),
      badge ? h("span.badge", null, badge) : null,
      fresh ? h("span.fresh-dot", { role: "img", "aria-label": "unread" }) : null,
    ),
  );
  node.key = `place-${place?.id ?? "bot"}`;
  return node;
}
