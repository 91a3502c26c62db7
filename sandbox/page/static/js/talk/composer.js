/** The message box: commands, messages, suggestions, history. */

import { h, patch } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { bot, state } from "../core/state.js";
import { toast } from "../core/toast.js";
import { hintsFor } from "./hints.js";
import { command, noteMention, say } from "./sending.js";

/** @type {Map<string, string>} what was typed and not sent, per person and place */
const drafts = new Map();
/** @type {Map<string, string[]>} what was sent, per person, newest last */
const histories = new Map();
const REMEMBERED = 50;

/** @param {{channel: string, to: string, thread: string | null}} where */
export function composer({ channel, to, thread }) {
  const key = `composer-${state.me}-${channel}-${thread ?? ""}`;
  const node = h(
    "div.composer",
    null,
    h(
      "div.composer-status",
      { role: "status" },
      [...state.running].map((label) =>
        h("p", null, h("span.spinner", { "aria-hidden": "true" }), `Waiting for ${bot().name}: ${label}`),
      ),
    ),
    box(key, channel, to, thread),
  );
  node.key = key;
  return node;
}

function box(key, channel, to, thread) {
  const id = thread ? "thread-input" : "composer-input";
  const draft = `${state.me}|${channel}|${thread ?? ""}`;
  /** @type {ReturnType<typeof hintsFor>} */
  let offered = null;
  let active = -1;
  let past = 0;

  const list = h("div.hints", {
    id: `${id}-hints`,
    role: "listbox",
    "aria-label": "Suggestions",
    hidden: true,
  });
  const input = /** @type {HTMLTextAreaElement} */ (
    h("textarea.composer-input", {
      id,
      rows: "1",
      placeholder: thread ? "Reply…" : `Message ${to}, or type ${document.body.dataset.command}`,
      "aria-label": thread ? "Reply in the thread" : `Message ${to}`,
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": list.id,
      "aria-autocomplete": "list",
      autocomplete: "off",
      on: { input: onInput, keydown: onKey, click: suggest, blur: () => hide() },
    })
  );
  input.value = drafts.get(draft) ?? "";
  const send = h(
    "button.primary.icon.send",
    { type: "button", "aria-label": "Send", title: "Send (Enter)", on: { click: () => submit() } },
    icon("send"),
  );
  const root = h("div.composer-box", { keep: key }, list, input, send);

  function onInput() {
    drafts.set(draft, input.value);
    past = 0;
    grow();
    suggest();
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  }

  function suggest() {
    offered = hintsFor(input.value, input.selectionStart);
    active = offered?.kind === "person" ? 0 : -1;
    drawHints();
  }

  function drawHints() {
    patch(
      list,
      offered?.hints.map((hint, index) =>
        h(
          "div.hint",
          {
            role: "option",
            id: `${id}-hint-${index}`,
            "aria-selected": String(index === active),
            on: { mousedown: (event) => event.preventDefault(), click: () => choose(index) },
          },
          h(
            "span.hint-text",
            { dir: "auto" },
            h("strong", null, hint.text),
            hint.usage ? h("code", null, hint.usage) : null,
          ),
          h("small", { dir: "auto" }, hint.about),
        ),
      ),
      offered
        ? h(
            "p.hints-foot",
            { "aria-hidden": "true" },
            offered.kind === "command" ? "↑↓ choose · Tab complete · Enter send" : "↑↓ choose · Enter insert",
          )
        : null,
    );
    list.hidden = !offered;
    input.setAttribute("aria-expanded", String(Boolean(offered)));
    if (active >= 0) input.setAttribute("aria-activedescendant", `${id}-hint-${active}`);
    else input.removeAttribute("aria-activedescendant");
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  function hide() {
    offered = null;
    drawHints();
  }

  function choose(index) {
    const hint = offered?.hints[index];
    if (!hint) return;
    if (hint.mention) noteMention(hint.insert.trim(), hint.mention);
    input.setRangeText(hint.insert, hint.from, hint.to, "end");
    onInput();
    if (hint.mention) hide();
  }

  function onKey(event) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (offered && move && !(past && event.key === "ArrowUp")) {
      event.preventDefault();
      const count = offered.hints.length;
      active = active < 0 ? (move > 0 ? 0 : count - 1) : (active + move + count) % count;
      drawHints();
    } else if (offered && event.key === "Tab" && !event.shiftKey && (active >= 0 || offered.hints.length)) {
      const index = Math.max(active, 0);
      if (offered.hints[index].sameAsTyped) return hide();
      event.preventDefault();
      choose(index);
    } else if (offered && event.key === "Escape") {
      event.preventDefault();
      hide();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (offered && active >= 0 && !offered.hints[active].sameAsTyped) choose(active);
      else submit();
    } else if (move && (past || input.value === "")) recall(event, -move);
  }

  /** Up and Down go through what this person sent before. */
  function recall(event, step) {
    const sent = histories.get(state.me) ?? [];
    const next = Math.max(0, Math.min(sent.length, past + step));
    if (next === past) return;
    event.preventDefault();
    past = next;
    input.value = past ? sent[sent.length - past] : "";
    drafts.set(draft, input.value);
    input.setSelectionRange(input.value.length, input.value.length);
    grow();
    hide();
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    if (thread && text.startsWith("/"))
      return toast(
        "Slash commands do not run in threads, in Slack either. Use the message box of the channel.",
        "error",
      );
    const sent = histories.get(state.me) ?? [];
    histories.set(state.me, [...sent.filter((old) => old !== text), text].slice(-REMEMBERED));
    input.value = "";
    drafts.delete(draft);
    past = 0;
    grow();
    hide();
    const gone = text.startsWith("/") ? await command(channel, text) : await say(channel, text, thread);
    if (!gone && !input.value) {
      input.value = text; // nothing typed is lost
      drafts.set(draft, text);
      grow();
    }
  }

  return root;
}
