import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, gaps, isStale } from "parley/store/reduce.js";
import { allRows, rowAt } from "parley/store/rows.js";
import { countsOf, unreadOf } from "parley/store/unread.js";
import { pack, unpack } from "parley/store/disk.js";
import { ALICE, BOB, created, entry, frame, ME, message, ready, start } from "./cast.js";

const unread = (state) => unreadOf(state.rooms["7"], state.logs["7"], ME.id);
const seqs = (state) => allRows(state.logs["7"].rows).map((row) => row.seq);
const fold = (state, ...events) => events.reduce(apply, state);

test("a frame in line is applied and moves the cursor; the same one again changes nothing", () => {
  const once = fold(start(), created(6, 11));
  assert.equal(once.logs["7"].cursor, 11);
  assert.equal(rowAt(once.logs["7"].rows, 6).text, "text 6");
  assert.equal(fold(once, created(6, 11)), once);
});

test("frames beyond a gap wait, and follow in order once it is closed", () => {
  const gap = fold(start(), created(8, 13), created(7, 12));
  assert.deepEqual(gaps(gap), ["7"]);
  assert.deepEqual(seqs(gap), []);
  assert.equal(gap.logs["7"].cursor, 10);
  const closed = fold(gap, created(6, 11));
  assert.deepEqual(gaps(closed), []);
  assert.deepEqual(seqs(closed), [6, 7, 8]);
  assert.equal(closed.logs["7"].cursor, 13);
});

test("a gap closed by room.synced alone lets what waited through", () => {
  const gap = fold(start(), created(6, 14));
  const closed = fold(gap, frame("room.synced", 10, 13));
  assert.deepEqual(seqs(closed), [6]);
  assert.equal(closed.logs["7"].cursor, 14);
});

test("an unknown frame of a room moves its cursor, one without a room changes nothing", () => {
  const state = start();
  assert.equal(fold(state, frame("reaction.added", 10, 11, { what: 1 })).logs["7"].cursor, 11);
  assert.equal(fold(state, { id: "x", ts: 0, type: "fireworks", payload: {} }), state);
});

test("a collapsed replay covers several revs with one frame", () => {
  const state = fold(start(), frame("message.updated", 10, 15, { message: message(3, 15) }), frame("room.synced", 15, 17));
  assert.equal(state.logs["7"].cursor, 17);
  assert.equal(rowAt(state.logs["7"].rows, 3).rev, 15);
});

test("a page never overwrites what is newer", () => {
  const live = fold(start(), frame("message.updated", 10, 11, { message: message(4, 11, { text: "new" }) }));
  const state = fold(live, { type: "page", payload: { room: "7", rev: 10, messages: [message(4, 9, { text: "old" }), message(5, 10)] } });
  assert.equal(rowAt(state.logs["7"].rows, 4).text, "new");
  assert.equal(rowAt(state.logs["7"].rows, 5).text, "text 5");
});

test("a page read before a reset is refused, one read after it is taken", () => {
  const held = fold(start(), created(6, 11));
  const reset = fold(held, { type: "room.reset", payload: { room: "7", rev: 50, reason: "too_far_behind" } });
  assert.deepEqual(seqs(reset), []);
  assert.equal(isStale(reset, "7", 49), true);
  assert.deepEqual(seqs(fold(reset, { type: "page", payload: { room: "7", rev: 49, messages: [message(6, 11)] } })), []);
  assert.equal(isStale(reset, "7", 50), false);
  assert.deepEqual(seqs(fold(reset, { type: "page", payload: { room: "7", rev: 50, messages: [message(6, 11)] } })), [6]);
});

test("unread counts others' messages, not one's own, and an own one reads all before it", () => {
  const two = fold(start(), created(6, 11), created(7, 12));
  assert.equal(unread(two), 2);
  const own = fold(two, created(8, 13, { author: ALICE }));
  assert.equal(own.rooms["7"].read_seq, 8);
  assert.equal(unread(own), 0);
});

test("a message deleted before it was read is no longer unread", () => {
  const state = start({ read_seq: 3, unread: 2 });
  assert.equal(unread(state), 2);
  const tombstone = message(5, 11, { text: "", html: "", deleted: true });
  const after = fold(state, frame("message.deleted", 10, 11, { message: tombstone }));
  assert.equal(unread(after), 1);
});

test("what ready counted is not counted again by the replay that follows it", () => {
  const held = fold(start(), created(6, 11));
  const again = fold(held, ready([entry({ rev: 14, last_seq: 9, read_seq: 6, unread: 3 })], { resume: { 7: "ok" } }));
  assert.equal(again.logs["7"].cursor, 11);
  assert.equal(unread(again), 3);
  const replayed = fold(again, created(7, 12), created(8, 13), created(9, 14), frame("room.synced", 14, 14));
  assert.equal(unread(replayed), 3);
  assert.equal(replayed.logs["7"].cursor, 14);
});

