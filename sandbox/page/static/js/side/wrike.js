/** What people do in Wrike by hand: the bot can ask for these deeds and prove them, not do them. */

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { refresh } from "../core/refresh.js";
import { state } from "../core/state.js";
import { cardOf, choose, doButton, valueOf } from "./card.js";

export function wrikeCard() {
  const { wrike } = state;
  if (!wrike)
    return cardOf("wrike", "Wrike", null, h("p.faint", { role: "status" }, "Reading the users and tokens…"));
  const users = wrike.contacts
    .filter((one) => one.email && one.active && !one.deleted)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((one) => ({ value: one.email, text: one.name || one.email }));
  const invited = wrike.invitations
    .filter((one) => one.status === "Pending")
    .map((one) => ({ value: one.id, text: one.email }));
  const live = wrike.tokens.filter((one) => !one.revoked);
  const flows = wrike.flows.map((one) => ({
    value: one.flow,
    text: `${one.flow} (now ${one.acts_as ?? "nobody"})`,
  }));
  return cardOf(
    "wrike",
    "Wrike",
    "Invitations and tokens are in people’s hands: do here what a plan asks for.",
    invited.length
      ? form(
          "accept",
          "Accept an invitation",
          [choose("wr-invitation", "Mailbox", invited)],
          [
            deed("Accept", "accept", "Accept an invitation", "/wrike/accept", "The invitation is accepted", () => ({
              invitation: valueOf("wr-invitation"),
            })),
            deed("Decline", "decline", "Decline the invitation", "/wrike/decline", "The invitation is declined", () => ({
              invitation: valueOf("wr-invitation"),
            })),
          ],
        )
      : null,
    form(
      "token",
      "Make a permanent token",
      [choose("wr-token-user", "User", users)],
      [
        deed("Make", "token", "Make a permanent token", "/wrike/token", () => "The token is made", () => ({
          email: valueOf("wr-token-user"),
        })),
      ],
    ),
    flows.length
      ? form(
          "flow",
          "Sign a flow in as somebody",
          [choose("wr-flow-name", "Flow", flows), choose("wr-flow-user", "User", users)],
          [
            deed("Sign in", "connect", "Sign the flow in", "/wrike/connect", "The flow is signed in", () => ({
              flow: valueOf("wr-flow-name"),
              email: valueOf("wr-flow-user"),
            })),
            deed(
              "Run it",
              "run",
              "Run the flow",
              "/wrike/run",
              (answer) => (answer.failing ? `The flow failed: ${answer.failing}` : "The flow ran"),
              () => ({ flow: valueOf("wr-flow-name") }),
            ),
          ],
        )
      : null,
    live.length
      ? form(
          "end",
          "End a token or an app’s access",
          [
            choose(
              "wr-end-token",
              "Token",
              live.map((one) => ({ value: one.id, text: `${one.label}: ${one.email ?? "nobody"}` })),
            ),
          ],
          [
            deed("Revoke", "end", "End a token or an app’s access", "/wrike/revoke", "The access is ended", () => ({
              id: valueOf("wr-end-token"),
            })),
          ],
        )
      : null,
  );
}

/** A button that does one deed and reads the account again. */
function deed(text, key, label, path, done, asked) {
  return doButton(
    text,
    async () => {
      const answer = await post(path, asked());
      await refresh.wrike();
      return answer;
    },
    done,
    { label: `${text}: ${label}`, focus: `wr-do-${key}` },
  );
}

function form(key, title, controls, buttons) {
  return h(
    "div.form-part",
    { role: "group", "aria-labelledby": `wr-${key}` },
    h("h4", { id: `wr-${key}` }, title),
    h("div.controls", null, controls),
    h("div.row", null, buttons),
  );
}
