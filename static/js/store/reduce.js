/**
 * apply(state, event) → state: the one fold. Live frames, replayed ones and fetched pages go through it alike; it is
 * pure, so the server's test vectors run through it as they are.
 */

import { drafted, entered, preferred, reentered, served, settled, undrafted, without } from "parley/store/room.js";
import { newestRows, NO_ROWS, rowAt, rowUpsert } from "parley/store/rows.js";
import { countsOf, positioned, readUpTo, recounted } from "parley/store/unread.js";

/** @typedef {import("parley/store/shapes.js").State} State */
/** @typedef {import("parley/store/shapes.js").Log} Log */
/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Frame} Frame */
/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {import("parley/store/shapes.js").Membership} Membership */
/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {import("parley/store/shapes.js").RoomEntry} RoomEntry */

/** Frames held back behind a gap; beyond that they are dropped and the repair reads on. */
const WAITING_BOUND = 1000;
const KEPT_ROWS = 300;

/**
 * @param {import("parley/store/shapes.js").Me | null} [me]
 * @returns {State}
 */
export function emptyState(me = null) {
  return { me, epoch: null, rev: 0, userGap: false, rooms: {}, logs: {}, people: {}, arriving: null };
}

/**
 * Frames as on the wire, and what happens on this side: `page`, `members`, `entry`, `reread`, `people`, `read`,
 * `prefer`, `prune`.
 * @param {State} state
 * @param {{ type: string, payload: any }} event
 * @returns {State}
 */
export function apply(state, event) {
  const { type, payload } = event;
  switch (type) {
    case "ready":
      return ready(state, payload);
    case "ready.rooms":
      return readyRooms(state, payload.rooms, {}, Boolean(payload.more));
    case "room.reset":
      return roomReset(state, payload);
    case "user.state":
      return userState(state, payload);
    case "page":
      return page(state, payload);
    case "members":
      return members(state, payload);
    case "entry":
      return state.rooms[payload.id] ? state : enter(state, payload);
    case "reread":
      return state.rooms[payload.id] ? enter(state, payload) : state;
    case "person.updated":
      // Of who is not held nothing is shown.
      return state.people[payload.person.id] ? { ...state, people: known(state.people, [payload.person]) } : state;
    case "people":
      return { ...state, people: known(state.people, payload.people) };
    case "read":
      return read(state, payload.room, payload.seq);
    case "prefer":
      return touched(state, payload.room, (room) => preferred(room, { ...room, ...payload }));
    case "prune":
      return prune(state, payload.room);
    default:
      return payload && typeof payload.room === "string" && typeof payload.rev === "number"
        ? roomFrame(state, /** @type {Frame} */ (event))
        : state;
  }
}

/**
 * Which rooms have a gap that only `sync` can close.
 * @param {State} state
 */
export function gaps(state) {
  return Object.keys(state.logs).filter((room) => state.logs[room].waiting.length > 0);
}

/**
 * A page read before the room was reset or pruned may lack what changed since: read it again.
 * @param {State} state
 * @param {string} room
 * @param {number} rev
 */
export function isStale(state, room, rev) {
  const log = state.logs[room];
  return !log || rev < log.since;
}

// ---- a room's log ---------------------------------------------------------------------------------------------------

/**
 * @param {number} cursor
 * @returns {Log}
 */
function newLog(cursor) {
  return { cursor, since: cursor, rows: NO_ROWS, stints: {}, membersLoaded: false, waiting: [] };
}

/**
 * A frame covers (prev, rev]: apply it if prev ≤ cursor < rev, drop it if rev ≤ cursor, keep it aside if prev > cursor.
 * @param {State} state
 * @param {Frame} frame
 * @returns {State}
 */
