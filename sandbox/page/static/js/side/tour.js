/** Five things to try, each ticked by itself once the wire or the world shows that it was done. */

import { h } from "../core/dom.js";
import { goToBot } from "../core/go.js";
import { state } from "../core/state.js";
import { openSwitcher } from "../switcher.js";
import { cardOf } from "./card.js";

/** @type {Set<string>} what was seen done; the wire forgets, this does not */
const done = new Set();

const command = () => document.body.dataset.command ?? "/svc";

/** A slash command that reached the bot and starts with one of these verbs. */
const ran = (...verbs) => state.wire.some((entry) => entry.payload?.command === command()
  && verbs.some((verb) => (entry.payload.text ?? "").trim().toLowerCase().startsWith(verb)));

/** A button whose action names one of these words. */
const pressed = (...names) => state.wire.some((entry) => (entry.payload?.actions ?? [])
  .some((action) => names.some((name) => String(action.action_id).includes(name))));

const STEPS = [
  {
    key: "list", title: "See who every integration logs in as",
    how: () => ["Type ", h("kbd", null, `${command()} list`), " in the message box and press Enter."],
    seen: () => ran("list", "ls"),
  },
  {
    key: "leave", title: "Let a colleague leave",
    how: () => ["Deactivate somebody who holds credentials, under ", h("strong", null, "People"), " below. The alert arrives in #integrations-alerts within seconds."],
    seen: () => state.world.people.some((person) => person.inactive.includes("slack") && person.holds.length),
  },
  {
    key: "plan", title: "Plan the handover",
    how: () => ["Press ", h("strong", null, "Plan handover"), " on the alert, or type ", h("kbd", null, `${command()} handover`), "."],
    seen: () => ran("handover") || pressed("handover", "plan"),
  },
  {
    key: "approve", title: "Approve it as somebody else",
    how: () => [h("button.link", { type: "button", on: { click: openSwitcher } }, "Switch person"), " to an approver and decide. Nobody can approve their own request. Then watch the steps in the thread."],
    seen: () => ran("approve") || pressed("approve"),
  },
  {
    key: "audit", title: "Read what was recorded",
    how: () => ["Type ", h("kbd", null, `${command()} audit`), ". Or ", h("button.link", { type: "button", on: { click: goToBot } }, "ask the bot privately"), "."],
    seen: () => ran("audit"),
  },
];

export function tourCard() {
  for (const step of STEPS) if (!done.has(step.key) && step.seen()) done.add(step.key);
  const next = STEPS.find((step) => !done.has(step.key));
  return cardOf("tour", "Five things to try", null,
    h("p.tour-count", { role: "status" }, next ? `${done.size} of ${STEPS.length} done` : "All done. Now break something: a fault, the clock, or the bot itself."),
    h("ol.tour", null, STEPS.map((step) => {
      const ticked = done.has(step.key);
      return h("li", { class: ticked ? "ticked" : step === next ? "next" : "", "aria-current": step === next ? "step" : null },
        h("span.tick", { "aria-hidden": "true" }, ticked ? "✓" : ""),
        h("div", null, h("strong", null, step.title, ticked ? h("span.unseen", null, " (done)") : null),
          step === next ? h("p", null, step.how()) : null));
    })));
}
