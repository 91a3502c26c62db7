/** Everybody at the company: who holds what, and deactivating them on each system. */

import { post } from "../core/api.js";
import { avatar } from "../core/avatar.js";
import { h } from "../core/dom.js";
import { menuButton } from "../core/menu.js";
import { state } from "../core/state.js";
import { attempt, toast } from "../core/toast.js";
import { cardOf, platformName } from "./card.js";

const SHOWN_AT_FIRST = 5;
let query = "";
let all = false;

/** @param {() => void} redraw */
export function peopleCard(redraw) {
  const people = peopleFound(query);
  const shown = all || query ? people : people.slice(0, SHOWN_AT_FIRST);
  return cardOf(
    "people",
    "People",
    "Deactivate a colleague, as their administrator would. Those who hold credentials come first.",
    h("input.field", {
      id: "people-search",
      type: "search",
      placeholder: "Search people",
      "aria-label": "Search people",
      on: {
        input: (event) => {
          query = event.currentTarget.value;
          redraw();
        },
      },
    }),
    shown.length
      ? h("ul.people", null, shown.map(row))
      : h("p.empty", { role: "status" }, `Nobody matches “${query}”.`),
    !query && people.length > SHOWN_AT_FIRST
      ? h(
          "button.link",
          {
            type: "button",
            "aria-expanded": String(all),
            data: { focus: "people-all" },
            on: {
              click: () => {
                all = !all;
                redraw();
              },
            },
          },
          all ? "Show fewer" : `Show all ${people.length} people`,
        )
      : null,
  );
}

/** People who match a search: those already deactivated first, then those who hold credentials. */
export function peopleFound(text) {
  const asked = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const weight = (person) => (person.inactive.length ? 2 : 0) + (person.holds.length ? 1 : 0);
  return state.world.people
    .filter((person) =>
      asked.every((word) =>
        `${person.name} ${person.title} ${person.department} ${person.email}`
          .toLocaleLowerCase()
          .includes(word),
      ),
    )
    .sort((a, b) => weight(b) - weight(a) || b.holds.length - a.holds.length || a.name.localeCompare(b.name));
}

function row(person) {
  const systems = state.world.platforms.filter((platform) => platform === "slack" || person.ids[platform]);
  const off = systems.filter((platform) => person.inactive.includes(platform));
  const node = h(
    "li.person",
    { class: off.length === systems.length ? "is-off" : "" },
    avatar(person.name, person.slack_id),
    h(
      "div.person-text",
      null,
      h("strong", { dir: "auto" }, person.name),
      h("small", { dir: "auto" }, person.title),
      person.holds.length
        ? h(
            "small.holds",
            { dir: "auto", title: person.holds.join("\n") },
            `Holds ${person.holds.slice(0, 2).join(", ")}${person.holds.length > 2 ? ` and ${person.holds.length - 2} more` : ""}`,
          )
        : null,
      off.length ? h("small.off-on", null, off.length === systems.length ? "Deactivated everywhere" : `Deactivated in ${off.map(platformName).join(", ")}`) : null,
    ),
    menu(person, systems, off),
  );
  node.key = person.slack_id;
  return node;
}

function menu(person, systems, off) {
  const on = systems.filter((platform) => !off.includes(platform));
  const item = (deed, platforms, where) => ({
    text: `${deed} ${where}`,
    run: () => act(deed, person, platforms, where),
  });
  const items = [
    ...on.map((platform) => item("Deactivate", [platform], `in ${platformName(platform)}`)),
    ...(on.length > 1 ? [item("Deactivate", on, "everywhere")] : []),
    ...off.map((platform) => item("Reactivate", [platform], `in ${platformName(platform)}`)),
    ...(off.length > 1 ? [item("Reactivate", off, "everywhere")] : []),
  ];
  return menuButton({
    label: `${on.length ? "Deactivate" : "Reactivate"} ${person.name}`,
    face: on.length ? "Deactivate" : "Reactivate",
    className: "button.small",
    focus: `person-${person.slack_id}`,
    keep: JSON.stringify([person.slack_id, on, off]),
    items,
  });
}

async function act(deed, person, where, text) {
  const answer = await attempt(() => post(`/${deed.toLowerCase()}`, { email: person.email, where }));
  if (!answer) return;
  if (answer.done.length) toast(`${person.name} is ${deed.toLowerCase()}d ${text}`);
  for (const [platform, reason] of Object.entries(answer.skipped))
    toast(`${platformName(platform)}: ${reason}`, "error");
}