function roomFrame(state, frame) {
  const { room, rev } = frame.payload;
  const log = state.logs[room];
  if (!log || rev <= log.cursor) return state;
  const prev = typeof frame.payload.prev === "number" ? frame.payload.prev : rev - 1;
  if (prev > log.cursor) {
    const waiting = log.waiting.length < WAITING_BOUND ? [...log.waiting, frame] : [frame];
    return withLog(state, room, { ...log, waiting });
  }
  let next = moved(fold(state, frame), room, rev);
  const waiting = next.logs[room]?.waiting;
  if (waiting?.length) {
    next = withLog(next, room, { ...next.logs[room], waiting: [] });
    for (const late of [...waiting].sort((a, b) => a.payload.rev - b.payload.rev)) next = roomFrame(next, late);
  }
  return next;
}

/**
 * @param {State} state
 * @param {Frame} frame
 * @returns {State}
 */
function fold(state, frame) {
  const { payload } = frame;
  switch (frame.type) {
    case "message.created":
    case "message.updated":
    case "message.deleted":
      return payload.message ? message(state, payload.room, payload.message, payload.rev) : state;
    case "member.joined":
    case "member.updated":
    case "member.left":
      return payload.membership ? stint(state, payload.room, payload.membership) : state;
    case "room.updated":
      return payload.settings ? settings(state, payload.room, payload.settings) : state;
    default:
      return state;
  }
}

/**
 * @param {State} state
 * @param {string} id
 * @param {Message} row
 * @param {number} rev
 * @returns {State}
 */
function message(state, id, row, rev) {
  const log = state.logs[id];
  const held = rowAt(log.rows, row.seq);
  const rows = rowUpsert(log.rows, row);
  let next = withLog(state, id, { ...log, rows });
  let room = state.rooms[id];
  if (!room) return next;
  const me = reader(state);
  room = recounted(room, held, row, rev, me);
  if (row.seq > room.last_seq) room = { ...room, last_seq: row.seq };
  if (row.author.id === me) {
    if (row.seq > room.counted.seq) room = readUpTo(room, next.logs[id], me, row.seq);
    if (room.draft && row.seq > room.draft.seq) room = undrafted(room);
  }
  if (room !== state.rooms[id]) next = withRoom(next, room);
  return { ...next, people: known(next.people, [{ handle: "", ...row.author }]) };
}

/**
 * @param {State} state
 * @param {string} id
 * @param {Membership} membership
 * @returns {State}
 */
function stint(state, id, membership) {
  const log = state.logs[id];
  const held = log.stints[membership.user.id];
  if (held && (held.rev >= membership.rev || held.joined_rev > membership.joined_rev)) return state;
  const stints = { ...log.stints, [membership.user.id]: membership };
  let next = withLog(state, id, { ...log, stints });
  const room = next.rooms[id];
  if (room && membership.left_rev != null) next = withRoom(next, without(room, membership.user.id));
  else if (room && membership.user.id === reader(state)) next = withRoom(next, served(room, membership));
  return { ...next, people: known(next.people, [membership.user]) };
}

/**
 * @param {State} state
 * @param {string} id
 * @param {import("parley/store/shapes.js").RoomSettings} change
 * @returns {State}
 */
function settings(state, id, change) {
  const room = state.rooms[id];
  if (!room || change.rev < room.settingsRev) return state;
  return withRoom(state, settled(room, change));
}

/**
 * @param {State} state
 * @param {{ room: string, rev: number }} payload
 * @returns {State}
 */
function roomReset(state, { room, rev }) {
  const log = state.logs[room];
  if (!log) return state;
  const waiting = log.waiting.filter((frame) => frame.payload.rev > rev);
  let next = withLog(state, room, { ...newLog(rev), waiting: [] });
  for (const frame of waiting) next = roomFrame(next, frame);
  return next;
}

// ---- a person's stream ----------------------------------------------------------------------------------------------

/**
 * @param {State} state
 * @param {any} payload
 * @returns {State}
 */
function ready(state, payload) {
  const sameLife = state.epoch === payload.epoch;
  const { rev = 0, ...me } = payload.user;
  const next = {
    ...state,
    me: { ...state.me, ...me },
    people: known(state.people, [seen(me)]),
    rev,
    userGap: false,
    epoch: payload.epoch,
    logs: sameLife ? state.logs : {},
    rooms: sameLife ? state.rooms : {},
    arriving: /** @type {Set<string>} */ (new Set()),
  };
  return readyRooms(next, payload.rooms, payload.resume ?? {}, Boolean(payload.more));
}

