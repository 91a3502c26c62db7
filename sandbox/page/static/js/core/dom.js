/**
 * Building and updating DOM without ever parsing markup: text only ever becomes a text node.
 *
 * Listeners sit in a table on the node, so that `morph` can give an old node the new one's listeners.
 */

const LISTENERS = Symbol("listeners");
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

/**
 * An element. `props`: `on` (event name to listener), `data` (dataset), `keep` (see morph), `key`,
 * booleans as present or absent attributes, anything else as an attribute.
 *
 * @param {string} tag "div", or "div.first.second"
 * @param {Record<string, any> | null} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  return /** @type {HTMLElement} */ (fill(node, props, children));
}

/** @param {string} tag @param {Record<string, any> | null} [props] @param {...Child} children */
export function svg(tag, props, ...children) {
  return /** @type {SVGElement} */ (fill(document.createElementNS(SVG, tag), props, children));
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "on") for (const [type, listener] of Object.entries(value)) listen(node, type, listener);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "keep" || name === "key") node[name] = value;
    else if (name === "class") {
      if (value) node.classList.add(...value.split(" ").filter(Boolean));
    } else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(node, child);
    else if (child instanceof Node) node.append(child);
    else if (child !== null && child !== undefined && child !== false) node.append(String(child));
  }
}

/** Set the one listener a node has for an event type. */
export function listen(node, type, listener) {
  const table = (node[LISTENERS] ??= {});
  if (!(type in table)) node.addEventListener(type, dispatch);
  table[type] = listener;
}

function dispatch(event) {
  event.currentTarget[LISTENERS]?.[event.type]?.(event);
}

/**
 * Make `old` look like `fresh`, keeping nodes, focus, selection and what was typed.
 *
 * A node with `keep` owns its inside: it is left alone while the text of `keep` is the same, and replaced
 * whole when it is not. Children with a `key` are matched by it. Returns the node now in the document.
 */
export function morph(old, fresh) {
  if (old === fresh) return old;
  const same = old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.key === fresh.key;
  if (!same || old.keep !== fresh.keep) {
    replaceKeepingFocus(old, fresh);
    return fresh;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  if (old.keep !== undefined) return old;
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
      if (name === "value" && "value" in old) old.value = value;
    }
  }
  const table = fresh[LISTENERS] ?? {};
  for (const type of Object.keys(old[LISTENERS] ?? {})) if (!(type in table)) old[LISTENERS][type] = null;
  for (const [type, listener] of Object.entries(table)) listen(old, type, listener);
  morphChildren(old, [...fresh.childNodes]);
  return old;
}

/** Replace what is inside `parent` by `children`, with as little change as possible. */
export function patch(parent, ...children) {
  const holder = document.createDocumentFragment();
  append(holder, children);
  morphChildren(parent, [...holder.childNodes]);
}

function morphChildren(parent, wanted) {
  const keyed = new Map();
  for (const child of parent.childNodes) if (child.key !== undefined) keyed.set(child.key, child);
  let at = parent.firstChild;
  for (const fresh of wanted) {
    let old = fresh.key !== undefined ? keyed.get(fresh.key) : undefined;
    if (fresh.key !== undefined) keyed.delete(fresh.key);
    else if (at && at.key === undefined) old = at;
    if (!old) {
      parent.insertBefore(fresh, at);
      continue;
    }
    if (old === at) at = at.nextSibling;
    else parent.insertBefore(old, at);
    morph(old, fresh);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** Replace a node; if focus was inside, give it to the node with the same data-focus, or the nearest one. */
function replaceKeepingFocus(old, fresh) {
  const inside =
    old instanceof Element && old.contains(document.activeElement) ? document.activeElement : null;
  const name = inside?.getAttribute("data-focus");
  const home = old.parentElement?.closest("[tabindex]");
  old.replaceWith(fresh);
  if (!inside) return;
  const heir =
    name && fresh instanceof Element ? fresh.querySelector(`[data-focus="${CSS.escape(name)}"]`) : null;
  (heir ?? home)?.focus();
}

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
