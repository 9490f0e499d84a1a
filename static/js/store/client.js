/**
 * The client: one socket, one store, one outbox. Frames are folded in batches, so a burst costs one drawing; what the
 * fold finds missing is asked for here.
 */

import { batch, computed, signal } from "@preact/signals";
import { ACCOUNT_DISABLED, CommandError, SESSION_EXPIRED, SESSION_REVOKED, SIGNED_OUT, Socket } from "parley/net/socket.js";
import { Rest } from "parley/net/rest.js";
import { Drafts } from "parley/store/drafts.js";
import { Edits } from "parley/store/edits.js";
import { forget, forgetRooms, save } from "parley/store/disk.js";
import { holdTab, Outbox, randomId } from "parley/store/outbox.js";
import { Reads } from "parley/store/reads.js";
import { apply, gaps, isStale } from "parley/store/reduce.js";
import { rowAt } from "parley/store/rows.js";
import { Whispers } from "parley/store/whispers.js";

/** @typedef {import("parley/store/shapes.js").Frame} Frame */
/** @typedef {import("parley/store/shapes.js").State} State */
/** @typedef {import("parley/store/shapes.js").Message} Message */

const CURSORS = 500;
const SAVE_MS = 1500;
const RESUME_MS = 8000;
const TYPING_MS = 3000;
const WATCHED = 200;
const IDLE_MS = 10 * 60_000;
const PAGE = 60;

export class Client {
  /**
   * @param {{ state: State, version: string, csrf: string, url: string }} given
   */
  constructor({ state, version, csrf, url }) {
    this.version = version;
    /** @type {import("@preact/signals").Signal<State>} */
    this.state = signal(state);
    /** @type {import("@preact/signals").Signal<import("parley/net/socket.js").Status>} */
    this.status = signal({ phase: "idle", reason: 0, retryAt: 0 });
    /** Nobody is signed in here any more: nothing is shown, nothing can be written. */
    this.ended = computed(() => this.status.value.phase === "stopped" && SIGNED_OUT.includes(this.status.value.reason));
    /** Rooms that went while the page was open, and why. @type {import("@preact/signals").Signal<Record<string, { room: import("parley/store/shapes.js").Room, reason: string }>>} */
    this.lost = signal({});
    /** Whether `ready` came since the page was opened. */
    this.greeted = signal(false);
    this.limits = signal({ text_code_points: 8000 });
    const user = state.me?.id ?? "";
    const tab = randomId();
    this.release = holdTab(tab);
    this.outbox = new Outbox(user, tab);
    this.edits = new Edits(user);
    this.whispers = new Whispers();
    this.rest = new Rest(csrf, () => this.signedOut());
    /** How often the person's sign-ins changed, as far as is known: who shows them reads them again. */
    this.devicesAt = signal(0);
    /** New messages of others, for the live region. @type {((room: string, message: Message) => void)[]} */
    this.heard = [];
    /** @type {Frame[]} */
    this.inbox = [];
    /** @type {Set<string>} */
    this.syncing = new Set();
    /** @type {Set<string>} */
    this.resuming = new Set();
    /** @type {Map<string, Promise<void>>} */
    this.loading = new Map();
    /** @type {string | null} */
    this.focused = null;
    this.watched = "";
    /** @type {string[]} */
    this.attended = [];
    this.typedAt = 0;
    this.typedIn = "";
    this.blockedUntil = 0;
    this.forgotten = false;
    /** Tells the other tabs of this browser. @type {BroadcastChannel | null} */
    this.tabs = null;
    this.folding = false;
    this.wentIn = false;
    this.activeAt = Date.now();
    /** How this tab shows its person. @type {import("@preact/signals").Signal<"online" | "away">} */
    this.shown = signal("online");
    /** @type {any} */
    this.saveTimer = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => this.flush();
    this.wake = () => channel.port2.postMessage(null);
    this.socket = new Socket({
      url,
      greet: () => this.greet(),
      onFrame: (frame) => this.take(frame),
      onStatus: (status) => this.turned(status),
      hidden: () => document.hidden,
      line: () => /** @type {any} */ (navigator).connection,
    });
    this.drafts = new Drafts(user, {
      state: this.state,
      greeted: this.greeted,
      live: () => this.socket.live,
      put: (room, draft) => this.socket.ask("draft.set", { room, ...draft }),
    });
    this.reads = new Reads({ state: this.state, socket: this.socket, rest: this.rest, changed: () => this.keepSoon() });
  }

