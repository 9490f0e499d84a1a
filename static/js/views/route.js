/** The address: what is on screen, and in the right pane. Every view has one; back and forward work. */

import { signal } from "@preact/signals";

/**
 * `view`: "list", "room", or one of VIEWS with its `tab`. `pane`: what the right pane of a room shows ("members",
 * "info", "person:<id>", …), "" if it is closed. `nth` counts visits: the same message asked for twice is shown twice.
 * @typedef {{ view: string, room: string | null, seq: number | null, tab: string, pane: string, nth: number,
 *   restored: boolean }} Route
 */

/** The views beside rooms; the server knows the same addresses (chat/urls.py). */
const VIEWS = ["mentions", "drafts", "browse", "people", "settings"];
/** Where links into rooms lead; the token stands behind the #. */
const JOIN = "/rooms/join/";

let visits = 0;

/**
 * @param {string} path with its query
 * @param {boolean} restored
 * @returns {Route}
 */
function parse(path, restored) {
  const { pathname, searchParams } = new URL(path, location.origin);
  visits += 1;
  const base = { room: null, seq: null, tab: "", pane: "", nth: visits, restored };
  const [, room, seq] = /^\/rooms\/(\d{1,18})\/(?:(\d{1,18})\/)?$/.exec(pathname) ?? [];
  if (room) return { ...base, view: "room", room, seq: seq ? Number(seq) : null, pane: searchParams.get("pane") ?? "" };
  if (pathname === JOIN) return { ...base, view: "join" };
  const [, view, tab] = /^\/([a-z]+)\/(?:([a-z0-9-]+)\/)?$/.exec(pathname) ?? [];
  return VIEWS.includes(view) ? { ...base, view, tab: tab ?? "" } : { ...base, view: "list" };
}

const entry = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);

/** @type {import("@preact/signals").Signal<Route>} */
export const route = signal(
  parse(location.pathname + location.search, entry?.type === "reload" || entry?.type === "back_forward"),
);

/** While the steps back that close a pane are on their way; then whatever is to come after them. */
let stepping = false;
/** @type {(() => void) | null} */
let next = null;

function stepped() {
  if (!stepping) return;
  const waiting = next;
  stepping = false;
  next = null;
  waiting?.();
}

/** What lies over the page, the uppermost last: how each is closed. @type {(() => void)[]} */
const covers = [];
/**
 * Whether the place in the history is one that was made for such a thing. It stays when that is closed; then the next
 * one, or the next page, takes it, and a step back is a step further.
 */
let covered = Boolean(history.state?.cover);
/** The address it covers. */
let beneath = location.pathname + location.search;

function makeCover() {
  if (covered) return;
  beneath = location.pathname + location.search;
  history.pushState({ ...history.state, cover: true }, "");
  covered = true;
}

/**
 * The browser's back closes this first, and leaves the page where it is.
 * @param {() => void} close
 * @returns {() => void} to be called once it is closed, however that came about
 */
export function cover(close) {
  covers.push(close);
  makeCover();
  return () => {
    const at = covers.indexOf(close);
    if (at >= 0) covers.splice(at, 1);
  };
}

/**
 * A new place in the history, or the one that is left of a dialog.
 * @param {object} state
 * @param {string} path
 */
function push(state, path) {
  if (covered) history.replaceState(state, "", path);
  else history.pushState(state, "", path);
  covered = false;
}

/** A step back from what lay over the page; true if that is all. */
function uncovered() {
  const was = covered;
  covered = Boolean(history.state?.cover);
  if (!was || covered || stepping || location.pathname + location.search !== beneath) return false;
  const close = covers.pop();
  if (!close) history.back();
  else {
    close();
    if (covers.length) makeCover();
  }
  return true;
}

addEventListener("popstate", () => {
  if (uncovered()) return;
  const now = route.value;
  const then = parse(location.pathname + location.search, true);
  // Only the pane beside the messages is another one: they stay where they are.
  const beside = then.room !== null && then.room === now.room && then.seq === now.seq && (stepping || then.pane !== now.pane);
  route.value = beside ? { ...now, pane: then.pane } : then;
  stepped();
});

