/** A button that opens a menu, after the ARIA menu button pattern. */

import { h } from "./dom.js";
import { closePopup, openPopup } from "./popup.js";

let made = 0;

/**
 * @param {{label: string, face: any, className?: string, focus?: string, keep: string,
 *   items: {text: string, detail?: string, run: () => void}[]}} wish `keep` as in dom.js: what the items depend on
 */
export function menuButton({ label, face, className = "button.quiet", focus, keep, items }) {
  const id = `menu-${(made += 1)}`;
  const entries = items.map((item) =>
    h(
      "button.menu-item",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        on: {
          click: () => {
            close(true);
            item.run();
          },
        },
      },
      h("span", null, item.text),
      item.detail ? h("small", null, item.detail) : null,
    ),
  );
  const menu = h(
    "div.menu",
    { id, role: "menu", popover: "manual", "aria-label": label, on: { keydown: onKey, focusout: onLeave } },
    entries,
  );
  const button = h(
    className,
    {
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": label,
      data: focus ? { focus } : {},
      on: {
        click: () => (menu.matches(":popover-open") ? close(true) : open(0)),
        keydown: (event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            open(event.key === "ArrowDown" ? 0 : entries.length - 1);
          }
        },
      },
    },
    face,
  );

  function open(index) {
    openPopup(menu, button, { wide: false, end: true });
    button.setAttribute("aria-expanded", "true");
    entries[index]?.focus();
  }

  function close(back) {
    closePopup(menu);
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  }

  function onLeave(event) {
    if (!menu.contains(event.relatedTarget) && event.relatedTarget !== button) close(false);
  }

  function onKey(event) {
    const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries[(to + entries.length) % entries.length].focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close(true);
  }

  return h("span.menu-root", { keep }, button, menu);
}
