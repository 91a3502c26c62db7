/** Every kind of select menu, drawn as one kind of combobox. */

import { combo, matching } from "../core/combo.js";
import { words } from "./text.js";

const SEARCH_PAUSE_MS = 180;

/**
 * @param {any} element static_select, external_select, users_select, conversations_select, channels_select, or
 *   one of their multi_ twins
 * @param {{block: any, label: string, id: string, describe: Record<string, any>, dispatch: boolean}} place
 * @param {import("./index.js").Context} ctx
 */
export function select(element, { block, label, id, describe, dispatch }, ctx) {
  const multiple = element.type.startsWith("multi_");
  const kind = element.type.replace(/^multi_/, "");
  const all = fixedChoices(element, kind, ctx);
  const held = ctx.values.get(block.block_id, element.action_id, initial(element, kind, multiple));
  const picked = (multiple ? (held ?? []) : held ? [held] : []).map((value) =>
    known(value, all, element, ctx),
  );

  return combo({
    id,
    label,
    chosen: picked,
    multiple,
    atMost: element.max_selected_items ?? Infinity,
    placeholder: words(element.placeholder) || (multiple ? "Choose" : "Choose one"),
    minimum: kind === "external_select" ? (element.min_query_length ?? 3) : 0,
    waitMs: kind === "external_select" ? SEARCH_PAUSE_MS : 0,
    search:
      kind === "external_select"
        ? async (query) => remember(await ctx.search(block, element, query), ctx)
        : (query) => matching(all, query),
    onChange: (chosen) => {
      const value = multiple ? chosen.map((choice) => choice.value) : (chosen[0]?.value ?? null);
      ctx.values.set(block.block_id, element.action_id, value);
      if (dispatch && (multiple || value !== null)) ctx.act(block, element, value);
    },
    attributes: describe,
  });
}

function fixedChoices(element, kind, ctx) {
  switch (kind) {
    case "static_select":
      return options(element);
    case "users_select":
      return ctx.people();
    case "channels_select":
      return ctx.channels();
    case "conversations_select":
      return [...ctx.channels(), ...ctx.people()];
    default:
      return [];
  }
}

/** The choices in an element or in the answer to a search: flat options, or options in groups. */
export function options(holder) {
  const plain = (holder.options ?? []).map((option) => choice(option));
  const grouped = (holder.option_groups ?? []).flatMap((group) =>
    (group.options ?? []).map((option) => choice(option, words(group.label))),
  );
  return [...plain, ...grouped];
}

const choice = (option, group) => ({
  value: option.value,
  text: words(option.text),
  detail: words(option.description),
  group,
});

function initial(element, kind, multiple) {
  const singular = {
    users_select: "initial_user",
    channels_select: "initial_channel",
    conversations_select: "initial_conversation",
  }[kind];
  if (singular) return multiple ? (element[`${singular}s`] ?? []) : (element[singular] ?? null);
  if (multiple) return (element.initial_options ?? []).map((option) => option.value);
  return element.initial_option?.value ?? null;
}

function known(value, all, element, ctx) {
  const given = [element.initial_option, ...(element.initial_options ?? [])].find(
    (option) => option?.value === value,
  );
  return (
    all.find((one) => one.value === value) ??
    (given ? choice(given) : null) ??
    ctx.seen.get(value) ?? { value, text: value }
  );
}

/** Keep what a search found: a redrawn select must still be able to name its choice. */
function remember(found, ctx) {
  for (const one of found) ctx.seen.set(one.value, one);
  return found;
}