/**
 * @param {State} state
 * @param {RoomEntry[]} entries
 * @param {Record<string, string>} resume
 * @param {boolean} more
 * @returns {State}
 */
function readyRooms(state, entries, resume, more) {
  const arriving = new Set(state.arriving);
  const rooms = { ...state.rooms };
  const logs = { ...state.logs };
  let { people } = state;
  const gone = Object.keys(resume).filter((id) => resume[id] === "gone");
  for (const id of gone) {
    delete rooms[id];
    delete logs[id];
  }
  // What `hello` did not name is not replayed: such a room begins at the head. `ready.rooms` says nothing of resume,
  // so there only rooms that hold nothing begin anew; the others were named and are replayed or reset.
  for (const entry of entries) {
    arriving.add(entry.id);
    const log = logs[entry.id];
    if (!log || resume[entry.id] === "reset" || (!resume[entry.id] && log.rows.size === 0)) {
      logs[entry.id] = newLog(entry.rev);
    } else if (log.waiting.length) {
      logs[entry.id] = { ...log, waiting: [] };
    }
    const before = rooms[entry.id];
    rooms[entry.id] = before ? reentered(before, entry, logs[entry.id], reader(state)) : entered(entry);
    people = known(people, namedIn(entry));
  }
  if (!more) {
    for (const id of Object.keys(rooms)) {
      if (!arriving.has(id)) {
        delete rooms[id];
        delete logs[id];
      }
    }
  }
  return { ...state, rooms, logs, people, arriving: more ? arriving : null };
}

/**
 * @param {State} state
 * @param {any} payload
 * @returns {State}
 */
function userState(state, payload) {
  if (payload.rev <= state.rev) return state;
  if (payload.prev > state.rev) return { ...state, userGap: true };
  let next = { ...state, rev: payload.rev };
  if (payload.me) {
    const { rev: _, ...me } = payload.me;
    next = { ...next, me, people: known(next.people, [seen(me)]) };
  }
  for (const entry of payload.rooms ?? []) next = enter(next, entry);
  for (const id of payload.left ?? []) {
    const { [id]: _room, ...rooms } = next.rooms;
    const { [id]: _log, ...logs } = next.logs;
    next = { ...next, rooms, logs };
  }
  const me = reader(next);
  for (const one of payload.read ?? []) next = touched(next, one.room, (room, log) => positioned(room, log, me, one));
  for (const one of payload.preferences ?? []) next = touched(next, one.room, (room) => preferred(room, one));
  for (const one of payload.drafts ?? []) next = touched(next, one.room, (room, log) => drafted(room, log, me, one));
  return next;
}

/**
 * @param {State} state
 * @param {RoomEntry} entry
 * @returns {State}
 */
function enter(state, entry) {
  const before = state.rooms[entry.id];
  const next = { ...state, people: known(state.people, namedIn(entry)) };
  const log = state.logs[entry.id];
  if (before && log && before.joined_rev === entry.joined_rev) {
    return withRoom(next, reentered(before, entry, log, reader(next)));
  }
  return withLog(withRoom(next, entered(entry)), entry.id, newLog(entry.rev));
}

// ---- what happens on this side --------------------------------------------------------------------------------------

/**
 * Rows of a page read at `rev`; each is one more upsert. Ask `isStale` first.
 * @param {State} state
 * @param {{ room: string, rev: number, messages: Message[] }} payload
 * @returns {State}
 */
function page(state, { room, rev, messages }) {
  if (isStale(state, room, rev)) return state;
  const log = state.logs[room];
  let { rows } = log;
  for (const row of messages) rows = rowUpsert(rows, row);
  const people = known(state.people, messages.map((row) => ({ handle: "", ...row.author })));
  const me = reader(state);
  const next = withLog({ ...state, people }, room, { ...log, rows });
  return touched(next, room, (held) =>
    messages.some((row) => row.author.id === me && held.draft && row.seq > held.draft.seq) ? undrafted(held) : held,
  );
}

