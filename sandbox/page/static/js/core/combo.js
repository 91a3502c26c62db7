/**
 * A text box with a list of choices, after the ARIA combobox pattern: type to search, arrows to move, Enter to
 * choose, Escape to close the list only, Backspace in an empty box takes the last choice back.
 */

import { h, patch } from "./dom.js";
import { closePopup, openPopup } from "./popup.js";

/**
 * @typedef {{value: string, text: string, detail?: string, group?: string}} Choice
 * @param {object} wish
 * @param {string} wish.id unique in the document
 * @param {string} wish.label accessible name, when no <label for> names it
 * @param {string} [wish.placeholder]
 * @param {Choice[]} wish.chosen
 * @param {boolean} [wish.multiple]
 * @param {number} [wish.atMost] with multiple
 * @param {number} [wish.minimum] characters before a search
 * @param {number} [wish.waitMs] pause in typing before a search
 * @param {(query: string) => Promise<Choice[]> | Choice[]} wish.search
 * @param {(chosen: Choice[]) => void} wish.onChange
 * @param {Record<string, any>} [wish.attributes] further attributes of the text box
 */
export function combo({
  id,
  label,
  placeholder = "",
  chosen,
  multiple = false,
  atMost = Infinity,
  minimum = 0,
  waitMs = 0,
  search,
  onChange,
  attributes = {},
}) {
  let picked = [...chosen];
  /** @type {Choice[]} */
  let offered = [];
  let active = -1;
  let asked = 0;
  let timer = 0;
  let searching = false;
  /** Enter was pressed before the answer came: its first choice is meant, unless the arrows had moved to another. */
  let chooseFirst = false;
  let moved = false;

  const list = h("div.choices", {
    id: `${id}-list`,
    role: "listbox",
    popover: "manual",
    "aria-label": label,
  });
  const input = /** @type {HTMLInputElement} */ (
    h("input.field", {
      id,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder,
      "aria-label": label,
      "aria-expanded": "false",
      "aria-controls": list.id,
      "aria-autocomplete": "list",
      ...attributes,
      on: {
        input: () => {
          if (!multiple && input.value === "") settle([]);
          refresh(input.value, waitMs);
        },
        click: () => refresh(searchText(), 0),
        keydown: onKey,
        blur: close,
        focus: () => input.select(),
      },
    })
  );
  const chips = h("div.chips");
  const root = h("div.combo", null, chips, input, list);
  const searchText = () => (!multiple && picked[0]?.text === input.value ? "" : input.value);

  function settle(next) {
    picked = next;
    drawPicked();
    onChange(picked);
  }

  function drawPicked() {
    if (!multiple) input.value = picked[0]?.text ?? "";
    patch(
      chips,
      multiple
        ? picked.map((choice) =>
            h(
              "span.chip",
              null,
              choice.text,
              h(
                "button.chip-out",
                {
                  type: "button",
                  "aria-label": `Remove ${choice.text}`,
                  on: {
                    click: () => {
                      settle(picked.filter((other) => other.value !== choice.value));
                      input.focus();
                    },
                  },
                },
                "×",
              ),
            ),
          )
        : null,
    );
    chips.hidden = !multiple || !picked.length;
  }

  function refresh(query, delay) {
    clearTimeout(timer);
    const number = ++asked;
    searching = false;
    if (query.length < minimum)
      return drawList([], `Type at least ${minimum} character${minimum > 1 ? "s" : ""}`);
    const found = delay ? null : search(query);
    if (Array.isArray(found)) return offer(found);
    searching = true;
    moved = false;
    drawList(offered, offered.length ? null : "Searching…");
    timer = setTimeout(async () => {
      let late = [];
      let trouble = null;
      try {
        late = await (found ?? search(query));
      } catch (problem) {
        trouble = `The search failed: ${problem.message}`;
      }
      if (number !== asked) return;
      searching = false;
      const wanted = chooseFirst;
      chooseFirst = false;
      if (wanted && late.length) [offered, active] = [untaken(late), 0];
      if (wanted && offered.length) choose(0);
      else if (document.activeElement === input) offer(late, trouble);
    }, delay);
  }

  function untaken(found) {
    const taken = new Set(multiple ? picked.map((choice) => choice.value) : []);
    return found.filter((choice) => !taken.has(choice.value));
  }

  function offer(found, trouble = null) {
    drawList(untaken(found), trouble ?? (found.length ? null : "Nothing matches"));
  }

  function drawList(choices, note) {
    offered = choices;
    active = Math.min(Math.max(active, choices.length ? 0 : -1), choices.length - 1);
    let group = "";
    patch(
      list,
      note ? h("p.choices-note", { role: "status" }, note) : null,
      choices.map((choice, index) => {
        const head = choice.group && choice.group !== group ? h("p.choices-group", null, choice.group) : null;
        group = choice.group ?? group;
        return [
          head,
          h(
            "div.choice",
            {
              role: "option",
              id: `${id}-${index}`,
              "aria-selected": String(index === active),
              on: { mousedown: (event) => event.preventDefault(), click: () => choose(index) },
            },
            h("span", { dir: "auto" }, choice.text),
            choice.detail ? h("small", { dir: "auto" }, choice.detail) : null,
          ),
        ];
      }),
    );
    mark();
    openPopup(list, input);
    input.setAttribute("aria-expanded", "true");
  }

  function mark() {
    for (const [index, node] of [...list.querySelectorAll("[role=option]")].entries()) {
      node.setAttribute("aria-selected", String(index === active));
      if (index === active) node.scrollIntoView({ block: "nearest" });
    }
    if (active >= 0) input.setAttribute("aria-activedescendant", `${id}-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const choice = offered[index];
    if (!choice || (multiple && picked.length >= atMost)) return;
    settle(multiple ? [...picked, choice] : [choice]);
    if (multiple) input.value = "";
    close();
  }

  function onKey(event) {
    const open = input.getAttribute("aria-expanded") === "true";
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      if (!open) return refresh(searchText(), 0);
      active = (active + move + offered.length) % Math.max(offered.length, 1);
      moved = true;
      mark();
    } else if (event.key === "Enter" && open && (searching || active >= 0)) {
      event.preventDefault();
      if (searching && !moved) chooseFirst = true;
      else choose(active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && multiple && input.value === "" && picked.length) {
      settle(picked.slice(0, -1));
    }
  }

  function close() {
    if (!chooseFirst) {
      asked += 1;
      searching = false;
      clearTimeout(timer);
    }
    closePopup(list);
    active = -1;
    offered = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (!multiple) input.value = picked[0]?.text ?? "";
  }

  drawPicked();
  return root;
}

/** Choices whose text or detail holds every word typed. */
export function matching(choices, query) {
  const asked = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => {
    const text = `${choice.text} ${choice.detail ?? ""}`.toLocaleLowerCase();
    return asked.every((word) => text.includes(word));
  });
}
