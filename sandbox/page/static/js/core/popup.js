/** Lists and menus that float above everything, dialogs included, next to what opened them. */

const MARGIN_PX = 8;

/** @param {HTMLElement} popup has popover="manual" and is in the document @param {HTMLElement} anchor */
export function openPopup(popup, anchor, { wide = true, end = false } = {}) {
  if (!popup.matches(":popover-open")) popup.showPopover();
  const at = anchor.getBoundingClientRect();
  if (wide) popup.style.width = `${Math.max(at.width, 220)}px`;
  const below = innerHeight - at.bottom - MARGIN_PX;
  const above = at.top - MARGIN_PX;
  popup.style.maxHeight = `${Math.max(120, Math.min(360, Math.max(below, above) - MARGIN_PX))}px`;
  const { width, height } = popup.getBoundingClientRect();
  const left = end ? at.right - width : at.left;
  popup.style.left = `${Math.max(MARGIN_PX, Math.min(left, innerWidth - width - MARGIN_PX))}px`;
  popup.style.top = `${below >= height || below >= above ? at.bottom + 4 : Math.max(MARGIN_PX, at.top - height - 4)}px`;
}

export function closePopup(popup) {
  if (popup.isConnected && popup.matches(":popover-open")) popup.hidePopover();
}
