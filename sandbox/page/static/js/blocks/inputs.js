/** Input blocks and every element that holds a value. */

import { h } from "../core/dom.js";
import { select } from "./select.js";
import { textNodes, words } from "./text.js";

const NATIVE = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "text",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** @param {any} block an input block @param {import("./index.js").Context} ctx */
export function inputBlock(block, ctx) {
  const element = block.element ?? {};
  const id = fieldId(block, element, ctx);
  const error = ctx.errors[block.block_id];
  const grouped = element.type === "checkboxes" || element.type === "radio_buttons";
  const label = [words(block.label), block.optional ? h("span.optional", null, " (optional)") : null];
  const describe =
    [block.hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ") || null;
  return h(
    grouped ? "fieldset.input-block" : "div.input-block",
    { data: { block: block.block_id }, class: error ? "wrong" : "" },
    grouped ? h("legend", null, label) : h("label", { for: id }, label),
    field(
      element,
      {
        block,
        label: words(block.label),
        dispatch: Boolean(block.dispatch_action),
        describe,
        required: !block.optional,
      },
      ctx,
    ),
    block.hint ? h("p.hint", { id: `${id}-hint` }, textNodes(block.hint, ctx)) : null,
    error ? h("p.error", { id: `${id}-error` }, error) : null,
  );
}

const fieldId = (block, element, ctx) =>
  `${ctx.surface}-${block.block_id}-${element.action_id}`.replace(/[^\w-]/g, "_");

/**
 * @param {any} element
 * @param {{block: any, label: string, dispatch: boolean, describe?: string | null, required?: boolean}} place
 * @param {import("./index.js").Context} ctx
 */
export function field(element, { block, label, dispatch, describe = null, required = false }, ctx) {
  const id = fieldId(block, element, ctx);
  const wrong = ctx.errors[block.block_id] ? "true" : null;
  const described = {
    "aria-describedby": describe,
    "aria-invalid": wrong,
    "aria-required": required ? "true" : null,
    data: { focus: id },
  };
  if (/_select$/.test(element.type ?? "")) {
    const widget = select(element, { block, label, id, describe: described, dispatch }, ctx);
    widget.keep = JSON.stringify([ctx.surface, block.block_id, element, describe, wrong]);
    return widget;
  }
  if (element.type === "checkboxes" || element.type === "radio_buttons")
    return choices(element, { block, id, dispatch, label }, ctx);
  if (element.type in NATIVE) return native(element, { block, id, described, label, dispatch }, ctx);
  return h("p.unsupported", null, `Unsupported element: ${element.type}`);
}

function native(element, { block, id, described, label, dispatch }, ctx) {
  const kind = element.type;
  const first =
    element.initial_value ??
    element.initial_date ??
    element.initial_time ??
    localMoment(element.initial_date_time);
  const held = ctx.values.get(block.block_id, element.action_id, first ?? null);
  const keep = (node) => {
    const raw = node.value;
    ctx.values.set(
      block.block_id,
      element.action_id,
      kind === "datetimepicker" && raw ? Math.floor(new Date(raw) / 1000) : raw || null,
    );
  };
  const wanted = {
    ...described,
    id,
    "aria-label": block.type === "input" ? null : label,
    placeholder: words(element.placeholder) || null,
    maxlength: element.max_length ?? null,
    autocomplete: "off",
    inputmode: kind === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    on: {
      input: (event) => keep(event.currentTarget),
      change: (event) => {
        keep(event.currentTarget);
        if (dispatch && !kind.endsWith("_input"))
          ctx.act(block, element, ctx.values.get(block.block_id, element.action_id, null));
      },
      keydown: (event) => {
        if (dispatch && event.key === "Enter" && kind.endsWith("_input") && !element.multiline)
          ctx.act(block, element, event.currentTarget.value);
      },
    },
  };
  if (element.multiline) {
    const area = /** @type {HTMLTextAreaElement} */ (h("textarea.field", { ...wanted, rows: 4 }));
    area.value = held ?? "";
    return area;
  }
  const shown = typeof held === "number" && kind === "datetimepicker" ? localMoment(held) : held;
  const input = /** @type {HTMLInputElement} */ (h("input.field", { ...wanted, type: NATIVE[kind] }));
  input.value = shown ?? "";
  return input;
}

function localMoment(seconds) {
  if (typeof seconds !== "number") return null;
  const at = new Date(seconds * 1000);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function choices(element, { block, id, dispatch, label }, ctx) {
  const many = element.type === "checkboxes";
  const first = many
    ? (element.initial_options ?? []).map((option) => option.value)
    : (element.initial_option?.value ?? null);
  const held = ctx.values.get(block.block_id, element.action_id, first);
  const named = block.type === "input" ? null : { role: many ? "group" : "radiogroup", "aria-label": label };
  return h(
    "div.options",
    named,
    (element.options ?? []).map((option, index) => {
      const box = /** @type {HTMLInputElement} */ (
        h("input", {
          type: many ? "checkbox" : "radio",
          id: `${id}-${index}`,
          name: id,
          value: option.value,
          data: { focus: `${id}-${index}` },
          on: {
            change: (event) => {
              const { checked } = event.currentTarget;
              const now = ctx.values.get(block.block_id, element.action_id, first);
              const next = !many
                ? option.value
                : checked
                  ? [...(now ?? []), option.value]
                  : (now ?? []).filter((value) => value !== option.value);
              ctx.values.set(block.block_id, element.action_id, next);
              if (dispatch) ctx.act(block, element, next);
            },
          },
        })
      );
      box.checked = many ? (held ?? []).includes(option.value) : held === option.value;
      return h(
        "label.option",
        { for: box.id },
        box,
        h(
          "span",
          null,
          textNodes(option.text, ctx),
          option.description ? h("small", null, textNodes(option.description, ctx)) : null,
        ),
      );
    }),
  );
}