  start() {
    this.listen();
    this.outbox.adopt().then(() => this.send());
    addEventListener("online", () => this.socket.nudge());
    addEventListener("offline", () => this.socket.probe());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.keepNow();
      else this.socket.nudge();
    });
    addEventListener("pagehide", () => this.keepNow());
    addEventListener("pageshow", (event) => event.persisted && this.socket.nudge());
    const active = () => {
      this.activeAt = Date.now();
      if (this.shown.value === "away") this.showAs("online");
    };
    for (const sign of ["pointerdown", "keydown", "wheel", "focus"]) addEventListener(sign, active, { passive: true });
    setInterval(() => {
      if (this.ended.value) return;
      if (this.shown.value === "online" && Date.now() - this.activeAt > IDLE_MS) this.showAs("away");
      this.whispers.expire();
      this.watchPresence(true);
      this.outbox.adopt().then(() => this.send());
    }, 60_000);
    this.socket.connect();
  }

  get me() {
    return this.state.value.me?.id ?? "";
  }

  // ---- the conversation with the server -----------------------------------------------------------------------------

  greet() {
    const { logs, epoch } = this.state.value;
    const held = Object.keys(logs).filter((id) => logs[id].rows.size > 0);
    held.sort((a, b) => last(logs[b]) - last(logs[a]));
    const cursors = Object.fromEntries(held.slice(0, CURSORS).map((id) => [id, logs[id].cursor]));
    this.resuming = new Set();
    this.syncing.clear();
    return epoch ? { client: `web/${this.version}`, epoch, cursors } : { client: `web/${this.version}` };
  }

  /** @param {import("parley/net/socket.js").Status} status */
  turned(status) {
    const wasOpen = this.status.value.phase === "live" || this.status.value.phase === "resuming";
    batch(() => {
      this.status.value = status;
      if (status.phase === "backoff" || status.phase === "stopped") {
        this.outbox.requeue();
        this.whispers.hush();
        this.watched = "";
      }
    });
    if (wasOpen && status.phase === "backoff") this.keepSoon();
    if (this.ended.value) this.finish();
    if (status.phase !== "live") return;
    // In the middle of a fold the state is still the one before it: what is on screen is asked for after it.
    if (this.folding) this.wentIn = true;
    else this.went();
  }

  /** Live again: say what is on screen, send what waited. */
  went() {
    this.socket.tell("room.focus", { room: this.focused });
    this.watchPresence();
    if (this.shown.value === "away") this.showAs("away");
    this.reads.resume();
    this.repair();
    this.send();
    this.drafts.flush();
    this.refreshPeople().catch(() => {});
  }

  /** @param {number} [reason] */
  signedOut(reason = SESSION_EXPIRED) {
    if (this.ended.value) return;
    this.socket.close();
    this.turned({ phase: "stopped", reason, retryAt: 0 });
  }

  /** Another tab of this browser signs out: known here before the server says so, and as deliberate as there. */
  listen() {
    if (typeof BroadcastChannel === "undefined") return;
    this.tabs = new BroadcastChannel("parley");
    this.tabs.onmessage = ({ data }) => {
      if (data?.signedOut !== this.me) return;
      this.forget();
      this.signedOut(SESSION_REVOKED);
    };
  }

  /** The person signs out here. */
  async leave() {
    this.tabs?.postMessage({ signedOut: this.me });
    this.socket.close();
    await this.forget();
  }

  /** Signed out from elsewhere, perhaps because this device is in the wrong hands: what others wrote goes. */
  finish() {
    this.release();
    if (this.status.value.reason === ACCOUNT_DISABLED) this.forget();
    else if (this.status.value.reason === SESSION_REVOKED && !this.forgotten) {
      this.forgotten = true;
      forgetRooms();
    }
  }

  /** Whether something she wrote waits here for her next sign-in. */
  get keepsWords() {
    if (this.drafts.closed) return false;
    return this.drafts.rooms.value.size > 0 || this.outbox.items.value.length > 0 || this.edits.size > 0;
  }

  /** @param {Frame} frame */
  take(frame) {
    this.inbox.push(frame);
    if (this.inbox.length === 1) this.wake();
  }

  flush() {
    const frames = this.inbox;
    this.inbox = [];
    /** @type {[string, Message][]} */
    const news = [];
    const live = this.socket.live;
    const before = this.state.value;
    this.folding = true;
    batch(() => {
      let state = before;
      for (const frame of frames) {
        const held = state;
        state = apply(state, frame);
        this.noted(frame, held, state, live ? news : null);
      }
      this.state.value = state;
      if (state !== before) this.keepSoon();
    });
    this.folding = false;
    if (this.wentIn) {
      this.wentIn = false;
      if (this.socket.live) this.went();
    } else if (this.sees(before)) this.watchPresence();
    for (const [room, message] of news) for (const tell of this.heard) tell(room, message);
    if (this.state.value.userGap) this.socket.restart();
    else if (this.socket.open) this.repair();
  }

  /**
   * @param {Frame} frame
   * @param {State} before
   * @param {State} after
   * @param {[string, Message][] | null} news
   */
  noted(frame, before, after, news) {
    const { payload } = frame;
    switch (frame.type) {
      case "ready":
        this.greeted.value = true;
        this.devicesAt.value += 1;
        if (payload.limits) this.limits.value = { ...this.limits.value, ...payload.limits };
        for (const [room, state] of Object.entries(payload.resume ?? {})) if (state !== "gone") this.resuming.add(room);
        if (payload.more) this.resuming.add("*");
        this.settleLater();
        if (before.epoch === payload.epoch) for (const id of Object.keys(before.rooms)) if (!after.rooms[id]) this.lose(before, id);
        break;
      case "ready.rooms":
        if (!payload.more) this.resumed("*");
        break;
      case "user.state":
        if (payload.devices?.length) this.devicesAt.value += 1;
        for (const id of payload.left ?? []) this.lose(before, id);
        break;
      case "room.synced":
        this.syncing.delete(payload.room);
        this.resumed(payload.room);
        if (payload.more) this.sync(payload.room);
        break;
      case "room.reset":
        this.syncing.delete(payload.room);
        this.resumed(payload.room);
        if (news) this.reread(payload.room).catch(() => {});
        break;
      case "message.created":
      case "message.updated":
      case "message.deleted":
        if (payload.message?.author.id === this.me) this.outbox.remove(payload.message.client_id);
        else if (payload.message && frame.type === "message.created") {
          this.whispers.spoke(payload.room, payload.message.author.id);
          // Who says something has read what stands before it; no receipt comes for that.
          this.reads.receipt({ room: payload.room, user: payload.message.author.id, read_seq: payload.message.seq });
          const fresh = before.logs[payload.room] && !rowAt(before.logs[payload.room].rows, payload.message.seq);
          if (news && fresh && after.logs[payload.room]) news.push([payload.room, payload.message]);
        }
        break;
      case "typing":
        if (payload.user !== this.me) this.whispers.typed(payload);
        break;
      case "presence":
        this.whispers.seen(payload);
        break;
      case "receipt":
        this.reads.receipt(payload);
        break;
      case "ping":
      case "pong":
        for (const [room, head] of Object.entries(payload.heads ?? {})) {
          const log = after.logs[room];
          if (log && head > log.cursor && news) setTimeout(() => this.syncIfBehind(room, Number(head)), 1500);
        }
        break;
    }
  }

  /**
   * A room this person is no longer in: who is just looking at it is told.
   * @param {State} before
   * @param {string} id
   */
  lose(before, id) {
    const room = before.rooms[id];
    const reason = before.logs[id]?.stints[this.me]?.reason ?? "gone";
    if (room) this.lost.value = { ...this.lost.value, [id]: { room, reason } };
  }

  settleLater() {
    if (!this.resuming.size) {
      this.socket.settled();
      return;
    }
    // A room the server forgot to close must not keep the person from writing.
    const waited = this.resuming;
    setTimeout(() => {
      if (this.resuming === waited) this.socket.settled();
    }, RESUME_MS);
  }

  /** @param {string} room */
  resumed(room) {
    if (this.resuming.delete(room) && !this.resuming.size) this.socket.settled();
  }

  /** Close every gap: ask for what lies between the cursor and the frames that came after it. */
  repair() {
    if (this.socket.live) for (const room of gaps(this.state.value)) this.sync(room);
  }

  /** @param {string} room */
  sync(room) {
    const log = this.state.value.logs[room];
    if (!log || this.syncing.has(room) || !this.socket.live) return;
    this.syncing.add(room);
    this.socket
      .ask("sync", { room, since: log.cursor })
      .catch(() => {})
      .finally(() => setTimeout(() => this.syncing.delete(room), 5000));
  }

  /**
   * @param {string} room
   * @param {number} head
   */
  syncIfBehind(room, head) {
    const log = this.state.value.logs[room];
    if (log && log.cursor < head) this.sync(room);
  }

  /**
   * Wait until the store is at the present, but not for long.
   * @param {number} ms
   * @returns {Promise<void>}
   */
  current(ms) {
    return new Promise((resolve) => {
      const stop = this.status.subscribe((status) => {
        if (status.phase === "live" || status.phase === "stopped") setTimeout(done);
      });
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        stop();
        resolve();
      }
    });
  }

  // ---- what the person does -----------------------------------------------------------------------------------------

  /**
   * @param {string} room
   * @param {string} text
   * @param {number | null} reply_to
   * @param {string} [name] the room's, for when it is no longer held
   */
  say(room, text, reply_to, name) {
    this.outbox.add(room, text, reply_to, name);
    this.typedAt = 0;
    this.send();
  }

  /** @param {string} client_id */
  retry(client_id) {
    this.outbox.change(client_id, { state: "queued", error: "" });
    this.send();
  }

  /** Send what waits, in order, one in flight a room. */
  send() {
    if (!this.socket.live) return;
    const wait = this.blockedUntil - Date.now();
    if (wait > 0) {
      setTimeout(() => this.send(), wait + 10);
      return;
    }
    for (const item of this.outbox.next()) {
      const { client_id, room, text, reply_to } = item;
      this.outbox.change(client_id, { state: "sending" });
      this.socket
        .ask("message.send", { room, client_id, text, ...(reply_to === null ? {} : { reply_to }) })
        .then((ack) => this.acked(room, client_id, ack))
        .catch((error) => this.refused(client_id, error))
        .finally(() => this.send());
    }
  }

  /**
   * @param {string} room
   * @param {string} client_id
   * @param {{ seq?: number }} ack
   */
  acked(room, client_id, ack) {
    // The row usually came first; if not, the grey text keeps its place until it does.
    const log = this.state.value.logs[room];
    const row = log && ack.seq !== undefined ? rowAt(log.rows, ack.seq) : undefined;
    if (row || !log) this.outbox.remove(client_id);
    else this.outbox.change(client_id, { state: "acked", seq: ack.seq });
  }

  /**
   * @param {string} client_id
   * @param {unknown} error
   */
  refused(client_id, error) {
    if (error instanceof CommandError && error.retry) {
      if (error.code !== "disconnected") this.blockedUntil = Date.now() + (error.retryMs || 2000);
      this.outbox.change(client_id, { state: "queued" });
    } else {
      const message = error instanceof CommandError ? error.message : "";
      this.outbox.change(client_id, { state: "failed", error: message });
    }
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @param {string} text
   */
  edit(room, seq, text) {
    return this.socket.ask("message.edit", { room, seq, text });
  }

  /**
   * @param {string} room
   * @param {number} seq
   */
  erase(room, seq) {
    return this.socket.ask("message.delete", { room, seq });
  }

  /** @param {string} room */
  typing(room) {
    if (this.typedIn === room && Date.now() - this.typedAt < TYPING_MS) return;
    this.typedIn = room;
    this.typedAt = Date.now();
    if (this.socket.live) this.socket.tell("typing.start", { room });
  }

  /** @param {string} room */
  stopTyping(room) {
    if (this.typedIn !== room || !this.typedAt) return;
    this.typedAt = 0;
    if (this.socket.live) this.socket.tell("typing.stop", { room });
  }

  /** @param {string | null} room */
  focus(room) {
    if (this.focused === room) return;
    if (this.focused) this.state.value = apply(this.state.value, { type: "prune", payload: { room: this.focused } });
    this.focused = room;
    if (this.socket.live) this.socket.tell("room.focus", { room });
    this.watchPresence();
  }

  /**
   * Whether other people may be on screen than in an earlier state.
   * @param {State} before
   */
  sees(before) {
    const { rooms, logs } = this.state.value;
    const here = this.focused ?? "";
    if (logs[here]?.stints !== before.logs[here]?.stints) return true;
    return rooms !== before.rooms && Object.keys(rooms).join() !== Object.keys(before.rooms).join();
  }

  /**
   * Follow these people too: a view shows them.
   * @param {string[]} users
   */
  attend(users) {
    this.attended = users;
    this.watchPresence();
  }

  /**
   * Follow whoever the list and the room on screen show.
   * @param {boolean} [again] also if the list is the same
   */
  watchPresence(again = false) {
    const { rooms, logs } = this.state.value;
    const users = new Set(this.attended);
    for (const room of Object.values(rooms)) if (room.counterpart) users.add(room.counterpart.id);
    const log = this.focused ? logs[this.focused] : null;
    if (log) for (const stint of Object.values(log.stints)) if (stint.left_rev == null) users.add(stint.user.id);
    users.delete(this.me);
    const list = [...users].slice(0, WATCHED);
    const key = list.join();
    if (!this.socket.live || (key === this.watched && !again)) return;
    this.watched = key;
    this.socket.tell("presence.watch", { users: list });
  }

  /** @param {"online" | "away"} state */
  showAs(state) {
    this.shown.value = state;
    if (this.socket.live) this.socket.tell("presence.set", { state });
  }

  // ---- pages --------------------------------------------------------------------------------------------------------

  /**
   * Load messages: the newest (`{}`), before or after a seq, or around one. The same request is made once at a time.
   * @param {string} room
   * @param {{ before?: number, after?: number, around?: number, limit?: number }} where
   * @returns {Promise<void>}
   */
  load(room, where) {
    const key = `${room} ${JSON.stringify(where)}`;
    const running = this.loading.get(key);
    if (running) return running;
    const request = this.fetchPage(room, where).finally(() => this.loading.delete(key));
    this.loading.set(key, request);
    return request;
  }

  /**
   * @param {string} room
   * @param {{ before?: number, after?: number, around?: number, limit?: number }} where
   */
  async fetchPage(room, where) {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const page = await this.rest.messages(room, { limit: PAGE, ...where });
      if (!this.state.value.logs[room]) return;
      if (isStale(this.state.value, room, page.rev)) continue;
      batch(() => {
        this.state.value = apply(this.state.value, { type: "page", payload: { room, ...page } });
        for (const row of page.messages) if (row.author.id === this.me) this.outbox.remove(row.client_id);
      });
      this.keepSoon();
      return;
    }
  }

  /** @param {string} room */
  async loadMembers(room) {
    const members = await this.rest.members(room);
    this.state.value = apply(this.state.value, { type: "members", payload: { room, members } });
    this.watchPresence();
  }

  /**
   * A room this person just made, joined or opened; its `user.state` may take a moment longer.
   * @param {import("parley/store/shapes.js").RoomEntry} entry
   */
  entered(entry) {
    this.state.value = apply(this.state.value, { type: "entry", payload: entry });
    this.watchPresence();
    return entry.id;
  }

  /**
   * A reset says nothing of the room's settings and of one's own position in it: both are read anew. What came on the
   * own stream meanwhile may be newer than the answer, then once more.
   * @param {string} room
   */
  async reread(room) {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const { rev } = this.state.value;
      const { entry } = await this.rest.readRoom(room);
      if (this.state.value.rev !== rev) continue;
      if (entry) this.state.value = apply(this.state.value, { type: "reread", payload: entry });
      return;
    }
  }

  /** Names are in no log: after each greeting those held are read again. */
  async refreshPeople() {
    const ids = Object.keys(this.state.value.people).slice(-200);
    if (!ids.length) return;
    const people = await this.rest.people(ids);
    this.state.value = apply(this.state.value, { type: "people", payload: { people } });
  }

  // ---- the disk -----------------------------------------------------------------------------------------------------

  keepSoon() {
    if (this.saveTimer) return;
    this.saveTimer = setTimeout(() => this.keepNow(), SAVE_MS);
  }

  keepNow() {
    clearTimeout(this.saveTimer);
    this.saveTimer = null;
    if (!this.forgotten) save(this.state.value, this.version);
  }

  /** Leave nothing of this person on the device, and write nothing more. */
  async forget() {
    this.forgotten = true;
    this.drafts.closed = true;
    this.edits.closed = true;
    this.outbox.closed = true;
    await forget(this.me);
  }
}

/** @param {import("parley/store/shapes.js").Log} log */
function last(log) {
  return rowAt(log.rows, log.rows.top)?.created_at ?? 0;
}
