import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, itemOf, NO_LIST } from "parley/views/roomlist.js";

const compare = new Intl.Collator("en", { numeric: true }).compare;
const room = (id, more = {}) => ({ id: String(id), kind: "private", name: `room ${id}`, archived: false, last_seq: 0, read_seq: 0, ...more });
const item = (one, counts = {}, before = undefined) => itemOf(before, one, one.name, { unread: 0, mentions: 0, ...counts });
const names = (list) => list.sections.map(({ id, items }) => [id, items.map(({ name }) => name)]);

test("favourites, folders by name, rooms, direct messages, the archived ones last", () => {
  const list = arrange([
    item(room(1)), item(room(2, { kind: "direct", name: "Bob" })), item(room(3, { kind: "group", name: "Bob, Carol" })),
    item(room(4, { favourite: true, folder: "B" })), item(room(5, { folder: "B" })), item(room(6, { folder: "A" })),
    item(room(7, { archived: true, favourite: true })),
  ], NO_LIST, compare);
  assert.deepEqual(names(list), [
    ["favourites", ["room 4"]], ["folder A", ["room 6"]], ["folder B", ["room 5"]],
    ["rooms", ["room 1"]], ["direct", ["Bob", "Bob, Carol"]], ["archived", ["room 7"]],
  ]);
});

test("in a section names as people count, what is muted last; in a folder the place goes first", () => {
  const list = arrange([
    item(room(10)), item(room(9)), item(room(1, { notify: "none" })),
    item(room(3, { folder: "F", place: 2 })), item(room(4, { folder: "F", place: 1 })), item(room(5, { folder: "F", place: -1, notify: "none" })),
  ], NO_LIST, compare);
  assert.deepEqual(names(list)[0], ["folder F", ["room 4", "room 3", "room 5"]]);
  assert.deepEqual(names(list)[1], ["rooms", ["room 9", "room 10", "room 1"]]);
});

test("the total counts what one wants to hear of: of a muted room only what addresses one", () => {
  const list = arrange([item(room(1), { unread: 3 }), item(room(2, { notify: "none" }), { unread: 9 }), item(room(3, { notify: "none" }), { unread: 9, mentions: 2 })], NO_LIST, compare);
  assert.deepEqual([list.unread, list.mentions, list.bold], [5, 2, 2]);
  assert.deepEqual(list.items.map(({ bold }) => bold), [true, false, true]);
});

test("what did not change is the same object: one link, one section", () => {
  const rooms = Array.from({ length: 1000 }, (_, n) => room(n, n % 2 ? { folder: "F" } : {}));
  const items = rooms.map((one) => item(one));
  const before = arrange(items, NO_LIST, compare);
  assert.equal(arrange(items.map((one) => item(one.room, {}, one)), before, compare), before);
  const after = arrange(items.map((one) => (one.room.id === "4" ? item({ ...one.room, last_seq: 1 }, { unread: 1 }, one) : one)), before, compare);
  assert.notEqual(after, before);
  assert.equal(after.sections[0], before.sections[0], "the folder");
  assert.equal(after.sections[1].items.filter((one, index) => one !== before.sections[1].items[index]).length, 1);
  assert.equal(after.sections[2], before.sections[2]);
});

test("a room that goes, comes or is called otherwise takes its place", () => {
  const first = arrange([item(room(1)), item(room(2)), item(room(3))], NO_LIST, compare);
  const less = arrange([item(room(1)), item(room(3))], first, compare);
  assert.deepEqual(names(less)[0][1], ["room 1", "room 3"]);
  const renamed = arrange([item(room(1, { name: "zoo" })), item(room(3))], less, compare);
  assert.deepEqual(names(renamed)[0][1], ["room 3", "zoo"]);
  assert.deepEqual(names(arrange([], renamed, compare)), [["rooms", []], ["direct", []]]);
});
