/**
 * Keeping the view still. The browser's own scroll anchoring is off (Safari has none): whatever is inserted, trimmed
 * or grows, the first visible message is put back under the pixel it was under.
 */

/** `scrolled`: where the scroller stood when the offset was taken. @typedef {{ node: Element, offset: number, scrolled: number }} Anchor */

/** Closer to the end than this counts as being there. */
export const AT_END_PX = 24;

/**
 * @param {HTMLElement} scroller
 */
export function distanceToEnd(scroller) {
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
}

/**
 * The first message that is at least partly visible, and where its top is.
 * @param {HTMLElement} scroller
 * @param {HTMLCollectionOf<Element>} nodes in order
 * @returns {Anchor | null}
 */
export function anchorOf(scroller, nodes) {
  const top = scroller.getBoundingClientRect().top;
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].getBoundingClientRect().bottom > top + 1) high = middle;
    else low = middle + 1;
  }
  // The first of all may lose its author's line when history comes above it; the words below that must not move.
  const node = nodes[low === 0 && nodes.length > 1 ? 1 : low];
  return node ? { node, offset: node.getBoundingClientRect().top - top, scrolled: scroller.scrollTop } : null;
}

/**
 * Put the anchor back where it was, plus what the person has scrolled since (the browser tells of that later).
 * @param {HTMLElement} scroller
 * @param {Anchor} anchor
 */
export function restoreAnchor(scroller, anchor) {
  if (!anchor.node.isConnected) return;
  let scrolled = scroller.scrollTop - anchor.scrolled;
  // At the very end a smaller content moves the scroller back by itself: that was nobody's hand.
  if (scrolled < 0 && distanceToEnd(scroller) <= 1) scrolled = 0;
  anchor.offset -= scrolled;
  const now = anchor.node.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  if (Math.abs(now - anchor.offset) >= 0.5) scroller.scrollTop += now - anchor.offset;
  anchor.scrolled = scroller.scrollTop;
}

/**
 * The highest stored message whose end is on screen (0: none).
 * @param {HTMLElement} scroller
 * @param {HTMLCollectionOf<Element>} nodes in order
 */
export function lastVisibleSeq(scroller, nodes) {
  const bottom = scroller.getBoundingClientRect().bottom + 2;
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].getBoundingClientRect().bottom <= bottom) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0; index -= 1) {
    const seq = Number(nodes[index].getAttribute("data-seq"));
    if (seq) return seq;
  }
  return 0;
}
