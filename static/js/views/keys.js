/**
 * Every key of the page, in one table: who acts on a key asks `pressed(event, id)`, and the sheet (Ctrl+/) shows the rows.
 * A new key is a row here, its words `sheet.<id>` in both catalogues, and a `pressed` where something is done.
 */

import { ownsKey } from "parley/lib/ime.js";
import { sendKeys, singleKeys } from "parley/views/choices.js";

/**
 * `keys`: any of them; "Mod" is Ctrl, or ⌘ on a Mac. They may depend on what the person chose. `single`: a plain letter,
 * which does nothing in a field, and nothing at all for who has switched them off. `chosen`: the person made it so.
 * @typedef {{ id: string, group: "go" | "messages" | "write", keys: readonly string[] | (() => readonly string[]), single?: boolean,
 *   chosen?: () => boolean }} Key
 */

/** @type {readonly Key[]} */
export const KEYS = [
  { id: "switcher", group: "go", keys: ["Mod+K"] },
  { id: "next-room", group: "go", keys: ["Alt+ArrowDown"] },
  { id: "previous-room", group: "go", keys: ["Alt+ArrowUp"] },
  { id: "next-unread", group: "go", keys: ["Alt+Shift+ArrowDown"] },
  { id: "previous-unread", group: "go", keys: ["Alt+Shift+ArrowUp"] },
  { id: "next-part", group: "go", keys: ["F6"] },
  { id: "previous-part", group: "go", keys: ["Shift+F6"] },
  { id: "sheet", group: "go", keys: ["Mod+/"] },
  { id: "close", group: "go", keys: ["Escape"] },
  { id: "next-message", group: "messages", keys: ["J"], single: true },
  { id: "previous-message", group: "messages", keys: ["K"], single: true },
  { id: "reply", group: "messages", keys: ["R"], single: true },
  { id: "edit", group: "messages", keys: ["E"], single: true },
  { id: "unread", group: "messages", keys: ["U"], single: true },
  { id: "link", group: "messages", keys: ["L"], single: true },
  { id: "present", group: "messages", keys: ["End"] },
  {
    id: "send",
    group: "write",
    keys: () => (sendKeys.value === "enter" ? ["Enter"] : ["Mod+Enter"]),
    chosen: () => sendKeys.value !== "enter",
  },
  {
    id: "break",
    group: "write",
    keys: () => (sendKeys.value === "enter" ? ["Shift+Enter"] : ["Enter", "Shift+Enter"]),
    chosen: () => sendKeys.value !== "enter",
  },
  { id: "bold", group: "write", keys: ["Mod+B"] },
  { id: "italic", group: "write", keys: ["Mod+I"] },
  { id: "code", group: "write", keys: ["Mod+E"] },
  { id: "make-link", group: "write", keys: ["Mod+Shift+U"] },
  { id: "edit-last", group: "write", keys: ["ArrowUp"] },
  { id: "take", group: "write", keys: ["Tab", "Enter"] },
];

const BY_ID = new Map(KEYS.map((key) => [key.id, key]));
const MAC = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? "");
const FIELD = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
const LATIN = /^[\x20-\x7e]$/;

/** Whether single keys do something: where they are switched on and nobody is writing, choosing or asked something. */
export function singlesAct(/** @type {KeyboardEvent} */ event) {
  // A key that waited for its module counts where the focus was and where it is now.
  const places = [/** @type {Element | null} */ (event.target), document.activeElement];
  return singleKeys.value === "on" && !places.some((place) => place?.closest?.(`${FIELD}, dialog, .popover`));
}

/**
 * Whether the event is this key of the table, and the person's to press: input methods own theirs.
 * @param {KeyboardEvent} event
 * @param {string} id
 */
export function pressed(event, id) {
  const key = BY_ID.get(id);
  if (!key || ownsKey(event) || (key.single && !singlesAct(event))) return false;
  return keysOf(key).some((combination) => fits(event, combination));
}

/** @param {Key} key */
export function keysOf(key) {
  return typeof key.keys === "function" ? key.keys() : key.keys;
}

/**
 * @param {KeyboardEvent} event
 * @param {string} combination
 */
function fits(event, combination) {
  const parts = combination.split("+");
  const name = parts.pop() ?? "";
  const mod = parts.includes("Mod");
  if (mod !== (MAC ? event.metaKey : event.ctrlKey) || (MAC ? event.ctrlKey : event.metaKey)) return false;
  if (parts.includes("Alt") !== event.altKey) return false;
  // Where "/" stands above a digit it takes Shift to type it.
  if (name !== "/" && parts.includes("Shift") !== event.shiftKey) return false;
  if (name.length > 1) return event.key === name;
  if (LATIN.test(event.key)) return event.key.toUpperCase() === name;
  // A keyboard of another script, or a full-width "／": where the letter stands.
  return event.code === (name === "/" ? "Slash" : `Key${name}`);
}

/** @type {Record<string, string>} */
const SIGNS = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
/** @type {Record<string, string>} */
const MAC_SIGNS = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↩", Tab: "⇥" };

/**
 * What is printed on the keys of a combination.
 * @param {string} combination
 */
export function signsOf(combination) {
  return combination.split("+").map((part) => (MAC && MAC_SIGNS[part]) || SIGNS[part] || (part === "Mod" ? "Ctrl" : part));
}
