/** What an acknowledgement that went wrong means, in words. */

import { bot } from "../core/state.js";

const MEANING = {
  operation_timeout: () => `${bot().name} did not acknowledge within 3 seconds`,
  dispatch_failed: () => `${bot().name} could not be reached. The World panel shows whether it is running`,
};

/** The trouble an ack tells of, or null when there is none. @param {any} ack */
export function ackTrouble(ack) {
  if (!ack?.error) return null;
  const said = ack.response_metadata?.messages?.[0];
  const meaning = MEANING[ack.error]?.() ?? `Slack refused what ${bot().name} answered`;
  return `${meaning} (${ack.error}${said ? `: ${said}` : ""}).`;
}
