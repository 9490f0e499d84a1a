/** The server's own triples: what a client held, what it was sent, what a fresh read gives. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { emptyState, apply } from "parley/store/reduce.js";
import { allRows, NO_ROWS, rowUpsert } from "parley/store/rows.js";
import { countsOf } from "parley/store/unread.js";

const FOLDER = new URL("../vectors/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

/** A snapshot of the vectors' format as the store holds it. */
function held(snapshot) {
  const state = emptyState(snapshot.me);
  state.rev = snapshot.rev;
  state.epoch = "vectors";
  for (const [id, room] of Object.entries(snapshot.rooms)) {
    const { cursor, loaded, messages, members, last_seq, unread, mentions = 0, ...rest } = room;
    const counted = { seq: last_seq, rev: cursor, unread, mentions };
    state.rooms[id] = { ...rest, last_seq, counterpart: room.counterpart ?? null, counted, settingsRev: 0 };
    const rows = Object.values(messages).reduce(rowUpsert, NO_ROWS);
    state.logs[id] = { cursor, since: cursor, rows, stints: members, membersLoaded: loaded, waiting: [] };
  }
  return state;
}

/** The store in the vectors' format. */
function shown(state) {
  const rooms = {};
  for (const [id, room] of Object.entries(state.rooms)) {
    const log = state.logs[id];
    const { counted: _counted, settingsRev: _settings, counterpart, ...rest } = room;
    const { unread, mentions } = countsOf(room, log, state.me.id);
    rooms[id] = {
      ...rest,
      ...(counterpart ? { counterpart } : {}),
      unread,
      ...(mentions ? { mentions } : {}),
      cursor: log.cursor,
      loaded: log.membersLoaded,
      messages: Object.fromEntries(allRows(log.rows).map((row) => [String(row.seq), row])),
      members: Object.fromEntries(Object.entries(log.stints).filter(([, stint]) => stint.left_rev == null)),
    };
  }
  return { me: state.me, rev: state.rev, rooms };
}

/** Of a room not read yet nobody promises which messages and members are held. */
function same(folded, fresh) {
  for (const [id, room] of Object.entries(fresh.rooms)) {
    if (!room.loaded && folded.rooms[id]) Object.assign(folded.rooms[id], { messages: room.messages, members: room.members });
  }
  assert.deepEqual(folded, fresh);
}

test("there are vectors, and their events change something", () => {
  assert.ok(files.length >= 5, `only ${files.length} vector files`);
  const cases = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")).cases);
  assert.ok(cases.filter((one) => !isDeepStrictEqual(one.old, one.fresh)).length > cases.length / 2);
});

for (const name of files) {
  const { verb, cases } = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
  for (const one of cases) {
    test(`${verb}: ${one.name}, as ${one.reader} holds it`, () => {
      same(shown(one.events.reduce(apply, held(one.old))), one.fresh);
    });
    test(`${verb}: ${one.name}, every frame twice`, () => {
      const doubled = one.events.flatMap((event) => [event, event]);
      same(shown(doubled.reduce(apply, held(one.old))), one.fresh);
    });
  }
}
