import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Client } from "parley/store/client.js";
import { emptyState } from "parley/store/reduce.js";
import { BOB, entry, ME, ready } from "./cast.js";

/** A client on a socket of ours, without a page. */
let sockets = [];
globalThis.MessageChannel = class {
  port1 = {};
  port2 = { postMessage: () => queueMicrotask(() => this.port1.onmessage()) };
};
globalThis.WebSocket = class {
  sent = [];
  constructor() {
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
};
const shelf = new Map();
globalThis.localStorage = new Proxy({
  getItem: (key) => shelf.get(key) ?? null,
  setItem: (key, value) => shelf.set(key, value),
  removeItem: (key) => shelf.delete(key),
}, { ownKeys: () => [...shelf.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) });
globalThis.document = { hidden: false };
globalThis.navigator ??= {};
globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => ({ people: [], members: [] }) });

beforeEach(() => {
  sockets = [];
  shelf.clear();
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const direct = entry({ id: "9", kind: "direct", name: "", counterpart: BOB });

function connect() {
  const client = new Client({ state: emptyState(ME), version: "v", csrf: "", url: "ws://x/ws/" });
  client.keepSoon = client.keepNow = () => {};
  client.socket.connect();
  const ws = sockets.at(-1);
  ws.onopen();
  const receive = async (...frames) => {
    for (const frame of frames) ws.onmessage({ data: JSON.stringify(frame) });
    await settle();
  };
  return { client, ws, receive, watched: () => ws.sent.filter((one) => one.type === "presence.watch").map((one) => one.payload.users) };
}

test("at the first greeting the presence of everybody in the list is asked for", async () => {
  const { client, receive, watched } = connect();
  await receive(ready([direct], { limits: {} }));
  assert.equal(client.status.value.phase, "live");
  assert.deepEqual(watched().at(-1), [BOB.id]);
  client.socket.close();
});

test("rooms of a paged greeting, and one that comes later, add their people", async () => {
  const { client, receive, watched } = connect();
  await receive(ready([], { more: true }), { id: "s2", ts: 0, type: "ready.rooms", payload: { rooms: [direct], more: false } });
  assert.deepEqual(watched().at(-1), [BOB.id]);
  const carol = { id: "3", handle: "carol", name: "Carol" };
  const rooms = [entry({ id: "10", kind: "direct", name: "", counterpart: carol })];
  await receive({ id: "u", ts: 0, type: "user.state", payload: { prev: 3, rev: 4, rooms } });
  assert.deepEqual(watched().at(-1).toSorted(), [BOB.id, carol.id]);
  client.socket.close();
});

const bye = (code) => ({ id: "b", ts: 0, type: "bye", payload: { code, reason: "", resume: false } });
const kept = () => [...shelf.keys()].filter((key) => /^parley\.(draft|out)\./.test(key)).map((key) => key.split(".")[1]).sort();

async function writing() {
  const made = connect();
  await made.receive(ready([entry()], { limits: {} }));
  made.client.drafts.set("7", { text: "half a sen", reply_to: null });
  made.client.say("7", "not yet acknowledged", null);
  shelf.set("parley.draft.2.7", JSON.stringify({ text: "somebody else's" }));
  assert.deepEqual(kept(), ["draft", "draft", "out"]);
  return made;
}

test("a sign-in ended elsewhere keeps what she wrote and did not send", async () => {
  for (const code of [4503, 4003]) {
    const { client, ws, receive } = await writing();
    await receive(bye(code));
    ws.onclose({ code });
    assert.equal(client.ended.value, true, `${code}`);
    assert.equal(client.keepsWords, true);
    assert.deepEqual(kept(), ["draft", "draft", "out"]);
    client.drafts.set("7", { text: "half a sentence", reply_to: null });
    assert.match(shelf.get("parley.draft.1.7"), /sentence/, "the composer's last words as well");
    await settle();
    shelf.clear();
  }
});

test("a sign-out in another tab of this browser ends this one at once and leaves nothing of hers", async () => {
  const { client } = await writing();
  client.listen();
  const elsewhere = new BroadcastChannel("parley");
  elsewhere.postMessage({ signedOut: "2" });
  await settle();
  assert.equal(client.ended.value, false, "another person's");
  elsewhere.postMessage({ signedOut: client.me });
  await settle();
  assert.equal(client.ended.value, true);
  assert.equal(client.keepsWords, false);
  client.drafts.set("7", { text: "written after", reply_to: null });
  assert.deepEqual([...shelf.keys()], ["parley.draft.2.7"]);
  elsewhere.close();
  client.tabs.close();
});

test("a disabled account leaves nothing of hers, a server that restarts keeps everything on screen", async () => {
  const { client, ws } = await writing();
  ws.onclose({ code: 4504 });
  assert.equal(client.ended.value, true);
  assert.deepEqual([...shelf.keys()], ["parley.draft.2.7"]);
  shelf.clear();
  const other = await writing();
  sockets.at(-1).onclose({ code: 4012 });
  assert.equal(other.client.ended.value, false);
  other.client.socket.close();
});

test("after a live reset of a room its entry is read again; one that is overtaken by the own stream twice", async () => {
  const { client, receive } = connect();
  await receive(ready([entry()], { limits: {} }));
  const asked = [];
  const answers = [{ name: "old news" }, { name: "renamed", favourite: true }];
  const { fetch } = globalThis;
  globalThis.fetch = async (address) => {
    asked.push(address);
    const more = answers.shift();
    if (answers.length) await receive({ id: "u", ts: 0, type: "user.state", payload: { prev: 3, rev: 4 } });
    return { ok: true, status: 200, json: async () => ({ room: {}, entry: entry({ rev: 50, ...more }) }) };
  };
  await receive({ id: "r", ts: 0, type: "room.reset", payload: { room: "7", rev: 50, reason: "too_far_behind" } });
  await settle();
  await settle();
  globalThis.fetch = fetch;
  assert.deepEqual(asked, ["/api/v1/rooms/7/", "/api/v1/rooms/7/"]);
  assert.deepEqual([client.state.value.rooms["7"].name, client.state.value.rooms["7"].favourite], ["renamed", true]);
  client.socket.close();
});

test("a mark that was never confirmed is told again, unless the position was set back elsewhere meanwhile", async () => {
  for (const [rewinds, told] of [[0, 1], [1, 0]]) {
    const { client, ws, receive } = connect();
    await receive(ready([entry({ last_seq: 9, read_seq: 3, unread: 6 })]));
    client.reads.mark("7", 8);
    assert.deepEqual(ws.sent.filter((one) => one.type === "read.mark").map((one) => one.payload.seq), [8]);
    ws.onclose({ code: 1006 });
    client.socket.connect();
    const again = sockets.at(-1);
    again.onopen();
    const back = entry({ last_seq: 9, read_seq: 3, unread: 6, ...(rewinds ? { rewinds } : {}) });
    again.onmessage({ data: JSON.stringify(ready([back], { resume: { 7: "ok" } })) });
    again.onmessage({ data: JSON.stringify({ id: "r", ts: 0, type: "room.synced", payload: { room: "7", prev: 10, rev: 10 } }) });
    await settle();
    assert.equal(client.status.value.phase, "live");
    assert.equal(again.sent.filter((one) => one.type === "read.mark").length, told, `rewinds ${rewinds}`);
    assert.equal(client.state.value.rooms["7"].read_seq, rewinds ? 3 : 8);
    client.socket.close();
  }
});

test("a room that goes while one looks is known with the reason; a fresh start has lost nothing", async () => {
  const { client, receive } = connect();
  await receive(ready([entry(), direct], { limits: {} }));
  assert.deepEqual(client.lost.value, {});
  const membership = { user: { id: ME.id, handle: "alice", name: "Alice" }, role: "member", joined_rev: 1, rev: 11, left_rev: 11, reason: "banned" };
  await receive(
    { id: "m", ts: 0, type: "member.left", payload: { room: "7", prev: 10, rev: 11, membership } },
    { id: "u", ts: 0, type: "user.state", payload: { prev: 3, rev: 4, left: ["7"] } },
  );
  assert.deepEqual([client.lost.value["7"].reason, client.lost.value["7"].room.name], ["banned", "general"]);
  await receive(ready([], { limits: {} }));
  assert.equal(client.lost.value["9"].reason, "gone", "while the line was cut");
  client.socket.close();
});
