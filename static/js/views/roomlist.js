/**
 * The list of conversations in its sections. Pure; what did not change keeps its identity, so a message in one of a
 * thousand rooms draws one link again and sorts nothing.
 */

/** @typedef {import("parley/store/shapes.js").Room} Room */

/**
 * A room in the list. `muted`: its reader wants to hear nothing of it; `bold`: something unread that is shown as such.
 * @typedef {{ room: Room, name: string, unread: number, mentions: number, muted: boolean, bold: boolean, section: string }} Item
 *
 * `id`: "favourites", "folder <its name>", "rooms", "direct" or "archived". `title`: of a folder.
 * @typedef {{ id: string, title: string, items: Item[] }} Section
 *
 * `items`: as they stand below each other; `unread`: messages one wants to know of; `bold`: rooms with such.
 * @typedef {{ sections: Section[], items: Item[], byId: Map<string, Item>, unread: number, mentions: number, bold: number }} RoomList
 */

const FOLDER = "folder ";
/** Before and after the folders. These are there even if they are empty. */
const FIRST = ["favourites"];
const LAST = ["rooms", "direct", "archived"];
const ALWAYS = ["rooms", "direct"];

/** @type {RoomList} */
export const NO_LIST = { sections: [], items: [], byId: new Map(), unread: 0, mentions: 0, bold: 0 };

/**
 * @param {Item | undefined} before the same room as it was in the list
 * @param {Room} room
 * @param {string} name
 * @param {{ unread: number, mentions: number }} counts
 * @returns {Item}
 */
export function itemOf(before, room, name, { unread, mentions }) {
  if (before?.room === room && before.name === name && before.unread === unread && before.mentions === mentions) return before;
  const muted = room.notify === "none";
  return { room, name, unread, mentions, muted, bold: unread > 0 && (!muted || mentions > 0), section: sectionOf(room) };
}

/** @param {Room} room */
function sectionOf(room) {
  if (room.archived) return "archived";
  if (room.favourite) return "favourites";
  if (room.folder) return FOLDER + room.folder;
  return room.kind === "direct" || room.kind === "group" ? "direct" : "rooms";
}

/**
 * @param {Item[]} items in any order
 * @param {RoomList} before the list until now
 * @param {(a: string, b: string) => number} compare names, as the reader's language has it
 * @returns {RoomList} the very same if nothing changed
 */
export function arrange(items, before, compare) {
  let same = items.length === before.byId.size;
  let placed = same;
  for (const item of items) {
    const was = before.byId.get(item.room.id);
    if (was === item) continue;
    same = false;
    if (!was || !samePlace(was, item)) placed = false;
  }
  if (same && before !== NO_LIST) return before;
  const byId = new Map(items.map((item) => [item.room.id, item]));
  const sections = placed && before !== NO_LIST
    ? before.sections.map((section) => renewed(section, section.items.map(({ room }) => /** @type {Item} */ (byId.get(room.id)))))
    : sorted(items, before, compare);
  let unread = 0;
  let mentions = 0;
  let bold = 0;
  for (const item of items) {
    mentions += item.mentions;
    if (!item.bold) continue;
    bold += 1;
    unread += item.muted ? item.mentions : item.unread;
  }
  return { sections, items: sections.flatMap((section) => section.items), byId, unread, mentions, bold };
}

/**
 * @param {Item} was
 * @param {Item} item
 */
function samePlace(was, item) {
  return was.name === item.name && was.section === item.section && was.muted === item.muted && was.room.place === item.room.place;
}

/**
 * @param {Section} section
 * @param {Item[]} items
 * @returns {Section}
 */
function renewed(section, items) {
  const same = items.length === section.items.length && items.every((item, index) => item === section.items[index]);
  return same ? section : { ...section, items };
}

/**
 * Folders by name, rooms in them by the place one gave them; everything else by name, what is muted last.
 * @param {Item[]} items
 * @param {RoomList} before
 * @param {(a: string, b: string) => number} compare
 * @returns {Section[]}
 */
function sorted(items, before, compare) {
  /** @type {Map<string, Item[]>} */
  const groups = new Map(ALWAYS.map((id) => [id, []]));
  for (const item of items) {
    const group = groups.get(item.section);
    if (group) group.push(item);
    else groups.set(item.section, [item]);
  }
  const folders = [...groups.keys()].filter((id) => id.startsWith(FOLDER)).sort((a, b) => compare(titleOf(a), titleOf(b)) || (a < b ? -1 : 1));
  const known = new Map(before.sections.map((section) => [section.id, section]));
  return [...FIRST, ...folders, ...LAST].filter((id) => groups.has(id)).map((id) => {
    const group = /** @type {Item[]} */ (groups.get(id));
    const placed = id.startsWith(FOLDER);
    group.sort((a, b) =>
      Number(a.muted) - Number(b.muted)
      || (placed ? (a.room.place ?? 0) - (b.room.place ?? 0) : 0)
      || compare(a.name, b.name)
      || Number(a.room.id) - Number(b.room.id));
    return renewed(known.get(id) ?? { id, title: titleOf(id), items: [] }, group);
  });
}

/** @param {string} id of a section */
function titleOf(id) {
  return id.startsWith(FOLDER) ? id.slice(FOLDER.length) : "";
}
