/** The bar at the top: what this is, whose time it is, whether the sandbox answers. */

import { byId, h, patch } from "./core/dom.js";
import { icon } from "./core/icons.js";
import { me, nowMs, state, watch } from "./core/state.js";
import { timeWithSeconds, weekday, zoneName } from "./core/time.js";

export function mountTop() {
  watch(["world", "me", "link"], draw);
  setInterval(tick, 1000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function draw() {
  const dark = isDark();
  patch(
    byId("top"),
    h(
      "div.brand",
      null,
      h("span.mark", { "aria-hidden": "true" }, "H"),
      h("strong", null, "Handover"),
      h("span.sandbox-badge", null, "Sandbox"),
    ),
    h(
      "p.made-up",
      null,
      `${document.body.dataset.company} is made up: nothing you do here leaves this machine.`,
    ),
    h(
      "div.top-end",
      null,
      h(
        "div.clock",
        { title: "The sandbox's clock, in the time zone of the person you are" },
        icon("clock"),
        h("time", null, h("span", { id: "clock-day" }, day()), h("span", { id: "clock-time" }, moment())),
        shift(),
      ),
      h(
        "span.link-state",
        { class: state.link, role: "status" },
        h("span.dot", { "aria-hidden": "true" }),
        { connecting: "Connecting", live: "Live", polling: "Polling", lost: "Offline" }[state.link],
      ),
      h(
        "button.icon",
        {
          type: "button",
          "aria-label": dark ? "Use light colours" : "Use dark colours",
          title: dark ? "Light" : "Dark",
          on: { click: toggle },
        },
        icon(dark ? "sun" : "moon"),
      ),
    ),
  );
  banner();
}

const zone = () => me()?.tz ?? "UTC";
const day = () => (state.world ? `${weekday(nowMs(), zone())}, ` : "");
const moment = () => (state.world ? `${timeWithSeconds(nowMs(), zone())} ${zoneName(nowMs(), zone())}` : "");

/** How far the clock was moved, in words. */
function shift() {
  const hours = Math.round(state.skewMs / 3_600_000);
  if (hours < 1) return null;
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  return h(
    "span.shift",
    null,
    `+${[days ? `${days} d` : "", rest ? `${rest} h` : ""].filter(Boolean).join(" ")}`,
  );
}

function tick() {
  for (const [id, text] of [
    ["clock-day", day()],
    ["clock-time", moment()],
  ]) {
    const node = byId(id);
    if (node) node.textContent = text;
  }
}

function toggle() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  draw();
}

function banner() {
  const text = {
    connecting: null,
    live: null,
    polling: "Live updates are interrupted. The page asks every 2 seconds instead.",
    lost: "Connection lost: the sandbox does not answer. Is it still running? The page keeps trying.",
  }[state.link];
  patch(byId("banner"), text ? h("div.banner", { role: "alert" }, text) : null);
}
