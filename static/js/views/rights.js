/** What a person may do in a room, as the server will judge it (chat/policies.py): what she may not is not offered. Pure. */

import { leads } from "parley/views/postable.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Membership} Membership */

/**
 * `over`: mute, remove and ban somebody.
 * @param {Pick<Room, "kind" | "role" | "archived">} room
 * @param {{ id: string, role: string } | null} me
 */
export function rightsOf(room, me) {
  const manages = room.kind === "public" && (me?.role === "owner" || me?.role === "admin");
  const runs = manages || ((room.kind === "public" || room.kind === "private") && leads(room, me));
  const owns = manages || (runs && room.role === "owner");
  return {
    update: runs || room.kind === "group",
    rules: runs,
    archive: owns,
    roles: owns,
    bans: runs,
    link: runs && !room.archived,
    add: !room.archived && (runs || (room.kind === "public" && me?.role !== "guest")),
    leave: room.kind !== "direct",
    over: (/** @type {Membership} */ stint) => stint.user.id !== me?.id && (owns || (runs && stint.role === "member")),
  };
}

/**
 * Whether the room would be left without an owner: she names another before she goes. Who is a guest is not known here,
 * so the server may say otherwise.
 * @param {Membership[]} members those who are in it
 * @param {string} user
 * @param {Record<string, import("parley/store/shapes.js").Person>} people as they are now
 */
export function isLastOwner(members, user, people) {
  const able = (/** @type {import("parley/store/shapes.js").Person} */ { id, bot, deactivated }) => id !== user && !bot && !deactivated;
  const others = members.filter((stint) => able(people[stint.user.id] ?? stint.user));
  const own = members.find((stint) => stint.user.id === user);
  return own?.role === "owner" && others.length > 0 && others.every((stint) => stint.role !== "owner");
}
