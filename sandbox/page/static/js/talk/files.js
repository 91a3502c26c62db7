/** Files a message carries. */

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { attempt } from "../core/toast.js";

/** @param {any[]} files */
export function fileList(files) {
  return h(
    "ul.files",
    null,
    files.map((file) =>
      h(
        "li",
        null,
        h(
          "button",
          { type: "button", data: { focus: `file-${file.id}` }, on: { click: () => save(file) } },
          h("span", { dir: "auto" }, file.title || file.name),
          h("small.faint", null, ` ${size(file.size ?? 0)}`),
          h("span.unseen", null, ". Save this file"),
        ),
      ),
    ),
  );
}

async function save(file) {
  const stored = await attempt(() => get("/slack/file", { id: file.id }));
  if (!stored) return;
  const bytes = Uint8Array.from(atob(stored.base64), (letter) => letter.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = /** @type {HTMLAnchorElement} */ (h("a", { href: address, download: stored.name }));
  link.click();
  URL.revokeObjectURL(address);
}

const size = (bytes) =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1_048_576
      ? `${(bytes / 1024).toFixed(1)} kB`
      : `${(bytes / 1_048_576).toFixed(1)} MB`;
