/** What the message box suggests: the bot's commands after "/", people after "@". */

import { bot, state } from "../core/state.js";

/**
 * The commands worth offering, as `verb | arguments | what it does`. The bot's own `help` is the reference; one
 * that is missing here works all the same.
 */
const COMMANDS = `
| | what needs you now
help | [command] | examples of every command
list | [platform] [mine | expiring | orphaned | personal] [text] | who every integration logs in as
show | <id or name> | one account, with its dates, owner and buttons
impact | @person | everything that breaks when this person leaves
scan | [connection] | look at a platform now
check | [id] [connection] | run one check now
findings suppress | <finding> <days> <reason> | let a finding wait
findings unsuppress | <finding> | end that
findings | | what is wrong, with one deed each
handover | <id or name> to <account> | plan the move to an integration account
requests | [waiting | mine | all] | who waits for whose decision
requests check | <request> | look for its evidence now, or try again
requests cancel | <request> | stop a request
requests sign | <request> [note] | sign for a step that leaves no evidence
rollback | <request> | take back what a request did
rotate | <id or name> [--dry-run] | replace a credential by a new one
approve | <request> | let a request run
deny | <request> [reason] | refuse a request
alerts | [P1 | P2 | P3] [text] | what is open, and who is on it
ack | <alert> | say that you are on it
assign | <alert> @person | ask somebody to see to it
owner set | <id> @person | propose an accountable owner
owner backup | <id> @person | propose a second one
owner attest | [id] | say that it is still yours
forecast | | what ends in the months ahead
owner accept | <id> | take ownership
owner decline | <id> | say no to it
export | csv|json [findings] [text] | the same as a file, to your messages
snooze | <alert> <days> <reason> | be quiet about an alert
reassign | <alert> [@person] | say that it is not yours
audit | [id] | who did what, in order
evidence | <request> | what can be proved of a request
secret | <request> | a page of your own to enter or see a plan's secrets
status | | connections, coverage, engine and schedule
step-up | | your authenticator app for approvals
step-up reset | @person | take somebody's authenticator app away
whoami | | your role, and what it allows
salesforce create | | make an integration user as the vendor recommends
salesforce restrict | <user> | limit where it may log in from
salesforce hours | <user> | limit when it may log in
nexonia sync | | what tonight's user sync will do
nexonia apply | --reason | ask for that sync to be done now
salesforce logins | <user> | recent logins
salesforce freeze | <user> | stop a user from logging in
salesforce unfreeze | <user> | undo a freeze
netsuite changes | [account] [--since 30] | whose name is on record changes
netsuite licenses | | what another integration user costs
netsuite connector | | how NetSuite Connector stands
netsuite capabilities | | what can be done by interface, and what needs a person
netsuite assign | <user> --role … | add a role, leaving the others
netsuite unassign | <user> --role … | take one role away
netsuite access | <user> | give access, or take it away
netsuite inactive | <user> | stop an employee from signing in
netsuite active | <user> | let an employee sign in again
netsuite revoke | <token> | end one access token for good
wrike invite | <mailbox> | make a service account, followed until it works
wrike offboard | <user> | deactivate a leaver, by two approvals
wrike shares | <user> | what is shared with one account
wrike folders | [words] | folders and spaces that can be shared
wrike audit | [user] | the platform's own audit log
`
  .trim()
  .split("\n")
  .map((line) => line.split("|").map((part) => part.trim()))
  // the arguments may hold "|" themselves
  .map((parts) => ({ verb: parts[0], usage: parts.slice(1, -1).join(" | "), about: parts.at(-1) ?? "" }));

const AT_MOST = 7;

/**
 * @typedef {{text: string, usage: string, about: string, insert: string, from: number, to: number, mention?: string}} Hint
 * @param {string} text @param {number} caret @returns {{kind: "command" | "person", hints: Hint[]} | null}
 */
export function hintsFor(text, caret) {
  const before = text.slice(0, caret);
  const asked = /(?:^|\s)@([\p{L}\p{M}.'’-]*(?: [\p{L}\p{M}.'’-]*)?)$/u.exec(before);
  if (asked) return people(asked[1], caret);
  return commands(before);
}

function commands(before) {
  const command = document.body.dataset.command ?? "/svc";
  if (!before.startsWith("/") || before.includes("\n")) return null;
  if (!before.startsWith(`${command} `) && !command.startsWith(before)) return null;
  const typed = before.slice(command.length).trimStart().toLowerCase();
  const found = COMMANDS.filter(({ verb }) =>
    verb ? verb.startsWith(typed) || typed.startsWith(`${verb} `) : !typed,
  );
  if (!found.length) return null;
  return {
    kind: "command",
    hints: found.slice(0, AT_MOST).map(({ verb, usage, about }) => ({
      text: verb ? `${command} ${verb}` : command,
      usage,
      about,
      insert: `${command} ${verb ? `${verb} ` : ""}`,
      from: 0,
      to: before.length,
      sameAsTyped: typed.startsWith(`${verb} `) && verb !== "",
    })),
  };
}

function people(query, caret) {
  const asked = query.toLocaleLowerCase();
  const found = [
    { name: bot().name, id: bot().user_id, title: "App" },
    ...state.world.people.map((person) => ({
      name: person.name,
      id: person.slack_id,
      title: person.inactive.includes("slack") ? "Deactivated" : person.title,
    })),
  ].filter(
    ({ name }) =>
      name
        .toLocaleLowerCase()
        .split(/\s+/)
        .some((part) => part.startsWith(asked)) || name.toLocaleLowerCase().startsWith(asked),
  );
  if (!found.length) return null;
  return {
    kind: "person",
    hints: found.slice(0, AT_MOST).map(({ name, id, title }) => ({
      text: name,
      usage: "",
      about: title,
      insert: `@${name} `,
      from: caret - query.length - 1,
      to: caret,
      mention: id,
    })),
  };
}
