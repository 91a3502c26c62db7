/** Moving the sandbox's clock. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { me, nowMs } from "../core/state.js";
import { time, weekday } from "../core/time.js";
import { cardOf, doButton } from "./card.js";

const STEPS = [
  { text: "1 hour", body: { seconds: 3600 } },
  { text: "1 day", body: { days: 1 } },
  { text: "7 days", body: { days: 7 } },
  { text: "30 days", body: { days: 30 } },
];

export function clockCard() {
  const zone = me()?.tz ?? "UTC";
  return cardOf(
    "clock",
    "Clock",
    "Certificates run out and approvals expire when time passes. It only moves forward.",
    h("p.figure", null, h("time", null, `${weekday(nowMs(), zone)}, ${time(nowMs(), zone)}`)),
    h(
      "div.row",
      null,
      h("span.row-label", { id: "clock-label" }, "Advance by"),
      h(
        "div.row",
        { role: "group", "aria-labelledby": "clock-label" },
        STEPS.map(({ text, body }) =>
          doButton(text, () => post("/advance", body), `The clock moved by ${text}`, {
            label: `Advance by ${text}`,
            focus: `clock-${text}`,
          }),
        ),
      ),
    ),
  );
}