/** Wide enough for the right pane to stand beside the messages; it then stays open from room to room. */
const WIDE = "(min-width: 1200px)";
/** What is as good for the next room. */
const LASTING = ["members", "info"];

/**
 * @param {string | null} room null: the list
 * @param {number | null} [seq]
 * @param {string} [pane]
 */
export function pathOf(room, seq = null, pane = "") {
  if (room === null) return "/";
  return `/rooms/${room}/${seq === null ? "" : `${seq}/`}${pane ? `?pane=${encodeURIComponent(pane)}` : ""}`;
}

/**
 * To the list is a step back if one came from it: the browser's back does not lead into the room again.
 * @param {string} path as of `pathOf`, or a view's
 * @param {{ replace?: boolean }} [how]
 */
export function go(path, { replace = false } = {}) {
  if (stepping) {
    next = () => go(path, { replace });
    return;
  }
  path = withPane(path);
  const here = location.pathname + location.search;
  if (path === "/" && here !== "/") {
    if (history.state?.from === "/" && !replace) return history.go(covered ? -2 : -1);
    replace = true;
  }
  if (replace) {
    history.replaceState(null, "", path);
    covered = false;
  } else if (path !== here) push({ from: here }, path);
  route.value = parse(path, false);
}

/**
 * @param {string} path
 * @returns {string} with the pane that is open now, if it is to stay
 */
function withPane(path) {
  const { room, pane } = route.value;
  const [, to] = /^\/rooms\/(\d+)\/(?:\d+\/)?$/.exec(path) ?? [];
  const stays = to && room !== null && (LASTING.includes(pane) || (pane && to === room)) && matchMedia(WIDE).matches;
  return stays ? `${path}?pane=${encodeURIComponent(pane)}` : path;
}

/**
 * For links: a plain click stays in the page, everything else is the browser's.
 * @param {MouseEvent} event
 * @param {string} path
 */
export function follow(event, path) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(path);
}

/**
 * A link in somebody's words that leads to a place of ours: there is no need for another tab.
 * @param {MouseEvent} event
 */
export function followOwn(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[href]"));
  if (!link || link.origin !== location.origin || link.hash) return;
  const path = link.pathname + link.search;
  if (!["list", "join"].includes(parse(path, false).view)) follow(event, path);
}

/** What opened the pane: there the focus returns. @type {{ by: HTMLElement | null }} */
export const paneOpened = { by: null };

/**
 * A button that opens the pane, or closes it.
 * @param {string} pane
 * @param {HTMLElement} button
 */
export function togglePane(pane, button) {
  paneOpened.by = button;
  showPane(route.value.pane === pane ? "" : pane);
}

/**
 * Open the right pane beside the room on screen, or close it (""). The list of messages stays where it is.
 * @param {string} pane
 * @param {{ replace?: boolean }} [how] in the place of the pane that is open
 */
export function showPane(pane, { replace = false } = {}) {
  if (stepping) {
    next = () => showPane(pane, { replace });
    return;
  }
  const { room, seq } = route.value;
  if (room === null || pane === route.value.pane) return;
  if (!pane) return closePane();
  if (replace) history.replaceState(history.state, "", pathOf(room, seq, pane));
  else {
    const before = route.value.pane;
    // A page that was opened with a pane has no room without one behind it.
    const panes = before && !paneDepth() ? 0 : paneDepth() + 1;
    push({ panes, beneath: Boolean(before) }, pathOf(room, seq, pane));
  }
  route.value = { ...route.value, pane };
}

/** How many panes were opened one after the other since the room was without one: so many steps back close them. */
function paneDepth() {
  const depth = history.state?.panes;
  return Number.isSafeInteger(depth) ? depth : 0;
}

/** Whether this pane was opened from another one, which is a step back. */
export function hasPaneBeneath() {
  return Boolean(history.state?.beneath);
}

function closePane() {
  const { room, seq } = route.value;
  const depth = paneDepth();
  route.value = { ...route.value, pane: "" };
  if (depth) {
    stepping = true;
    history.go(-depth - (covered ? 1 : 0));
    // Whatever became of the steps: the page goes on.
    setTimeout(stepped, 500);
  } else {
    history.replaceState(null, "", pathOf(room, seq));
    covered = false;
  }
}
