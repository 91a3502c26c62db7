/** Five things to try, each ticked by itself once the wire or the world shows that it was done. */

import { h } from "../core/dom.js";
import { state } from "../core/state.js";
import { openSwitcher } from "../switcher.js";
import { cardOf } from "./card.js";
import { peopleFound } from "./people.js";

const DAY_MS = 86_400_000;

/** @type {Set<string>} what was seen done; the wire forgets, this does not */
const done = new Set();

const command = () => document.body.dataset.command ?? "/svc";

/** What was delivered to the bot; on a socket it is wrapped in an envelope. */
const delivered = () =>
  state.wire
    .filter((entry) => entry.direction === "in")
    .map((entry) => entry.payload?.payload ?? entry.payload ?? {});

/** A slash command that reached the bot and starts with one of these verbs. */
const ran = (...verbs) =>
  delivered().some(
    (payload) =>
      payload.command === command() &&
      verbs.some((verb) => (payload.text ?? "").trim().toLowerCase().startsWith(verb)),
  );

/** A button whose action names one of these words. */
const pressed = (...names) =>
  delivered().some((payload) =>
    (Array.isArray(payload.actions) ? payload.actions : []).some((action) =>
      names.some((name) => String(action.action_id).includes(name)),
    ),
  );

/** Whoever holds most and is active everywhere; in the company as it starts, Alice Doherty. */
const holder = () => peopleFound("").find((person) => person.holds.length && !person.inactive.length);
const approver = () =>
  state.world.people
    .filter(
      (person) =>
        person.role === "approver" && !person.inactive.includes("slack") && person.slack_id !== state.me,
    )
    .sort((a, b) => a.name.localeCompare(b.name))[0];
const switching = (text) =>
  h("button.link", { type: "button", data: { focus: "tour-switch" }, on: { click: openSwitcher } }, text);

const STEPS = [
  {
    key: "menu",
    title: "See what needs you now",
    how: () => [
      "Type ",
      h("kbd", null, command()),
      " in the message box and press Enter, or ",
      h("kbd", null, `${command()} list`),
      " for every integration account.",
    ],
    seen: () => ran(""),
  },
  {
    key: "impact",
    title: "Ask what breaks when somebody leaves",
    how: () => [
      "Type ",
      h("kbd", null, `${command()} impact`),
      ` @${holder()?.name ?? "and a name"}. Names complete as you type.`,
    ],
    seen: () => ran("impact"),
  },
  {
    key: "leave",
    title: "Let them leave",
    how: () => [
      "Deactivate ",
      h("strong", null, holder()?.name ?? "somebody"),
      " under People, below. The alert arrives in #integrations-alerts within a second or two.",
    ],
    seen: () => state.world.people.some((person) => person.inactive.includes("slack") && person.holds.length),
  },
  {
    key: "approve",
    title: "Hand over, with somebody else’s approval",
    how: () => [
      "Press ",
      h("strong", null, "Plan handover"),
      " on the alert. Then ",
      switching(`switch to ${approver()?.name ?? "an approver"}`),
      " and approve it: nobody approves their own. Watch the steps in the thread, and read ",
      h("kbd", null, `${command()} audit`),
      ".",
    ],
    seen: () => ran("approve") || pressed("approve"),
  },
  {
    key: "break",
    title: "Break something",
    how: () => [
      "Kill the bot half-way, break one of its systems, or move the clock 30 days on, all below. Nothing is lost and nothing is made up.",
    ],
    seen: () =>
      state.world.faults.length > 0 ||
      state.skewMs > DAY_MS ||
      Object.keys(state.world.counters).some((name) => name.includes(".fault.")),
  },
];

export function tourCard() {
  for (const step of STEPS) if (!done.has(step.key) && step.seen()) done.add(step.key);
  const next = STEPS.find((step) => !done.has(step.key));
  return cardOf(
    "tour",
    "Five things to try",
    null,
    h(
      "p.tour-count",
      { role: "status" },
      next ? `${done.size} of ${STEPS.length} done` : "All done. The Wire panel shows what was really said.",
    ),
    h(
      "ol.tour",
      null,
      STEPS.map((step) => {
        const ticked = done.has(step.key);
        return h(
          "li",
          {
            class: ticked ? "ticked" : step === next ? "next" : "",
            "aria-current": step === next ? "step" : null,
          },
          h("span.tick", { "aria-hidden": "true" }, ticked ? "✓" : ""),
          h(
            "div",
            null,
            h("strong", null, step.title, ticked ? h("span.unseen", null, " (done)") : null),
            step === next ? h("p", null, step.how()) : null,
          ),
        );
      }),
    ),
  );
}