/**
 * @param {State} state
 * @param {{ room: string, members: Membership[] }} payload
 * @returns {State}
 */
function members(state, { room, members: list }) {
  if (!state.logs[room]) return state;
  let next = state;
  for (const membership of list) next = stint(next, room, membership);
  // Also of those whose stint did not change: how people look is in no log.
  next = { ...next, people: known(next.people, list.map(({ user }) => user)) };
  return withLog(next, room, { ...next.logs[room], membersLoaded: true });
}

/**
 * @param {State} state
 * @param {string} id
 * @param {number} seq
 * @returns {State}
 */
function read(state, id, seq) {
  const room = state.rooms[id];
  if (!room) return state;
  const after = readUpTo(room, state.logs[id], reader(state), Math.min(seq, room.last_seq));
  return after === room ? state : withRoom(state, after);
}

/**
 * Keep only the newest rows of a room nobody looks at; what is dropped stays counted.
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
function prune(state, id) {
  const log = state.logs[id];
  const room = state.rooms[id];
  if (!log || !room || log.rows.size <= KEPT_ROWS) return state;
  const counted = { seq: room.last_seq, rev: log.cursor, ...countsOf(room, log, reader(state)) };
  const pruned = { ...log, rows: newestRows(log.rows, KEPT_ROWS), since: log.cursor };
  return withLog(withRoom(state, { ...room, counted }), id, pruned);
}

// ---- small copies ---------------------------------------------------------------------------------------------------

/**
 * @param {State} state
 * @param {string} id
 * @param {Log} log
 * @returns {State}
 */
function withLog(state, id, log) {
  return { ...state, logs: { ...state.logs, [id]: log } };
}

/**
 * @param {State} state
 * @param {Room} room
 * @returns {State}
 */
function withRoom(state, room) {
  if (state.rooms[room.id] === room) return state;
  return { ...state, rooms: { ...state.rooms, [room.id]: room } };
}

/**
 * A room changed, if it is held.
 * @param {State} state
 * @param {string} id
 * @param {(room: Room, log: Log | undefined) => Room} change
 * @returns {State}
 */
function touched(state, id, change) {
  const room = state.rooms[id];
  return room ? withRoom(state, change(room, state.logs[id])) : state;
}

/** @param {State} state */
function reader(state) {
  return state.me?.id ?? "";
}

/**
 * @param {RoomEntry} entry
 * @returns {Person[]}
 */
function namedIn({ counterpart, people = [] }) {
  return counterpart ? [counterpart, ...people] : people;
}

/**
 * @param {State} state
 * @param {string} id
 * @param {number} cursor
 * @returns {State}
 */
function moved(state, id, cursor) {
  return state.logs[id] ? withLog(state, id, { ...state.logs[id], cursor }) : state;
}

/**
 * Oneself, as others see one.
 * @param {import("parley/store/shapes.js").Me} me
 * @returns {Person}
 */
function seen({ id, handle, name, picture, status, status_until, bot }) {
  return {
    ...{ id, handle, name },
    ...(picture && { picture }),
    ...(status && { status }),
    ...(status && status_until && { status_until }),
    ...(bot && { bot }),
  };
}

/** What may be left out of a person because it has its default. */
const TRAITS = /** @type {const} */ (["picture", "status", "status_until", "bot", "deactivated"]);

/**
 * With the people of a list as they are now. Who has no handle there is an author: only her name is told.
 * @param {Record<string, Person>} people
 * @param {Person[]} list
 */
function known(people, list) {
  let next = people;
  for (const person of list) {
    const held = next[person.id];
    const now = person.handle || !held ? person : { ...held, name: person.name };
    if (held && held.name === now.name && held.handle === now.handle && TRAITS.every((one) => held[one] === now[one])) continue;
    if (next === people) next = { ...people };
    next[person.id] = now;
  }
  return next;
}
