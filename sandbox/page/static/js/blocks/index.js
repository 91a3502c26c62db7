/**
 * Block Kit as DOM. Knows nothing about the page around it: everything comes in through the context.
 *
 * @typedef {object} Context
 * @property {string} surface id of the message, view or home these blocks are on, unique on the page
 * @property {ReturnType<import("./values.js").valuesOf>} values
 * @property {Record<string, string>} errors message per block_id
 * @property {string | null} viewer Slack id of the person who looks
 * @property {string} zone time zone of that person
 * @property {() => number} now milliseconds since 1970
 * @property {(kind: "user" | "channel" | "usergroup", id: string) => string | null} nameOf
 * @property {() => import("../core/combo.js").Choice[]} people
 * @property {() => import("../core/combo.js").Choice[]} channels
 * @property {Map<string, import("../core/combo.js").Choice>} seen choices that searches have found
 * @property {(block: any, element: any, value: any) => Promise<void>} act never rejects
 * @property {(block: any, element: any, query: string) => Promise<import("../core/combo.js").Choice[]>} search
 * @property {boolean} [narrow] whether long addresses may be broken
 * @property {(confirm: any) => Promise<boolean>} confirm
 */

import { h } from "../core/dom.js";
import { chart } from "./chart.js";
import { imageBlock } from "./image.js";
import { inputBlock } from "./inputs.js";
import {
  actions,
  alert,
  card,
  container,
  context,
  divider,
  header,
  markdown,
  section,
  unsupported,
} from "./layout.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./table.js";

const DRAW = {
  header,
  section,
  context,
  divider,
  actions,
  context_actions: actions,
  rich_text: richText,
  table,
  data_table: dataTable,
  data_visualization: chart,
  image: imageBlock,
  input: inputBlock,
  alert,
  markdown,
  card,
  container: (block, ctx) => container(block, (blocks) => drawBlocks(blocks, ctx), ctx),
  carousel: (block, ctx) =>
    h(
      "div.carousel",
      { tabindex: "0", role: "group", "aria-label": "Cards" },
      (block.elements ?? []).map((one) => card(one, ctx)),
    ),
};

/** @param {any[]} blocks @param {Context} ctx @returns {HTMLElement} */
export function drawBlocks(blocks, ctx) {
  return h(
    "div.blocks",
    null,
    blocks.map((block) => {
      const node = Object.hasOwn(DRAW, block?.type) ? DRAW[block.type](block, ctx) : unsupported(block);
      node.key = block?.block_id;
      return node;
    }),
  );
}
