/** table and data_table blocks. */

import { h, patch } from "../core/dom.js";
import { richText, softened } from "./richtext.js";
import { drawElement } from "./elements.js";
import { words } from "./text.js";

const PAGE_ROWS = 5;

/** @param {any} block @param {import("./index.js").Context} ctx */
export function table(block, ctx) {
  const settings = block.column_settings ?? [];
  const look = (column) => {
    const setting = settings[column] ?? {};
    return {
      class: `${setting.align ? `align-${setting.align}` : ""} ${setting.is_wrapped ? "wrapped" : ""}`,
    };
  };
  const [head = [], ...rows] = block.rows ?? [];
  return scroller(
    "Table",
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          head.map((cell, column) => h("th", { scope: "col", ...look(column) }, drawCell(cell, block, ctx))),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((row) =>
          h(
            "tr",
            null,
            row.map((cell, column) => h("td", look(column), drawCell(cell, block, ctx))),
          ),
        ),
      ),
    ),
  );
}

/**
 * A table with a caption that sorts by a click on a heading and shows a page of rows at a time.
 *
 * @param {any} block @param {import("./index.js").Context} ctx
 */
export function dataTable(block, ctx) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? PAGE_ROWS;
  const named = block.row_header_column_index ?? 0;
  let sorted = { column: -1, down: false };
  let page = 0;
  const root = h("div.data-table", { keep: JSON.stringify([ctx.surface, block]) });

  function draw() {
    const pages = Math.max(1, Math.ceil(rows.length / size));
    const order =
      sorted.column < 0
        ? rows
        : [...rows].sort((a, b) => compare(a[sorted.column], b[sorted.column]) * (sorted.down ? -1 : 1));
    const shown = order.slice(page * size, (page + 1) * size);
    patch(
      root,
      scroller(
        block.caption ?? "Table",
        h(
          "table",
          null,
          h("caption", null, block.caption ?? ""),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              head.map((cell, column) =>
                h(
                  "th",
                  {
                    scope: "col",
                    "aria-sort": sorted.column !== column ? null : sorted.down ? "descending" : "ascending",
                  },
                  h(
                    "button.sorter",
                    { type: "button", on: { click: () => sort(column) } },
                    cellText(cell),
                    h(
                      "span",
                      { "aria-hidden": "true" },
                      sorted.column !== column ? "" : sorted.down ? " ▾" : " ▴",
                    ),
                  ),
                ),
              ),
            ),
          ),
          h(
            "tbody",
            null,
            shown.map((row) =>
              h(
                "tr",
                null,
                row.map((cell, column) =>
                  h(
                    column === named ? "th" : "td",
                    column === named
                      ? { scope: "row" }
                      : { class: cell.type === "raw_number" ? "align-right" : "" },
                    drawCell(cell, block, ctx),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
      pages > 1
        ? h(
            "div.pager",
            null,
            h(
              "button.small",
              { type: "button", "aria-disabled": String(page === 0), on: { click: () => turn(-1, pages) } },
              "Previous",
            ),
            h(
              "span",
              { role: "status" },
              `Rows ${page * size + 1}–${Math.min((page + 1) * size, rows.length)} of ${rows.length}`,
            ),
            h(
              "button.small",
              {
                type: "button",
                "aria-disabled": String(page === pages - 1),
                on: { click: () => turn(1, pages) },
              },
              "Next",
            ),
          )
        : null,
    );
  }

  function sort(column) {
    sorted = { column, down: sorted.column === column && !sorted.down };
    page = 0;
    draw();
  }

  function turn(step, pages) {
    page = Math.max(0, Math.min(pages - 1, page + step));
    draw();
  }

  draw();
  return root;
}

const scroller = (name, inside) =>
  h("div.table-scroll", { tabindex: "0", role: "group", "aria-label": name }, inside);

function drawCell(cell, block, ctx) {
  switch (cell?.type) {
    case "rich_text":
      return richText(cell, { ...ctx, narrow: true });
    case "raw_text":
      return h("span", { dir: "auto" }, softened(cell.text ?? ""));
    case "raw_number":
      return h("span.number", null, cellText(cell));
    case "action_cell":
      return h(
        "div.row",
        null,
        (cell.elements ?? [cell.element]).filter(Boolean).map((element) => drawElement(element, block, ctx)),
      );
    default:
      return words(cell?.text ?? cell);
  }
}

function cellText(cell) {
  if (cell?.type === "rich_text") return textOf(cell);
  if (cell?.type === "raw_number") return cell.text ?? String(cell.value ?? cell.number ?? "");
  return words(cell?.text ?? cell);
}

const textOf = (node) => (node.elements ?? []).map((inner) => inner.text ?? textOf(inner)).join("");

function compare(a, b) {
  const [left, right] = [a, b].map((cell) => cell?.value ?? cell?.number ?? cellText(cell));
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en", { numeric: true, sensitivity: "base" });
}
