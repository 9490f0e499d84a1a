import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffDelay, profileFor } from "parley/net/backoff.js";
import { CommandError, Socket } from "parley/net/socket.js";

/** A socket, a clock and chance in our hands. */
function world({ hidden = false } = {}) {
  const made = [];
  const timers = [];
  const frames = [];
  const phases = [];
  let time = 1_000_000;
  class FakeSocket {
    constructor(url, protocol) {
      Object.assign(this, { url, protocol, sent: [], shut: false });
      made.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.shut = true;
    }
  }
  const socket = new Socket({
    url: "ws://x/ws/",
    greet: () => ({ client: "test", epoch: "e", cursors: { 7: 10 } }),
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => phases.push(status.phase),
    WebSocket: FakeSocket,
    now: () => time,
    setTimeout: (run, ms) => {
      const timer = { run, at: time + ms };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (timer) => timer && timers.includes(timer) && timers.splice(timers.indexOf(timer), 1),
    random: () => 0.5,
    hidden: () => hidden,
  });
  const pass = (ms) => {
    const end = time + ms;
    for (;;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      timers.splice(timers.indexOf(due), 1);
      time = Math.max(time, due.at);
      due.run();
    }
    time = end;
  };
  const last = () => made[made.length - 1];
  const give = (frame) => last().onmessage({ data: JSON.stringify({ id: "s", ts: 0, payload: {}, ...frame }) });
  const greet = () => {
    last().onopen();
    give({ type: "ready", payload: { heartbeat: { interval_s: 30, misses: 3 }, rooms: [] } });
    socket.settled();
  };
  return { socket, made, frames, phases, pass, last, give, greet };
}

test("hello goes first, with epoch and cursors, and ready makes it live", () => {
  const { socket, last, greet, phases } = world();
  socket.connect();
  assert.equal(last().protocol, "parley.v1.json");
  greet();
  assert.equal(last().sent[0].type, "hello");
  assert.deepEqual(last().sent[0].payload, { client: "test", epoch: "e", cursors: { 7: 10 }, network: "auto" });
  assert.deepEqual(phases, ["connecting", "hello", "resuming", "live"]);
});

test("a command is answered by its ack or its error, by id", async () => {
  const { socket, last, give, greet } = world();
  socket.connect();
  greet();
  const sent = socket.ask("message.send", { room: "7" });
  const refused = socket.ask("message.send", { room: "8" });
  const [first, second] = last().sent.slice(-2);
  give({ type: "error", re: second.id, payload: { code: "forbidden", message: "no", retry: false } });
  give({ type: "ack", re: first.id, payload: { seq: 3 } });
  assert.equal((await sent).seq, 3);
  await assert.rejects(refused, (error) => error instanceof CommandError && error.code === "forbidden" && !error.retry);
});

test("what was not answered when the line broke may be sent again", async () => {
  const { socket, last, greet } = world();
  socket.connect();
  greet();
  const sent = socket.ask("message.send", {});
  last().onclose({ code: 1006 });
  await assert.rejects(sent, (error) => error.retry === true);
  await assert.rejects(socket.ask("message.send", {}), (error) => error.code === "disconnected");
});

test("the server's ping is answered at once", () => {
  const { socket, last, give, greet } = world();
  socket.connect();
  greet();
  give({ type: "ping", payload: { now: 1, heads: {} } });
  assert.equal(last().sent.at(-1).type, "pong");
});

test("a silent server is asked, then given up, by our own clock", () => {
  const { socket, made, last, greet, pass } = world();
  socket.connect();
  greet();
  const sent = last().sent.length;
  pass(31_000);
  assert.equal(last().sent.slice(sent).some((frame) => frame.type === "ping"), true);
  assert.equal(made.length, 1);
  pass(62_000);
  assert.equal(made[0].shut, true);
  assert.equal(made.length, 2);
});

test("a close of the 4000s comes back, not before the bye's floor", () => {
  const { socket, made, last, give, greet, pass } = world();
  socket.connect();
  greet();
  give({ type: "bye", payload: { code: 4012, reason: "restart", retry_ms: 5000, resume: true } });
  last().onclose({ code: 4012 });
  assert.equal(socket.status.phase, "backoff");
  socket.nudge();
  pass(4900);
  assert.equal(made.length, 1);
  pass(200);
  assert.equal(made.length, 2);
});

test("coming online tries at once", () => {
  const { socket, made, last, greet } = world();
  socket.connect();
  greet();
  last().onclose({ code: 1006 });
  assert.equal(made.length, 1);
  socket.nudge();
  assert.equal(made.length, 2);
});

for (const code of [4003, 4015, 4500, 4501, 4503, 4504]) {
  test(`${code} stays away until the person does something`, () => {
    const { socket, made, last, greet, pass } = world();
    socket.connect();
    greet();
    last().onclose({ code });
    pass(600_000);
    assert.equal(made.length, 1);
    assert.deepEqual([socket.status.phase, socket.status.reason], ["stopped", code]);
    socket.nudge();
    assert.equal(made.length, 1);
    socket.connect();
    assert.equal(made.length, 2);
  });
}

test("the bye's code counts where the close itself tells nothing", () => {
  const { socket, last, give, greet } = world();
  socket.connect();
  greet();
  give({ type: "bye", payload: { code: 4503, reason: "", retry_ms: 0, resume: false } });
  last().onclose({ code: 1006 });
  assert.equal(socket.status.phase, "stopped");
});

test("frames of a socket that was given up are not heard", () => {
  const { socket, made, frames, greet } = world();
  socket.connect();
  greet();
  const heard = frames.length;
  const old = made[0].onmessage;
  socket.restart();
  old({ data: JSON.stringify({ id: "x", ts: 0, type: "typing", payload: {} }) });
  assert.equal(frames.length, heard);
});

test("delays grow to half a minute, are spread by chance, and wait longer in a hidden tab", () => {
  const random = () => 1;
  assert.deepEqual([0, 1, 2, 10].map((attempt) => backoffDelay(attempt, { random })), [500, 1000, 2000, 30_000]);
  assert.equal(backoffDelay(3, { random: () => 0 }), 0);
  assert.equal(backoffDelay(0, { random: () => 0, floor: 700 }), 700);
  assert.ok(backoffDelay(4, { random, hidden: true }) > backoffDelay(4, { random }));
});

test("two lost sockets in five minutes step towards lossy, ten quiet minutes step back", () => {
  const minute = 60_000;
  assert.equal(profileFor([], 0), "auto");
  assert.equal(profileFor([0], minute), "auto");
  assert.equal(profileFor([0, minute], 2 * minute), "mobile");
  assert.equal(profileFor([0, 1, 2, 3], minute), "lossy");
  assert.equal(profileFor([0, minute], 12 * minute), "auto");
  assert.equal(profileFor([], 0, { type: "cellular" }), "mobile");
});
