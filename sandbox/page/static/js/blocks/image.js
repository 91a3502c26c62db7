/** Images. The page fetches nothing from other servers, so those are shown as their description. */

import { h } from "../core/dom.js";
import { words } from "./text.js";

/** @param {any} element image block or element */
export function image(element) {
  const address = element.image_url ?? "";
  const alt = element.alt_text ?? "";
  if (address.startsWith("/") && !address.startsWith("//"))
    return h("img.block-image", { src: address, alt, loading: "lazy" });
  return h(
    "span.image-away",
    { role: "img", "aria-label": alt },
    h("strong", null, alt || "Image"),
    h("small", null, hostOf(address)),
  );
}

/** @param {any} block */
export function imageBlock(block) {
  const title = words(block.title);
  return h("figure.image-block", null, title ? h("figcaption", null, title) : null, image(block));
}

function hostOf(address) {
  try {
    return `image on ${new URL(address).host}, not loaded here`;
  } catch {
    return "image, not loaded here";
  }
}
