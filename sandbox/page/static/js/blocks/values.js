/**
 * What the inputs of a surface hold, kept outside the DOM: a view that is updated keeps what was typed into an
 * input whose block_id and action_id stay the same, as Slack does.
 */

/** @type {Map<string, Map<string, any>>} */
const surfaces = new Map();

const address = (block, action) => `${block}\n${action}`;

/** @param {string} surface view id, or channel and ts */
export function valuesOf(surface) {
  let held = surfaces.get(surface);
  if (!held) surfaces.set(surface, (held = new Map()));
  return {
    /** The value held, or `initial`, which is then held. */
    get(block, action, initial) {
      const key = address(block, action);
      if (!held.has(key)) held.set(key, initial);
      return held.get(key);
    },
    set(block, action, value) {
      held.set(address(block, action), value);
    },
  };
}

export const forget = (surface) => surfaces.delete(surface);

/** {block_id: {action_id: value}} of every input in these blocks; null where nothing was chosen. */
export function collect(blocks, surface) {
  const held = surfaces.get(surface) ?? new Map();
  const collected = {};
  for (const block of blocks ?? []) {
    for (const element of [block.element, block.accessory, ...(block.elements ?? [])]) {
      if (!element?.action_id || !STATEFUL.test(element.type)) continue;
      const value = held.get(address(block.block_id, element.action_id));
      const empty = value === undefined || value === "" || value === null;
      (collected[block.block_id] ??= {})[element.action_id] = empty ? null : value;
    }
  }
  return collected;
}

const STATEFUL = /_input$|_select$|^datepicker$|^timepicker$|^datetimepicker$|^checkboxes$|^radio_buttons$/;
