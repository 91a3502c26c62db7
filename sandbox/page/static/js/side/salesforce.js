/** What people and consumers do in Salesforce, which the bot can only watch. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { refresh } from "../core/refresh.js";
import { state } from "../core/state.js";
import { attempt } from "../core/toast.js";
import { cardOf, choose, doButton, valueOf } from "./card.js";

export function salesforceCard() {
  const { cast, world } = state;
  if (!cast)
    return cardOf(
      "salesforce",
      "Salesforce",
      null,
      h("p.faint", { role: "status" }, "Reading the apps and users…"),
    );
  const apps = cast.apps.map((app) => ({ value: app.name, text: app.name }));
  const runAs = cast.apps
    .filter((app) => app.run_as)
    .map((app) => ({ value: app.name, text: `${app.name} (now ${app.run_as})` }));
  const users = cast.users.map((user) => ({
    value: user.username,
    text: `${user.service ? "Service: " : ""}${user.name}${user.active ? "" : " (inactive)"}${user.frozen ? " (frozen)" : ""}`,
  }));
  const uses = [
    ...runAs.map(({ value }) => ({ value, text: `${value} as its run-as user` })),
    ...cast.grants.map((grant) => ({
      value: `${grant.app}\n${grant.username}`,
      text: `${grant.app} as ${grant.username}`,
    })),
  ].filter((one, index, all) => all.findIndex((other) => other.value === one.value) === index);
  const after = async (answer) => {
    await refresh.cast();
    return answer;
  };
  return cardOf(
    "salesforce",
    "Salesforce",
    "The guided steps of a handover wait for deeds like these.",
    form(
      "authorise",
      "Authorise an app as a user",
      [choose("sf-auth-app", "App", apps), choose("sf-auth-user", "User", users)],
      "Authorise",
      async () =>
        after(
          await post("/salesforce/authorize", {
            app: valueOf("sf-auth-app"),
            username: valueOf("sf-auth-user"),
          }),
        ),
      "The app is authorised",
    ),
    form(
      "use",
      "Let an integration work",
      [
        choose("sf-use-grant", "Integration", uses),
        choose(
          "sf-use-times",
          "Times",
          [1, 5, 25].map((times) => ({ value: String(times), text: String(times) })),
        ),
        choose("sf-use-result", "Result", [
          { value: "", text: "succeeds" },
          { value: "failed", text: "fails to log in" },
        ]),
      ],
      "Use it",
      () => {
        const [app, username] = valueOf("sf-use-grant").split("\n");
        return post("/salesforce/use", {
          app,
          ...(username ? { username } : {}),
          times: Number(valueOf("sf-use-times")),
          failed: valueOf("sf-use-result") === "failed",
        });
      },
      (answer) => `Used ${answer.used} times: ${answer.status}`,
    ),
    runAs.length
      ? form(
          "runas",
          "Change the run-as user of an app",
          [choose("sf-run-app", "App", runAs), choose("sf-run-user", "New user", users)],
          "Change",
          async () =>
            after(
              await post("/salesforce/run_as", {
                app: valueOf("sf-run-app"),
                username: valueOf("sf-run-user"),
              }),
            ),
          "The run-as user is changed",
        )
      : null,
    h(
      "div.form-part",
      null,
      h(
        "label.option",
        { for: "sf-traffic" },
        traffic(world),
        h(
          "span",
          null,
          "Integrations work by themselves",
          h("small", null, "Each uses its credential at its own pace."),
        ),
      ),
    ),
  );
}

function form(key, title, controls, text, work, done) {
  return h(
    "div.form-part",
    { role: "group", "aria-labelledby": `sf-${key}` },
    h("h4", { id: `sf-${key}` }, title),
    h("div.controls", null, controls),
    h("div.row", null, doButton(text, work, done, { label: `${text}: ${title}`, focus: `sf-do-${key}` })),
  );
}

function traffic(world) {
  const box = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "checkbox",
      id: "sf-traffic",
      checked: world.traffic,
      on: {
        change: (event) => {
          const on = event.currentTarget.checked;
          attempt(async () => {
            await post("/traffic", { on });
            await refresh.world();
          });
        },
      },
    })
  );
  return box;
}
