/** The confirm dialog an element may ask for. */

import { byId, h } from "../core/dom.js";
import { textNodes, words } from "../blocks/text.js";

let made = 0;

/** Ask, and resolve to the answer. Escape and the deny button are no. @param {any} wish a confirm object */
export function confirm(wish) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const id = `confirm-${(made += 1)}`;
  const plain = { nameOf: () => null, viewer: null, zone: "UTC", now: () => Date.now() };
  return new Promise((resolve) => {
    const answer = (yes) => {
      dialog.close();
      dialog.remove();
      before?.focus();
      resolve(yes);
    };
    const yes = h(
      wish.style === "danger" ? "button.danger" : "button.primary",
      { type: "button", on: { click: () => answer(true) } },
      words(wish.confirm) || "Yes",
    );
    const dialog = /** @type {HTMLDialogElement} */ (
      h(
        "dialog.dialog.confirm",
        {
          role: "alertdialog",
          "aria-labelledby": `${id}-title`,
          "aria-describedby": `${id}-text`,
          on: {
            cancel: (event) => {
              event.preventDefault();
              answer(false);
            },
          },
        },
        h("h2", { id: `${id}-title`, dir: "auto" }, words(wish.title) || "Are you sure?"),
        h("div.prose", { id: `${id}-text`, dir: "auto" }, textNodes(wish.text, plain)),
        h(
          "div.dialog-foot",
          null,
          h("button", { type: "button", on: { click: () => answer(false) } }, words(wish.deny) || "Cancel"),
          yes,
        ),
      )
    );
    byId("overlays").append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
