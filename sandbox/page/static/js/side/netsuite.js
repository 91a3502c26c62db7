/** What only people do in NetSuite and in NetSuite Connector's own settings, which the bot can only watch. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { refresh } from "../core/refresh.js";
import { change, state } from "../core/state.js";
import { cardOf, choose, doButton, valueOf } from "./card.js";

export function netsuiteCard() {
  const { netsuite } = state;
  if (!netsuite)
    return cardOf(
      "netsuite",
      "NetSuite",
      null,
      h("p.faint", { role: "status" }, "Reading the integrations and tokens…"),
    );
  const users = netsuite.users.map((user) => ({
    value: user.email,
    text: `${user.name}${user.active ? "" : " (inactive)"}`,
  }));
  const roles = netsuite.roles.map((role) => ({ value: role, text: role }));
  const live = netsuite.tokens.filter((token) => !token.revoked);
  return cardOf(
    "netsuite",
    "NetSuite",
    "The guided steps of a NetSuite handover wait for deeds like these.",
    form(
      "role",
      "Give somebody a role",
      [choose("ns-role-user", "User", users), choose("ns-role-role", "Role", roles)],
      doButton(
        "Give",
        async () => {
          const email = valueOf("ns-role-user");
          const held = netsuite.users.find((user) => user.email === email)?.roles ?? [];
          return after(
            await post("/netsuite/roles", { email, roles: [...new Set([...held, valueOf("ns-role-role")])] }),
          );
        },
        "The role is given",
        { label: "Give: Give somebody a role", focus: "ns-do-role" },
      ),
    ),
    form(
      "token",
      "Make an access token",
      [
        choose(
          "ns-token-app",
          "Application",
          netsuite.integrations.map(({ name }) => ({ value: name, text: name })),
        ),
        choose("ns-token-user", "User", users),
        choose("ns-token-role", "Role", roles),
      ],
      doButton(
        "Make",
        async () => {
          const made = await post("/netsuite/token", {
            application: valueOf("ns-token-app"),
            email: valueOf("ns-token-user"),
            role: valueOf("ns-token-role"),
          });
          change({ netsuiteToken: made });
          return after(made);
        },
        (made) => `Token ${made.id} is made`,
        { label: "Make: Make an access token", focus: "ns-do-token" },
      ),
    ),
    form(
      "connector",
      "NetSuite Connector",
      [],
      [
        state.netsuiteToken
          ? doButton(
              `Enter token ${state.netsuiteToken.id}`,
              async () => {
                const { token_id, token_secret } = state.netsuiteToken;
                const answer = await post("/netsuite/connector", { token_id, token_secret });
                change({ netsuiteToken: null });
                return after(answer);
              },
              "The Connector holds the new token",
              { label: "Enter the token just made in NetSuite Connector", focus: "ns-do-connector" },
            )
          : null,
        doButton(
          "Post a sales order",
          () => post("/netsuite/order", {}),
          (answer) => (answer.detail ? `NetSuite refused: ${answer.detail}` : "A sales order is posted"),
          { label: "Post a sales order through NetSuite Connector", focus: "ns-do-order" },
        ),
      ],
    ),
    live.length
      ? form(
          "end",
          "End an access token",
          [
            choose(
              "ns-end-token",
              "Token",
              live.map((token) => ({
                value: String(token.id),
                text: `${token.application ?? "(deleted)"}: ${token.name}, ${token.user}${token.in_connector ? " (in the Connector)" : ""}`,
              })),
            ),
          ],
          doButton(
            "Revoke",
            async () =>
              after(await post("/netsuite/token_state", { token: valueOf("ns-end-token"), revoke: true })),
            "The token is revoked",
            { label: "Revoke: End an access token", focus: "ns-do-end" },
          ),
        )
      : null,
  );
}

async function after(answer) {
  await refresh.netsuite();
  return answer;
}

function form(key, title, controls, buttons) {
  return h(
    "div.form-part",
    { role: "group", "aria-labelledby": `ns-${key}` },
    h("h4", { id: `ns-${key}` }, title),
    h("div.controls", null, controls),
    h("div.row", null, buttons),
  );
}
