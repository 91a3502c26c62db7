/** Breaking a platform on purpose. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { state } from "../core/state.js";
import { cardOf, choose, doButton, platformName, valueOf } from "./card.js";

const KINDS = [
  { value: "500", text: "500: server error" },
  { value: "429", text: "429: too many requests" },
  { value: "timeout", text: "Time-out: never answers" },
  { value: "timeout_after_effect", text: "Time-out after doing the work" },
  { value: "reset", text: "Connection reset" },
  { value: "short_listing", text: "Short listing: claims to be complete" },
  { value: "slow", text: "Slow: 5 seconds late" },
  { value: "bad_json", text: "Bad JSON: half an answer" },
];
const COUNTS = [
  { value: "1", text: "once" },
  { value: "3", text: "3 times" },
  { value: "20", text: "20 times" },
  { value: "", text: "until lifted" },
];
const SLOW_S = 5;

export function faultsCard() {
  const { faults, platforms } = state.world;
  return cardOf(
    "faults",
    "Break a platform",
    "The bot must raise no false alarm and forget nothing.",
    h(
      "div.controls",
      null,
      choose(
        "fault-platform",
        "Platform",
        [...platforms.filter((name) => name !== "slack"), "slack"].map((value) => ({
          value,
          text: platformName(value),
        })),
      ),
      choose("fault-kind", "Failure", KINDS),
      choose("fault-count", "How often", COUNTS),
    ),
    h(
      "details.more",
      null,
      h("summary", null, "Only some requests"),
      h(
        "div.control",
        null,
        h("label", { for: "fault-match" }, "Regular expression on “METHOD path”"),
        h("input.field", {
          id: "fault-match",
          type: "text",
          placeholder: "^GET .*/query",
          autocomplete: "off",
          spellcheck: "false",
        }),
      ),
    ),
    h(
      "div.row",
      null,
      doButton("Break it", plant, "The fault is planted", {
        look: "button.small.danger-quiet",
        focus: "fault-plant",
      }),
    ),
    faults.length
      ? h("ul.faults", { "aria-label": "Planted faults" }, faults.map(active))
      : h("p.faint", null, "Nothing is broken right now."),
    faults.length > 1
      ? doButton("Lift all", () => post("/faults", { clear: true }), "All faults are lifted", {
          focus: "fault-lift-all",
        })
      : null,
  );
}

function plant() {
  const [kind, count, match] = [valueOf("fault-kind"), valueOf("fault-count"), valueOf("fault-match")];
  return post("/faults", {
    platform: valueOf("fault-platform"),
    kind,
    count: count ? Number(count) : null,
    ...(match ? { match } : {}),
    ...(kind === "slow" ? { retry_after_s: SLOW_S } : {}),
  });
}

function active(fault, index) {
  const name = KINDS.find((kind) => kind.value === fault.kind)?.text ?? fault.kind;
  const left =
    fault.count === null ? "until lifted" : fault.count === 1 ? "once more" : `${fault.count} more times`;
  const lift =
    fault.id === undefined ? { clear: true, platform: fault.platform } : { clear: true, id: fault.id };
  return h(
    "li",
    null,
    h(
      "span",
      null,
      h("strong", null, platformName(fault.platform)),
      ` ${name}, ${left}`,
      fault.match ? h("small", null, h("code", null, fault.match)) : null,
    ),
    doButton("Lift", () => post("/faults", lift), "The fault is lifted", {
      label: `Lift ${platformName(fault.platform)} ${name}`,
      focus: `fault-lift-${fault.id ?? index}`,
    }),
  );
}
