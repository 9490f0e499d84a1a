/**
 * The shapes the store keeps, and the wire's (written from the server's declarations). Fields that have their default
 * are left out on the wire.
 *
 * @typedef {import("parley/net/protocol.js").Person} Person
 * @typedef {import("parley/net/protocol.js").Me} Me
 * @typedef {import("parley/net/protocol.js").Message} Message
 * @typedef {import("parley/net/protocol.js").Membership} Membership
 * @typedef {import("parley/net/protocol.js").RoomSettings} RoomSettings
 * @typedef {import("parley/net/protocol.js").RoomEntry} RoomEntry
 * @typedef {import("parley/net/protocol.js").ReadPosition} ReadPosition
 * @typedef {import("parley/net/protocol.js").Preferences} Preferences
 * @typedef {import("parley/net/protocol.js").DraftState} DraftState
 * @typedef {import("parley/net/socket.js").Frame} Frame
 *
 * A room as the list shows it; what has its default is left out here too. `counted` is what the server last counted as
 * unread (and of that, as addressed to the reader), up to which message (`seq`) and with which changes already in it
 * (`rev`). `settingsRev`: the newest `room.updated` folded in.
 * @typedef {{ id: string, kind: string, name: string, topic: string, archived: boolean, role: string,
 *   joined_rev: number, last_seq: number, read_seq: number, counterpart: Person | null,
 *   counted: { seq: number, rev: number, unread: number, mentions: number }, settingsRev: number }
 *   & Pick<RoomEntry, "people" | "announcement" | "mention_room" | "muted_until" | "rewinds" | "favourite" | "folder"
 *   | "notify" | "place" | "draft">} Room
 *
 * What is held of a room. `cursor`: every change up to it was folded in. `since`: every row that changed after it was
 * kept, so a page read before it may be out of date. `waiting`: frames beyond a gap, by prev.
 * @typedef {{ cursor: number, since: number, rows: import("parley/store/rows.js").Rows,
 *   stints: Record<string, Membership>, membersLoaded: boolean, waiting: Frame[] }} Log
 *
 * @typedef {{ me: Me | null, epoch: string | null, rev: number, userGap: boolean, rooms: Record<string, Room>,
 *   logs: Record<string, Log>, people: Record<string, Person>, arriving: Set<string> | null }} State
 */

export {};
