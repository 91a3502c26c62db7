/** What the block renderer needs to know, taken from the page's state. */

import { ApiError, post } from "../core/api.js";
import { bot, me, nowMs, state } from "../core/state.js";
import { toast } from "../core/toast.js";
import { options } from "../blocks/select.js";
import { collect, valuesOf } from "../blocks/values.js";
import { ackTrouble } from "./acks.js";
import { confirm } from "./confirm.js";

const seen = new Map();

/**
 * @param {string} surface
 * @param {Record<string, any>} target how the API names the surface: {channel, ts}, {view_id} or {home: true}
 * @param {any[]} blocks all blocks of the surface
 * @param {Record<string, string>} [errors]
 * @returns {import("../blocks/index.js").Context}
 */
export function blockContext(surface, target, blocks, errors = {}) {
  const person = me();
  return {
    surface,
    errors,
    seen,
    confirm,
    values: valuesOf(surface),
    viewer: state.me,
    zone: person?.tz ?? "UTC",
    now: nowMs,
    nameOf,
    people: peopleChoices,
    channels: channelChoices,
    act: (block, element, value) => act(surface, target, blocks, block, element, value),
    search: (block, element, query) => search(target, block, element, query),
  };
}

async function act(surface, target, blocks, block, element, value) {
  const body = {
    user: state.me,
    ...target,
    action_id: element.action_id,
    block_id: block.block_id,
    state: collect(blocks, surface),
    ...(value === undefined || value === null ? {} : { value }),
  };
  try {
    const answer = await post("/slack/click", body);
    const trouble = ackTrouble(answer?.ack);
    if (trouble) toast(trouble, "error");
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    toast(problem.message, "error");
  }
}

async function search(target, block, element, query) {
  const answer = await post("/slack/options", {
    user: state.me,
    ...target,
    action_id: element.action_id,
    block_id: block.block_id,
    value: query,
  });
  const trouble = ackTrouble(answer?.ack);
  if (trouble) throw new ApiError(trouble, 200);
  return options(answer?.ack ?? {});
}

/** @param {"user" | "channel" | "usergroup"} kind @param {string} id */
export function nameOf(kind, id) {
  const { world } = state;
  if (kind === "user")
    return id === bot().user_id
      ? bot().name
      : (world?.people.find((one) => one.slack_id === id)?.name ?? null);
  if (kind === "channel") return world?.channels.find((one) => one.id === id)?.name ?? null;
  return world?.usergroups?.find((one) => one.id === id)?.handle ?? null;
}

const peopleChoices = () =>
  state.world.people
    .filter((person) => !person.inactive.includes("slack"))
    .map((person) => ({ value: person.slack_id, text: person.name, detail: person.title }));

const channelChoices = () =>
  state.world.channels
    .filter((channel) => channel.members.includes(state.me))
    .map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
