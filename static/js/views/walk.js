/** Going through the page by keys: from room to room, and from one part of the page to the next. */

import { pressed } from "parley/views/keys.js";
import { go, pathOf, route } from "parley/views/route.js";

/** @typedef {{ id: string, run: () => void }} Step */

/** @type {Step[]} */
const STEPS = [
  { id: "next-room", run: () => step(1, false) },
  { id: "previous-room", run: () => step(-1, false) },
  { id: "next-unread", run: () => step(1, true) },
  { id: "previous-unread", run: () => step(-1, true) },
  { id: "next-part", run: () => nextPart(1) },
  { id: "previous-part", run: () => nextPart(-1) },
];

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was one of these
 */
export function walk(event) {
  const found = STEPS.find(({ id }) => pressed(event, id));
  if (!found) return false;
  event.preventDefault();
  found.run();
  return true;
}

/**
 * Banner, navigation, main, composer, complementary: as they stand in the page.
 * @param {1 | -1} way
 */
function nextPart(way) {
  const marks = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-landmark]")]).filter((mark) => mark.checkVisibility());
  if (!marks.length) return;
  // The composer stands in the main part: what is inside both is in the inner one.
  const inside = marks.findLastIndex((mark) => mark.contains(document.activeElement));
  const next = marks[(inside < 0 && way < 0 ? marks.length - 1 : inside + way + marks.length) % marks.length];
  const field = next.classList.contains("composer") ? "textarea:not(:disabled)" : next.tagName === "NAV" ? "[aria-current]" : null;
  const target = /** @type {HTMLElement | null} */ (field && next.querySelector(field));
  (target ?? next).focus();
}

/**
 * Through the list as it stands on screen, round its ends.
 * @param {1 | -1} way
 * @param {boolean} unreadOnly
 */
function step(way, unreadOnly) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".sidebar .room-link")]);
  let index = links.findIndex((link) => link.dataset.room === route.value.room);
  if (index < 0 && way < 0) index = 0;
  for (let tries = 0; tries < links.length; tries += 1) {
    index = (index + way + links.length) % links.length;
    const { room } = links[index].dataset;
    if (room && (!unreadOnly || links[index].matches(".unread"))) return go(pathOf(room));
  }
}
