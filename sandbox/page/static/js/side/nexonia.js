/** What an administrator does in Nexonia: run its sync of users, and keep an account out of it. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { refresh } from "../core/refresh.js";
import { state } from "../core/state.js";
import { cardOf, choose, doButton, valueOf } from "./card.js";

export function nexoniaCard() {
  const { nexonia } = state;
  if (!nexonia)
    return cardOf("nexonia", "Nexonia", null, h("p.faint", { role: "status" }, "Reading the users…"));
  const users = [...nexonia.users]
    .sort((a, b) => `${a.first} ${a.last}`.localeCompare(`${b.first} ${b.last}`))
    .map((user) => ({
      value: user.id,
      text: `${user.first} ${user.last}${user.active ? "" : " (inactive)"}${user.ignore ? " (ignored)" : ""}`,
    }));
  return cardOf(
    "nexonia",
    "Nexonia",
    "Its sync makes users from NetSuite’s people every night, and ends those it does not find there.",
    form(
      "sync",
      "Run the sync of users now",
      [],
      doButton(
        "Run the sync",
        () => after(post("/nexonia/sync", {})),
        (answer) =>
          answer.status === "Success"
            ? `The sync ran: ${counted(answer.rows, "inactivate")} made inactive, ${counted(answer.rows, "create")} created`
            : `The sync failed: ${answer.why}`,
        { focus: "nx-do-sync" },
      ),
    ),
    form(
      "user",
      "Change a user by hand",
      [
        choose("nx-user-name", "User", users),
        choose("nx-deed", "Change", [
          { value: "ignore", text: "ignore for integration" },
          { value: "heed", text: "no longer ignore" },
          { value: "on", text: "make active" },
          { value: "off", text: "make inactive" },
        ]),
      ],
      doButton("Change", () => after(post("/nexonia/user", { id: valueOf("nx-user-name"), ...change() })), "The user is changed", {
        label: "Change: Change a user by hand",
        focus: "nx-do-user",
      }),
    ),
  );
}

const CHANGES = {
  ignore: { ignore: true },
  heed: { ignore: false },
  on: { active: true },
  off: { active: false },
};
const change = () => CHANGES[valueOf("nx-deed")];

const counted = (rows, action) => rows.filter((row) => row.action === action).length;

async function after(asked) {
  const answer = await asked;
  await refresh.nexonia();
  return answer;
}

function form(key, title, controls, buttons) {
  return h(
    "div.form-part",
    { role: "group", "aria-labelledby": `nx-${key}` },
    h("h4", { id: `nx-${key}` }, title),
    h("div.controls", null, controls),
    h("div.row", null, buttons),
  );
}
