import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { signal } from "@preact/signals";
import { apply, emptyState } from "parley/store/reduce.js";
import { Drafts } from "parley/store/drafts.js";
import { ALICE, created, entry, ME, ready } from "./cast.js";

const shelf = new Map();
globalThis.localStorage = new Proxy({
  getItem: (key) => shelf.get(key) ?? null,
  setItem: (key, value) => shelf.set(key, value),
  removeItem: (key) => shelf.delete(key),
}, { ownKeys: () => [...shelf.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) });

beforeEach(() => shelf.clear());

/** One device of Alice's. `put` notes what goes to the server; `told` is the server's word about a draft. */
function device({ live = true, drafts = undefined } = {}) {
  const state = signal(emptyState(ME));
  const greeted = signal(false);
  const sent = [];
  const line = { live };
  const put = async (room, draft) => void sent.push(draft.text);
  const made = new Drafts("1", { state, greeted, live: () => line.live, put });
  let rev = 3;
  const fold = (event) => (state.value = apply(state.value, event));
  const told = (text, seq = 5) => fold({ type: "user.state", payload: { user: "1", prev: rev, rev: (rev += 1), drafts: [{ room: "7", seq, text }] } });
  const greet = (draft = drafts) => {
    fold(ready([entry(draft ? { draft } : {})]));
    rev = 3;
    greeted.value = true;
  };
  return { made, sent, told, fold, greet, line, write: (text, reply_to = null) => made.set("7", { text, reply_to }) };
}

test("what is written goes to the server once it rests, and its echo changes nothing", async () => {
  const { made, sent, told, greet, write } = device();
  greet();
  write("hal");
  write("half a sentence");
  assert.deepEqual(sent, []);
  await made.push("7");
  assert.deepEqual(sent, ["half a sentence"]);
  told("half a sentence");
  assert.equal(made.record("7").dirty, false);
  await made.push("7");
  assert.deepEqual(sent, ["half a sentence"], "nothing new to say");
  write("half a sentence");
  assert.equal(made.record("7").dirty, false, "the same words again are no change");
});

test("the server's word fills a field that nobody touched, takes it back, and marks the room in the list", () => {
  const { made, told, greet } = device({ drafts: { room: "7", seq: 5, text: "from the phone" } });
  greet();
  assert.equal(made.get("7").text, "from the phone");
  assert.deepEqual([...made.rooms.value], ["7"]);
  const before = made.arrived.value;
  told("from the phone, longer");
  assert.equal(made.get("7").text, "from the phone, longer");
  assert.ok(made.arrived.value > before);
  told("");
  assert.equal(made.get("7").text, "");
  assert.deepEqual([...made.rooms.value], []);
});

test("an own message from any device ends the draft on all of them", () => {
  const { made, fold, greet } = device({ drafts: { room: "7", seq: 5, text: "begun" } });
  greet();
  fold(created(6, 11, { author: ALICE }));
  assert.equal(made.get("7").text, "");
  assert.equal(shelf.size, 0);
});

test("words sent while their draft was on its way to the server do not come back", async () => {
  const { made, told, fold, greet, sent, write } = device();
  greet();
  write("hello");
  const pushed = made.push("7");
  write("");
  await pushed;
  told("hello");
  assert.equal(made.get("7").text, "", "the echo of what was sent from here");
  fold(created(6, 11, { author: ALICE }));
  assert.equal(shelf.size, 0);
  await made.push("7");
  assert.deepEqual(sent, ["hello"], "sending needs no call");
});

test("what was written without a connection goes to the server when there is one", async () => {
  const first = device({ live: false });
  first.greet();
  first.write("on the train");
  await first.made.push("7");
  assert.deepEqual(first.sent, []);
  // After a reload, without a connection; the server's old word, read from disk, does not wipe it.
  const second = device({ live: false });
  assert.equal(second.made.get("7").text, "on the train");
  second.greet();
  second.line.live = true;
  await second.made.flush();
  assert.deepEqual(second.sent, ["on the train"]);
});

test("if both have words that the other does not know, the local ones stay and the others are kept beside them", async () => {
  const { made, told, greet, line, sent, write } = device({ live: false });
  greet();
  write("mine");
  told("from the phone");
  assert.deepEqual(made.get("7"), { text: "mine", reply_to: null, aside: "from the phone" });
  line.live = true;
  await made.push("7");
  assert.deepEqual(sent, ["mine"]);
  made.settle("7");
  assert.deepEqual(made.get("7"), { text: "mine", reply_to: null, aside: "" });
});

test("the words beside survive the local ones", () => {
  const { made, told, greet, write } = device({ live: false });
  greet();
  write("mine");
  told("from the phone");
  write("");
  assert.equal(device().made.get("7").aside, "from the phone");
  assert.deepEqual([...made.rooms.value], []);
});

test("a longer version of the other's words needs no second copy", () => {
  const { made, told, greet, write } = device();
  greet();
  told("see you");
  write("see you at eight");
  told("see you ");
  told("see");
  assert.equal(made.get("7").aside, "");
  assert.equal(made.get("7").text, "see you at eight");
});

test("a field in which something just happened is left alone, also before it was kept", () => {
  const { made, told, greet, write } = device();
  greet();
  made.touch("7");
  told("from the phone");
  assert.deepEqual(made.get("7"), { text: "", reply_to: null, aside: "from the phone" });
  write("typed here");
  assert.equal(made.get("7").text, "typed here");
});

test("what an earlier version of the page kept is still there", () => {
  shelf.set("parley.draft.1.7", JSON.stringify({ text: "old", reply_to: 3 }));
  const { made, greet } = device({ drafts: { room: "7", seq: 5, text: "the server's" } });
  greet();
  assert.deepEqual(made.get("7"), { text: "old", reply_to: 3, aside: "the server's" });
});
