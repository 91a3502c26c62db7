/** Who you are: a button that opens a searchable list of everybody. */

import { avatar } from "./core/avatar.js";
import { byId, h, patch } from "./core/dom.js";
import { switchTo } from "./core/go.js";
import { icon } from "./core/icons.js";
import { me, state } from "./core/state.js";

const ROLE_ORDER = { admin: 0, approver: 1, operator: 2, viewer: 3 };
const ROLE_NAME = { admin: "Admin", approver: "Approver", operator: "Operator", viewer: "Viewer" };

let query = "";
let active = 0;
/** @type {HTMLDialogElement | null} */
let dialog = null;

export const roleBadge = (role) => h(`span.badge.role-${role}`, null, ROLE_NAME[role] ?? role);

export function switcher() {
  const person = me();
  if (!person) return null;
  const node = h(
    "div.switcher",
    null,
    h("p.eyebrow", { id: "seeing-as" }, "You see everything as"),
    h(
      "button.switch",
      {
        type: "button",
        id: "switch",
        "aria-haspopup": "dialog",
        title: "Switch person (Ctrl K)",
        on: { click: openSwitcher },
      },
      avatar(person.name, person.slack_id),
      h(
        "span.switch-text",
        null,
        h("strong", { dir: "auto" }, person.name),
        h("small", { dir: "auto" }, person.title || person.department),
      ),
      icon("down"),
      h("span.unseen", null, ". Switch person"),
    ),
    h(
      "p.switch-marks",
      null,
      roleBadge(person.role),
      person.inactive.includes("slack") ? h("span.badge.off", null, "Deactivated") : null,
      othersUnread(),
    ),
  );
  node.key = "switcher";
  return node;
}

/** Somebody else has something new: the reason to switch. */
function othersUnread() {
  const waiting = new Set(
    [...state.unread]
      .map((entry) => entry.split("|"))
      .filter(([who, channel]) => who !== state.me && channel.startsWith("D"))
      .map(([who]) => who),
  );
  if (!waiting.size) return null;
  return h(
    "button.link.others",
    { type: "button", on: { click: openSwitcher } },
    waiting.size === 1 ? "1 other has a new message" : `${waiting.size} others have new messages`,
  );
}

export function openSwitcher() {
  if (dialog || byId("overlays").querySelector("dialog[open]")) return;
  query = "";
  active = Math.max(
    0,
    found().findIndex((person) => person.slack_id === state.me),
  );
  const input = /** @type {HTMLInputElement} */ (
    h("input.field", {
      type: "text",
      id: "switch-search",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": "switch-list",
      autocomplete: "off",
      "aria-label": "Search people by name, title, department or role",
      placeholder: "Name, title, department or role",
      on: {
        input: () => {
          query = input.value;
          active = 0;
          drawList();
        },
        keydown: onKey,
      },
    })
  );
  dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog.dialog.switch-dialog",
      {
        "aria-labelledby": "switch-title",
        on: {
          close: shut,
          click: (event) => {
            if (event.target === dialog) dialog.close();
          },
        },
      },
      h(
        "header.panel-head",
        null,
        h("h2", { id: "switch-title" }, "Switch person"),
        h(
          "button.icon",
          { type: "button", "aria-label": "Close", on: { click: () => dialog?.close() } },
          icon("close"),
        ),
      ),
      input,
      h("div.switch-list", { id: "switch-list", role: "listbox", "aria-label": "People" }),
    )
  );
  byId("overlays").append(dialog);
  dialog.showModal();
  drawList();
  input.focus();
}

function shut() {
  dialog?.remove();
  dialog = null;
}

/** People who match what was typed: first by what they may do, then by name. */
function found() {
  const asked = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return state.world.people
    .filter((person) => {
      const text =
        `${person.name} ${person.title} ${person.department} ${person.role} ${person.email}`.toLocaleLowerCase();
      return asked.every((word) => text.includes(word));
    })
    .sort((a, b) => ROLE_ORDER[a.role] - ROLE_ORDER[b.role] || a.name.localeCompare(b.name));
}

function drawList() {
  const people = found();
  const list = byId("switch-list");
  patch(
    list,
    people.length
      ? people.map((person, index) => {
          const off = person.inactive.includes("slack");
          const fresh = [...state.unread].some((entry) => entry.startsWith(`${person.slack_id}|D`));
          const node = h(
            "div.person-choice",
            {
              role: "option",
              id: `switch-${index}`,
              "aria-selected": String(index === active),
              class: off ? "is-off" : "",
              "aria-current": person.slack_id === state.me ? "true" : null,
              on: { click: () => pick(person) },
            },
            avatar(person.name, person.slack_id),
            h(
              "span.switch-text",
              null,
              h("strong", { dir: "auto" }, person.name),
              h("small", { dir: "auto" }, [person.title, person.department].filter(Boolean).join(" · ")),
            ),
            fresh ? h("span.badge.new", null, "New message") : null,
            off ? h("span.badge.off", null, "Deactivated") : null,
            roleBadge(person.role),
          );
          node.key = person.slack_id;
          return node;
        })
      : h("p.empty", { role: "status" }, `Nobody matches “${query}”.`),
  );
  list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  const input = byId("switch-search");
  if (people.length) input.setAttribute("aria-activedescendant", `switch-${active}`);
  else input.removeAttribute("aria-activedescendant");
}

function onKey(event) {
  const people = found();
  const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8 }[
    event.key
  ];
  if (to !== undefined) {
    event.preventDefault();
    active = Math.max(0, Math.min(people.length - 1, to));
    drawList();
  } else if (event.key === "Enter" && people[active]) {
    event.preventDefault();
    pick(people[active]);
  }
}

function pick(person) {
  dialog?.close();
  byId("switch")?.focus();
  switchTo(person.slack_id);
}
