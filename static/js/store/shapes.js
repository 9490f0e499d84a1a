/**
 * The shapes the server speaks (`chat/payloads.py`, `chat/events.py`, `realtime/protocol/frames.py`) and the ones the
 * store keeps. Fields that have their default are left out on the wire.
 *
 * @typedef {{ id: string, handle: string, name: string }} Person
 * @typedef {{ id: string, handle: string, name: string, email: string, language: string, time_zone: string,
 *   role: string, rev?: number }} Me
 * @typedef {{ id: string, name: string }} Author
 * @typedef {{ seq: number, rev: number, client_id: string, author: Author, text: string, html: string,
 *   created_at: number, reply_to?: number | null, edited_at?: number | null, deleted?: boolean }} Message
 * @typedef {{ user: Person, role: string, joined_rev: number, rev: number, left_rev?: number | null }} Membership
 * @typedef {{ id: string, kind: string, name: string, topic: string, archived: boolean, rev: number }} RoomSettings
 * @typedef {{ id: string, kind: string, name: string, topic: string, archived: boolean, role: string,
 *   joined_rev: number, rev: number, last_seq: number, read_seq: number, unread: number,
 *   counterpart?: Person | null }} RoomEntry
 * @typedef {{ room: string, rev: number, read_seq: number, last_seq: number, unread: number }} ReadPosition
 * @typedef {{ id: string, ts: number, type: string, payload: any, re?: string }} Frame
 * @typedef {{ code: string, message: string, retry: boolean, retry_ms?: number | null,
 *   fields?: Record<string, string[]> | null }} ErrorShape
 *
 * A room as the list shows it. `counted` is what the server last counted as unread, up to which message (`seq`) and
 * with which changes already in it (`rev`). `settingsRev`: the newest `room.updated` folded in.
 * @typedef {{ id: string, kind: string, name: string, topic: string, archived: boolean, role: string,
 *   joined_rev: number, last_seq: number, read_seq: number, counterpart: Person | null,
 *   counted: { seq: number, rev: number, unread: number }, settingsRev: number }} Room
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
