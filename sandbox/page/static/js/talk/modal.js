/** The modal views of whoever looks: the top of the stack, its errors, and the answers to it. */

import { ApiError, post } from "../core/api.js";
import { byId, h, morph, patch } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { refresh } from "../core/refresh.js";
import { bot, state, watch } from "../core/state.js";
import { attempt, toast } from "../core/toast.js";
import { drawBlocks } from "../blocks/index.js";
import { words } from "../blocks/text.js";
import { collect, forget } from "../blocks/values.js";
import { ackTrouble } from "./acks.js";
import { blockContext } from "./context.js";

/** @type {{view: string | null, errors: Record<string, string>, notice: string | null, busy: boolean}} */
let local = { view: null, errors: {}, notice: null, busy: false };
/** @type {HTMLDialogElement | null} */
let dialog = null;
/** @type {HTMLElement | null} */
let before = null;

export function mountModal() {
  watch(["views", "world"], draw);
}

function draw() {
  const view = state.views.at(-1);
  if (!view) return shut();
  const fresh = view.id !== local.view;
  if (fresh) local = { view: view.id, errors: {}, notice: null, busy: false };
  if (!dialog) {
    before = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog = /** @type {HTMLDialogElement} */ (
      h("dialog.dialog.modal", { "aria-labelledby": "modal-title" })
    );
    byId("overlays").append(dialog);
    dialog.showModal();
  }
  const had = dialog.contains(document.activeElement)
    ? document.activeElement?.getAttribute("data-focus")
    : null;
  if (fresh) patch(dialog);
  patch(dialog, face(view));
  dialog.oncancel = (event) => {
    event.preventDefault();
    leave(view, false);
  };
  if (fresh || !dialog.contains(document.activeElement)) focusIn(had);
}

function face(view) {
  const errors = local.errors;
  const ctx = blockContext(view.id, { view_id: view.id }, view.blocks, errors);
  return h(
    "form.modal-form",
    {
      novalidate: true,
      key: view.id,
      on: {
        submit: (event) => {
          event.preventDefault();
          submit(view);
        },
        keydown: (event) => enter(event, view),
      },
    },
    h(
      "header.modal-head",
      null,
      h(
        "div",
        null,
        h(
          "p.modal-app",
          null,
          `${bot().name} · app`,
          state.views.length > 1 ? ` · step ${state.views.length}` : "",
        ),
        h("h2", { id: "modal-title", dir: "auto" }, words(view.title)),
      ),
      h(
        "button.icon",
        { type: "button", "aria-label": "Close", on: { click: () => leave(view, true) } },
        icon("close"),
      ),
    ),
    h(
      "div.modal-body",
      { tabindex: "-1" },
      local.notice
        ? h("div.alert.alert-error", { role: "alert" }, h("strong", null, "Error: "), local.notice)
        : null,
      drawBlocks(view.blocks ?? [], ctx),
    ),
    h(
      "footer.dialog-foot",
      null,
      h(
        "button",
        { type: "button", on: { click: () => leave(view, false) } },
        words(view.close) || (state.views.length > 1 ? "Back" : "Cancel"),
      ),
      view.submit
        ? h("button.primary", { type: "submit", "aria-busy": local.busy ? "true" : null }, words(view.submit))
        : null,
    ),
  );
}

/** Enter in a one-line field submits, as in any form; in a list of choices the list has taken it already. */
function enter(event, view) {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("input:not([role=combobox])"))
    return;
  event.preventDefault();
  submit(view);
}

function focusIn(name) {
  const again = name ? dialog?.querySelector(`[data-focus="${CSS.escape(name)}"]`) : null;
  const first = dialog?.querySelector(".modal-body :is(input, textarea, select, button, a[href])");
  const last = dialog?.querySelector("button[type=submit]") ?? dialog?.querySelector(".dialog-foot button");
  /** @type {HTMLElement | null} */ (again ?? first ?? last)?.focus();
}

async function submit(view) {
  if (local.busy || !view.submit) return;
  const missing = unanswered(view);
  if (Object.keys(missing).length) return complain({ errors: missing });
  Object.assign(local, { busy: true, errors: {}, notice: null });
  redraw(view);
  try {
    const { ack } = await post("/slack/submit", {
      user: state.me,
      view_id: view.id,
      values: collect(view.blocks, view.id),
    });
    if (ack?.response_action === "errors") complain({ errors: ack.errors ?? {} });
    else if (ackTrouble(ack)) complain({ notice: `${ackTrouble(ack)} Nothing was lost: try again.` });
    else local.busy = false;
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    complain({ notice: problem.message });
  }
  await attempt(refresh.views);
}

/** What Slack itself refuses before the app hears of it. */
function unanswered(view) {
  const held = collect(view.blocks, view.id);
  const missing = {};
  for (const block of view.blocks ?? []) {
    if (block.type !== "input" || block.optional) continue;
    const value = held[block.block_id]?.[block.element?.action_id];
    const empty =
      value === null ||
      value === undefined ||
      (Array.isArray(value) && !value.length) ||
      String(value).trim() === "";
    if (empty) missing[block.block_id] = "Please complete this required field.";
  }
  return missing;
}

function complain({ errors = {}, notice = null }) {
  Object.assign(local, { busy: false, errors, notice });
  const view = state.views.at(-1);
  if (!view || view.id !== local.view) return;
  redraw(view);
  const first = (view.blocks ?? []).find((block) => block.block_id in errors);
  const place = first ? dialog?.querySelector(`[data-block="${CSS.escape(first.block_id)}"]`) : null;
  const wrong = place?.querySelector("input, textarea") ?? dialog?.querySelector("button[type=submit]");
  /** @type {HTMLElement | null} */ (wrong)?.focus();
  (place ?? dialog?.querySelector(".modal-body .alert"))?.scrollIntoView({ block: "center" });
}

function redraw(view) {
  const old = dialog?.querySelector("form");
  if (old) morph(old, face(view));
}

async function leave(view, whole) {
  const gone = await attempt(() =>
    post("/slack/close", { user: state.me, view_id: view.id, cleared: whole }),
  );
  if (gone === undefined) toast("The dialog could not be closed", "error");
  await attempt(refresh.views);
}

function shut() {
  if (!dialog) return;
  if (local.view) forget(local.view);
  dialog.close();
  dialog.remove();
  dialog = null;
  local = { view: null, errors: {}, notice: null, busy: false };
  if (before?.isConnected) before.focus();
  else byId("composer-input")?.focus();
}
