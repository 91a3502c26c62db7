/** Short notices in a corner. Failures stay until dismissed; the rest leave by themselves. */

import { byId, h } from "./dom.js";
import { ApiError } from "./api.js";

const STAYS_MS = 6_000;
const AT_MOST = 4;

/** @param {string} text @param {"error" | "done"} [kind] */
export function toast(text, kind = "done") {
  const shown = byId("toasts");
  for (const old of shown.children) if (old.getAttribute("data-text") === text) old.remove();
  const note = h(
    `div.toast.${kind}`,
    { role: kind === "error" ? "alert" : "status", data: { text } },
    h("p", { dir: "auto" }, kind === "error" ? h("strong", null, "Failed: ") : null, text),
    h(
      "button.toast-out",
      { type: "button", "aria-label": "Dismiss", on: { click: () => note.remove() } },
      "×",
    ),
  );
  shown.append(note);
  while (shown.children.length > AT_MOST) shown.firstElementChild?.remove();
  if (kind !== "error") setTimeout(() => note.remove(), STAYS_MS);
}

/**
 * Run something that may fail and show its failure. Resolves to its result, or to undefined when it failed.
 *
 * @template T @param {() => Promise<T>} work @returns {Promise<T | undefined>}
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    toast(problem.message, "error");
    return undefined;
  }
}