test("another epoch drops everything held", () => {
  const held = fold(start(), created(6, 11));
  assert.deepEqual(seqs(held), [6]);
  const other = fold(held, ready([entry({ rev: 4 })], { epoch: "e2" }));
  assert.deepEqual(seqs(other), []);
  assert.equal(other.logs["7"].cursor, 4);
});

test("a room that ready no longer names is gone, but only with its last page", () => {
  const both = fold(start(), ready([entry(), entry({ id: "8" })], {}));
  assert.deepEqual(Object.keys(both.rooms), ["7", "8"]);
  const first = fold(both, ready([entry({ id: "8" })], { more: true }));
  assert.deepEqual(Object.keys(first.rooms), ["7", "8"]);
  const last = fold(first, { type: "ready.rooms", payload: { rooms: [entry({ id: "9" })] } });
  assert.deepEqual(Object.keys(last.rooms), ["8", "9"]);
});

test("reading goes only forward, and the server's word about it is taken", () => {
  const two = fold(start(), created(6, 11), created(7, 12));
  const read = fold(two, { type: "read", payload: { room: "7", seq: 6 } });
  assert.equal(unread(read), 1);
  assert.equal(fold(read, { type: "read", payload: { room: "7", seq: 2 } }), read);
  const told = { type: "user.state", payload: { user: "1", prev: 3, rev: 4, read: [{ room: "7", rev: 12, read_seq: 7, last_seq: 7, unread: 0 }] } };
  const after = fold(read, told);
  assert.equal(after.rooms["7"].read_seq, 7);
  assert.equal(unread(after), 0);
});

const own = (rev, more) => ({ type: "user.state", payload: { user: "1", prev: rev - 1, rev, ...more } });

test("a position set back replaces the held one, and what was said before that is stale", () => {
  const two = fold(start(), created(6, 11), created(7, 12, { mentions: [ME.id] }));
  const read = fold(two, { type: "read", payload: { room: "7", seq: 7 } });
  const back = fold(read, own(4, { read: [{ room: "7", rev: 12, read_seq: 5, last_seq: 7, unread: 2, mentions: 1, rewinds: 1 }] }));
  assert.equal(back.rooms["7"].read_seq, 5);
  assert.deepEqual(countsOf(back.rooms["7"], back.logs["7"], ME.id), { unread: 2, mentions: 1 });
  const stale = fold(back, own(5, { read: [{ room: "7", rev: 12, read_seq: 7, last_seq: 7, unread: 0 }] }));
  assert.equal(stale.rooms["7"].read_seq, 5);
  const again = fold(back, ready([entry({ rev: 12, last_seq: 7, read_seq: 6, unread: 1, mentions: 1, rewinds: 2 })], { resume: { 7: "ok" } }));
  assert.equal(again.rooms["7"].read_seq, 6);
  assert.equal(unread(again), 1);
});

test("an own message makes a draft void, from a page too", () => {
  const draft = own(4, { drafts: [{ room: "7", seq: 5, text: "begun" }] });
  const begun = fold(start(), draft);
  assert.equal(begun.rooms["7"].draft.text, "begun");
  assert.equal(fold(begun, created(6, 11)).rooms["7"].draft.text, "begun");
  const mine = message(6, 11, { author: ALICE });
  assert.equal("draft" in fold(begun, { type: "page", payload: { room: "7", rev: 11, messages: [mine] } }).rooms["7"], false);
  assert.equal("draft" in fold(start(), created(6, 11, { author: ALICE }), draft).rooms["7"], false);
});

test("who is held has her new name, who is not stays unknown", () => {
  const group = fold(start(), own(4, { rooms: [entry({ id: "9", kind: "group", name: "", people: [BOB] })] }));
  const told = (id) => ({ id: "x", ts: 0, type: "person.updated", payload: { person: { id, handle: "bob", name: "Robert" } } });
  assert.equal(fold(group, told(BOB.id)).people[BOB.id].name, "Robert");
  assert.equal(fold(group, told("99")), group);
});

test("how people look is held whole; an author's name alone erases nothing of it", () => {
  const looks = { picture: "/pictures/x/96.webp", status: "on a train", status_until: 5, bot: true };
  const robert = { ...BOB, ...looks, name: "Robert" };
  const joined = { user: robert, role: "member", joined_rev: 4, rev: 4 };
  const held = fold(start(), { type: "members", payload: { room: "7", members: [joined] } });
  assert.deepEqual(held.people[BOB.id], robert);
  const spoke = fold(held, created(6, 11, { author: { id: BOB.id, name: "Rob" } }), { type: "page", payload: { room: "7", rev: 11, messages: [message(5, 5)] } });
  assert.deepEqual(spoke.people[BOB.id], { ...BOB, ...looks });
  const bare = fold(spoke, { id: "x", ts: 0, type: "person.updated", payload: { person: { ...BOB, deactivated: true } } });
  assert.deepEqual(bare.people[BOB.id], { ...BOB, deactivated: true }, "what has gone is gone");
});

