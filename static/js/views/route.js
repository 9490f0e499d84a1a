/** The address: which room and which message. Every view has one; back and forward work. */

import { signal } from "@preact/signals";

/** @typedef {{ room: string | null, seq: number | null, nth: number, restored: boolean }} Route */

let visits = 0;

/**
 * @param {string} path
 * @param {boolean} restored
 * @returns {Route}
 */
function parse(path, restored) {
  const [, room, seq] = /^\/rooms\/(\d{1,18})\/(?:(\d{1,18})\/)?$/.exec(path) ?? [];
  visits += 1;
  return { room: room ?? null, seq: seq ? Number(seq) : null, nth: visits, restored };
}

const entry = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);

/** @type {import("@preact/signals").Signal<Route>} */
export const route = signal(parse(location.pathname, entry?.type === "reload" || entry?.type === "back_forward"));

addEventListener("popstate", () => (route.value = parse(location.pathname, true)));

/**
 * @param {string | null} room
 * @param {number | null} [seq]
 */
export function pathOf(room, seq = null) {
  return room === null ? "/" : `/rooms/${room}/${seq === null ? "" : `${seq}/`}`;
}

/**
 * @param {string | null} room
 * @param {{ seq?: number | null, replace?: boolean }} [how]
 */
export function go(room, { seq = null, replace = false } = {}) {
  const path = pathOf(room, seq);
  if (replace) history.replaceState(null, "", path);
  else if (path !== location.pathname) history.pushState(null, "", path);
  route.value = parse(path, false);
}

/**
 * For links: a plain click stays in the page, everything else is the browser's.
 * @param {MouseEvent} event
 * @param {string | null} room
 * @param {number | null} [seq]
 */
export function follow(event, room, seq = null) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(room, { seq });
}
