/**
 * The keys of the messages. J and K go from one to the next wherever nobody is writing; ↑ ↓ and End act in the list only.
 * What acts on a message acts on the one that has the focus.
 */

import { ownsKey } from "parley/lib/ime.js";
import { dialog } from "parley/views/derived.js";
import { pressed } from "parley/views/keys.js";
import { copyLink, edit, markUnread, mayHere, openMessageMenu } from "parley/views/messagemenu.js";
import { popover } from "parley/views/popover.js";

/**
 * @param {KeyboardEvent} event
 * @param {import("parley/views/messages.js").MessageList} list
 */
export function onMessageKey(event, list) {
  if (event.defaultPrevented || ownsKey(event) || dialog.value || popover.value) return;
  // Where the focus is now: the key may have waited for this module, behind one that moved the focus.
  const target = /** @type {HTMLElement} */ (document.activeElement ?? document.body);
  const inside = list.scroller?.contains(target) && !target.closest("input, textarea, select");
  if (act(event, list, target, Boolean(inside))) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * @param {KeyboardEvent} event
 * @param {import("parley/views/messages.js").MessageList} list
 * @param {HTMLElement} target
 * @param {boolean} inside
 * @returns {boolean} whether the key was one of ours
 */
function act(event, list, target, inside) {
  if (pressed(event, "next-message")) return list.walk(1);
  if (pressed(event, "previous-message")) return list.walk(-1);
  if (!inside) return false;
  if (pressed(event, "present")) return list.toPresent(), true;
  const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (plain && event.key === "ArrowDown") return list.walk(1);
  if (plain && event.key === "ArrowUp") return list.walk(-1);
  if (plain && (event.key === "ArrowLeft" || event.key === "ArrowRight")) return along(target, event.key === "ArrowLeft" ? -1 : 1);
  if (pressed(event, "close") && target.closest("article")) return document.getElementById("composer-text")?.focus(), true;
  const row = list.rowOf(target);
  if (!row) return false;
  const room = list.props.room.id;
  const { onReply } = list.props;
  const may = mayHere(room, row);
  if (pressed(event, "reply")) return may.reply && (onReply(row), true);
  if (pressed(event, "edit")) return may.edit && (edit(room, row), true);
  if (row.deleted) return false;
  if (pressed(event, "unread")) return markUnread(room, row), true;
  if (pressed(event, "link")) return copyLink(room, row), true;
  if (plain && event.key === "Enter" && target.matches("article")) {
    openMessageMenu(target, { room, row, onReply, all: true });
    return true;
  }
  return false;
}

/**
 * From one tool to the next; they are one stop.
 * @param {HTMLElement} target
 * @param {-1 | 1} way
 */
function along(target, way) {
  const tools = [.../** @type {NodeListOf<HTMLElement>} */ (target.closest(".tools")?.querySelectorAll("button") ?? [])];
  const next = tools[tools.indexOf(target) + way];
  next?.focus();
  return Boolean(next);
}