test("members read again show how they look now, also those whose stint is as it was", () => {
  const stint = { user: BOB, role: "member", joined_rev: 4, rev: 4 };
  const members = (user) => ({ type: "members", payload: { room: "7", members: [{ ...stint, user }] } });
  const held = fold(start(), members(BOB), members({ ...BOB, status: "back" }));
  assert.equal(held.people[BOB.id].status, "back");
});

test("oneself is held as others see one, with a picture as soon as there is one", () => {
  assert.deepEqual(start().people[ALICE.id], ALICE);
  const drawn = fold(start(), own(4, { me: { ...ME, picture: "/pictures/a/96.webp", status: "", status_until: null, bot: false, may_invite: false } }));
  assert.deepEqual(drawn.people[ALICE.id], { ...ALICE, picture: "/pictures/a/96.webp" });
});

test("a room read again after a reset has its settings and position, unless something newer came", () => {
  const reset = fold(start(), { type: "room.reset", payload: { room: "7", rev: 50, reason: "too_far_behind" } });
  const reread = (more) => ({ type: "reread", payload: entry({ rev: 50, name: "renamed", last_seq: 30, read_seq: 9, unread: 21, favourite: true, ...more }) });
  const now = fold(reset, reread());
  assert.deepEqual([now.rooms["7"].name, now.rooms["7"].last_seq, now.rooms["7"].read_seq, now.rooms["7"].favourite], ["renamed", 30, 9, true]);
  assert.equal(unread(now), 21);
  assert.equal(now.logs["7"], reset.logs["7"]);
  const settings = { id: "7", kind: "public", name: "newest", topic: "", archived: false, rev: 51 };
  assert.equal(fold(reset, frame("room.updated", 50, 51, { settings }), reread()).rooms["7"].name, "newest");
  assert.equal(fold(start(), { type: "reread", payload: entry({ id: "99" }) }).rooms["99"], undefined);
});

test("a gap in one's own stream is noticed; a replayed piece of it changes nothing", () => {
  const state = start();
  const jump = fold(state, { type: "user.state", payload: { user: "1", prev: 5, rev: 6, left: ["7"] } });
  assert.equal(jump.userGap, true);
  assert.ok(jump.rooms["7"]);
  assert.equal(fold(state, { type: "user.state", payload: { user: "1", prev: 2, rev: 3, left: ["7"] } }), state);
  assert.equal(fold(state, { type: "user.state", payload: { user: "1", prev: 3, rev: 4, left: ["7"] } }).rooms["7"], undefined);
});

test("a member who left is not a member, and an older word of her does not bring her back", () => {
  const joined = frame("member.joined", 10, 11, { membership: { user: BOB, role: "member", joined_rev: 11, rev: 11 } });
  const left = frame("member.left", 11, 12, { membership: { user: BOB, role: "member", joined_rev: 11, rev: 12, left_rev: 12 } });
  const open = (state) => Object.values(state.logs["7"].stints).filter((stint) => stint.left_rev == null).length;
  const inside = fold(start(), joined);
  assert.equal(open(inside), 1);
  const outside = fold(inside, left);
  assert.equal(open(outside), 0);
  const page = { type: "members", payload: { room: "7", members: [{ user: BOB, role: "member", joined_rev: 11, rev: 11 }] } };
  assert.equal(open(fold(outside, page)), 0);
});

test("what is kept on disk comes back with its cursor, and only for the same client and person", () => {
  const state = fold(start(), created(6, 11), created(7, 12));
  const record = structuredClone(pack(state, "v1"));
  const back = unpack(record, ME, "v1");
  assert.equal(back.logs["7"].cursor, 12);
  assert.deepEqual(seqs(back), [6, 7]);
  assert.deepEqual(unpack(record, ME, "v2").logs, {});
  assert.deepEqual(unpack({ ...record, format: undefined }, ME, "v1").logs, {});
  assert.deepEqual(unpack(record, { ...ME, id: "9" }, "v1").logs, {});
});

test("pruning keeps the newest messages and the count of what is unread", () => {
  let state = start({ unread: 0 });
  for (let index = 0; index < 500; index += 1) state = apply(state, created(6 + index, 11 + index));
  assert.equal(unread(state), 100);
  const pruned = apply(state, { type: "prune", payload: { room: "7" } });
  assert.equal(pruned.logs["7"].rows.size, 300);
  assert.equal(unread(pruned), 100);
  assert.equal(isStale(pruned, "7", 400), true);
});
