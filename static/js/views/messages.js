/**
 * The message list: a window of at most MOST messages over what is held, moved as one scrolls. Long, because the
 * window, the place of the view and what counts as read are one piece of knowledge and must not contradict each other.
 */

import { html } from "htm/preact";
import { Component } from "preact";
import { t } from "parley/lib/i18n.js";
import { dayName, moment } from "parley/lib/time.js";
import { rowAt, rowsBetween, runAround } from "parley/store/rows.js";
import { addresses, canBeUnread, unreadOf } from "parley/store/unread.js";
import { client } from "parley/views/client.js";
import { editing, selected, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { behind, withBehind } from "parley/views/lazy.js";
import { listing } from "parley/views/listing.js";
import { LongPress } from "parley/views/longpress.js";
import { Message, Pending } from "parley/views/message.js";
import { personOf } from "parley/views/person.js";
import { facesBySeq, hasReceipts } from "parley/views/receipts.js";
import { go, pathOf, showPane } from "parley/views/route.js";
import { anchorOf, AT_END_PX, distanceToEnd, lastVisibleSeq, restoreAnchor } from "parley/views/scroll.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Log} Log */
/** @typedef {import("parley/views/scroll.js").Anchor} Anchor */
/** @typedef {{ kind: "end" } | { kind: "seq", seq: number, offset: number } | { kind: "divider" }} Goal */
/** @typedef {{ room: Room, target: number | null, visit: number, restored: boolean, onReply: (row: any) => void,
 *   handle: { current: any } }} Props `handle`: for whoever speaks to the list (Preact gives components no `ref`) */

const MOST = 240;
/** So many are drawn when a place is opened, and so many more at a time: each drawing is one short task. */
const FIRST = 40;
const STEP = 20;
const EDGE_PX = 1200;
const READ_MS = 500;
/** How long to wait for the present before the past kept on disk is shown. */
const CURRENT_MS = 1200;
const DIVIDER_PX = 96;

export class MessageList extends Component {
  /** @param {Props} props */
  constructor(props) {
    super(props);
    this.state = { loading: false, error: "" };
    /** @type {HTMLElement | null} */
    this.scroller = null;
    /** @type {HTMLElement | null} */
    this.content = null;
    this.low = 0;
    this.high = 0;
    this.opened = false;
    this.opening = false;
    /** The past is shown while the present is on its way; did the person scroll in it? */
    this.early = false;
    this.moved = false;
    this.placedAt = 0;
    this.pinned = true;
    /** @type {Anchor | null} */
    this.anchor = null;
    /** @type {Goal | null} */
    this.goal = null;
    /** @type {number | null} */
    this.divider = null;
    this.seen = props.room.read_seq;
    this.marked = props.target;
    this.offered = false;
    this.edgeBusy = false;
    this.readTimer = 0;
    this.readFrom = 0;
    this.placeTimer = 0;
    /** Where loading failed: above, below, nowhere. @type {-1 | 0 | 1} */
    this.failed = 0;
    this.current = false;
    this.wasLive = false;
    /** Set back before one's eyes: nothing is read until one leaves, writes or presses Esc. */
    this.paused = false;
    this.rewinds = props.room.rewinds ?? 0;
    /** The message Tab stops at, by its key. */
    this.stop = "";
    this.hadFocus = false;
    this.press = new LongPress((event) => this.pressOn(event));
    this.following = "";
    this.attention = () => this.considerRead();
    this.keys = (/** @type {KeyboardEvent} */ event) => withBehind(({ onMessageKey }) => onMessageKey(event, this));
    this.leaving = () => this.keepPlace();
  }

  /** @returns {Log | undefined} */
  get log() {
    return client.state.value.logs[this.props.room.id];
  }

  /** As it is now: what was drawn may be older. @returns {Room} */
  get room() {
    return client.state.value.rooms[this.props.room.id] ?? this.props.room;
  }

  /** @returns {HTMLCollectionOf<Element>} */
  get nodes() {
    return /** @type {HTMLElement} */ (this.content).getElementsByClassName("message");
  }

  componentDidMount() {
    this.watcher = new ResizeObserver(() => this.steady());
    if (this.scroller) this.watcher.observe(this.scroller);
    if (this.content) this.watcher.observe(this.content);
    addEventListener("focus", this.attention);
    addEventListener("pagehide", this.leaving);
    document.addEventListener("visibilitychange", this.attention);
    document.addEventListener("keydown", this.keys);
    this.props.handle.current = this;
    this.open();
  }

  componentWillUnmount() {
    if (this.props.handle.current === this) this.props.handle.current = null;
    this.watcher?.disconnect();
    removeEventListener("focus", this.attention);
    removeEventListener("pagehide", this.leaving);
    document.removeEventListener("visibilitychange", this.attention);
    document.removeEventListener("keydown", this.keys);
    this.press.lift();
    clearTimeout(this.readTimer);
    clearTimeout(this.placeTimer);
    this.keepPlace();
  }

  /** @param {Props} before */
  componentDidUpdate(before) {
    if (before.visit !== this.props.visit && this.props.target !== null) {
      this.marked = this.props.target;
      this.open();
    }
    if (this.opened && !this.covered()) {
      // The room was reset: what was shown is no longer held.
      this.opened = false;
      this.open();
    }
    this.steady();
    this.keepFocus();
    this.considerEdges();
    this.considerRead();
    this.considerReceipts();
    // What could not be opened without a connection opens by itself with one.
    if (this.state.error && !this.opened && client.status.value.phase === "live" && !this.wasLive) this.open();
    this.wasLive = client.status.value.phase === "live";
  }

  // ---- opening ------------------------------------------------------------------------------------------------------

  /** What is held is shown at once, as the past it may be; once the present is known the view goes where it belongs. */
  async open() {
    if (this.opening) return;
    this.opening = true;
    this.setState({ error: "" });
    const timer = setTimeout(() => this.setState({ loading: true }), 200);
    const { target } = this.props;
    const wasLive = client.status.value.phase === "live";
    const first = this.aim(false);
    try {
      const there = !this.opened && this.placeHeld(first);
      if (!there || !wasLive) {
        this.early = this.opened && target === null;
        if (!wasLive) await client.current(CURRENT_MS);
        const live = client.status.value.phase === "live";
        const stay = this.opened && this.early && (this.moved || !live);
        this.early = false;
        if (!stay) await this.openAt(first.kind === "seq" ? first : this.aim(true));
      }
      this.current = client.status.value.phase === "live";
    } catch (error) {
      const top = this.log?.rows.top ?? 0;
      if (this.opened) toast(sentence(error));
      else if (top) this.place({ kind: "end" }, top);
      else this.setState({ error: sentence(error) });
    } finally {
      clearTimeout(timer);
      this.opening = this.early = this.moved = false;
      this.setState({ loading: false });
      // Another message was asked for meanwhile.
      if (this.props.target !== target && this.props.target !== null) this.open();
    }
  }

  /**
   * Where to open: the message in the address, the place left by a reload, the first unread, else the present.
   * @param {boolean} again the first unread may have been read since
   * @returns {Goal}
   */
  aim(again) {
    const { target, restored } = this.props;
    const room = this.room;
    const unread = unreadOf(room, this.log, client.me);
    if (unread > 0 && this.divider === null) this.divider = room.read_seq;
    const place = restored && target === null ? readPlace(room.id) : null;
    if (target !== null) return { kind: "seq", seq: target, offset: 120 };
    if (place) return { kind: "seq", seq: place.seq, offset: place.offset };
    return { kind: unread > 0 || (again && this.divider !== null) ? "divider" : "end" };
  }

  /**
   * The message a goal is about (0: nothing was ever said).
   * @param {Goal} goal
   */
  wanted(goal) {
    const { last_seq } = this.room;
    if (goal.kind === "seq") return Math.max(1, Math.min(goal.seq, last_seq));
    return goal.kind === "divider" ? Math.min((this.divider ?? last_seq) + 1, last_seq) : last_seq;
  }

  /**
   * Show what is held of a goal, or else of the newest; whether that is all there is to do.
   * @param {Goal} goal
   */
  placeHeld(goal) {
    const log = this.log;
    if (!log?.rows.size) return false;
    const wanted = this.wanted(goal);
    const held = Boolean(rowAt(log.rows, wanted)) && !(goal.kind === "seq" && goal.seq !== wanted);
    if (held) this.place(goal, wanted);
    else if (goal.kind !== "seq") this.place({ kind: "end" }, log.rows.top);
    return held;
  }

  /** @param {Goal} goal */
  async openAt(goal) {
    const { room, target } = this.props;
    // Only the present can tell that there is no such message.
    if (target !== null && client.status.value.phase === "live" && this.wanted(goal) !== target) {
      toast(t("message.missing"));
      this.marked = null;
      go(pathOf(room.id), { replace: true });
      await this.show({ kind: "end" });
    } else await this.show(goal);
  }

  /**
   * Bring a place into the window, loading it if it is not held, and put the view there.
   * @param {Goal} goal
   */
  async show(goal) {
    const held = () => this.log && rowAt(this.log.rows, this.wanted(goal));
    if (this.wanted(goal) > 0 && !held()) {
      await client.load(this.props.room.id, goal.kind === "end" ? {} : { around: this.wanted(goal) });
    }
    this.place(goal, held() ? this.wanted(goal) : (this.log?.rows.top ?? 0));
  }

  /**
   * Put the window around a held message, and the view where the goal says.
   * @param {Goal} goal
   * @param {number} centre
   */
  place(goal, centre) {
    const log = this.log;
    if (!log) return;
    const run = runAround(log.rows, centre);
    if (run) {
      this.low = Math.max(run[0], centre - FIRST / 2);
      this.high = Math.min(run[1], this.low + FIRST - 1);
      this.low = Math.max(run[0], Math.min(this.low, this.high - FIRST + 1));
    } else {
      this.low = 1;
      this.high = 0;
    }
    this.opened = true;
    this.pinned = goal.kind === "end";
    this.goal = goal;
    this.anchor = null;
    this.forceUpdate();
  }

  /** What was shown is still held, or nothing was ever said. */
  covered() {
    const log = this.log;
    if (!log) return true;
    if (this.high < this.low) return this.props.room.last_seq === 0 || log.rows.size === 0;
    return Boolean(rowAt(log.rows, this.low) && rowAt(log.rows, this.high));
  }

  // ---- the window ---------------------------------------------------------------------------------------------------

  /** The window follows what arrives at its end; nothing else moves it here. */
  follow() {
    const log = this.log;
    if (!log || !this.opened || this.early) return;
    if (this.high < this.low) {
      // Nothing was ever said here: begin with whatever came.
      const run = log.rows.top ? runAround(log.rows, log.rows.top) : null;
      if (run) [this.low, this.high] = run;
    }
    if (this.high < this.low) return;
    const room = this.pinned ? Infinity : MOST - (this.high - this.low + 1);
    let added = 0;
    while (added < room && rowAt(log.rows, this.high + 1)) {
      this.high += 1;
      added += 1;
    }
    if (this.pinned) this.low = Math.max(this.low, this.high - MOST + 1);
  }

  atEnd() {
    return this.opened && this.high >= this.props.room.last_seq;
  }

  considerEdges() {
    const { scroller } = this;
    if (!scroller || !this.opened || this.edgeBusy || this.goal) return;
    if (scroller.scrollTop < EDGE_PX && this.low > 1) this.extend(-1);
    else if (distanceToEnd(scroller) < EDGE_PX && !this.atEnd()) this.extend(1);
  }

  /**
   * Let the window grow at one of its ends by what is held there, or load it.
   * @param {-1 | 1} way
   */
  async extend(way) {
    const log = this.log;
    if (!log || this.high < this.low) return;
    const { room } = this.props;
    const edge = way < 0 ? this.low : this.high;
    const run = runAround(log.rows, edge, STEP);
    const more = run && (way < 0 ? run[0] < edge : run[1] > edge);
    this.edgeBusy = true;
    try {
      if (more) {
        // In a task of its own, neither the one that drew the last nor one that paints: many short tasks leave room for
        // fingers and keys.
        await new Promise((next) => setTimeout(next));
        if (this.scroller) this.widen(way);
        return;
      }
      if (this.failed === way) return;
      await client.load(room.id, way < 0 ? { before: edge } : { after: edge });
    } catch {
      this.failed = way;
    } finally {
      this.edgeBusy = false;
    }
    if (!this.scroller) return;
    const after = this.log && runAround(this.log.rows, edge, 1);
    if (!after || (way < 0 ? after[0] === edge : after[1] === edge)) this.forceUpdate();
    else this.considerEdges();
  }

  /** @param {-1 | 1} way */
  widen(way) {
    const log = this.log;
    const edge = way < 0 ? this.low : this.high;
    const run = log && this.opened && runAround(log.rows, edge, STEP);
    if (!run) return;
    this.holdPlace();
    if (way < 0) {
      this.low = run[0];
      if (!this.pinned) this.high = Math.min(this.high, this.low + MOST - 1);
    } else {
      this.high = run[1];
      this.low = Math.max(this.low, this.high - MOST + 1);
    }
    this.forceUpdate();
  }

  again = () => {
    this.failed = 0;
    this.considerEdges();
    this.forceUpdate();
  };

  // ---- the view's place ---------------------------------------------------------------------------------------------

  /** After every drawing and every change of size: the same message under the same pixel. */
  steady() {
    const { scroller, content } = this;
    if (!scroller || !content) return;
    if (this.goal && this.opened) {
      const { goal } = this;
      if (goal.kind === "end") scroller.scrollTop = scroller.scrollHeight;
      else {
        const node =
          goal.kind === "divider"
            ? content.querySelector("[data-divider]")
            : (content.querySelector(`[data-seq="${goal.seq}"]`) ?? this.nodes[this.nodes.length - 1]);
        const offset = goal.kind === "divider" ? DIVIDER_PX : goal.offset;
        if (node) scroller.scrollTop += node.getBoundingClientRect().top - scroller.getBoundingClientRect().top - offset;
        else scroller.scrollTop = scroller.scrollHeight;
      }
      this.goal = null;
      this.placedAt = scroller.scrollTop;
      this.pinned = this.atEnd() && distanceToEnd(scroller) <= AT_END_PX;
      this.holdPlace();
      this.considerEdges();
    } else if (this.pinned) {
      // A hand that has just left the end is left alone; the browser tells of it in a moment.
      if (scroller.scrollTop < Math.min(this.placedAt, scroller.scrollHeight - scroller.clientHeight) - AT_END_PX) return;
      if (distanceToEnd(scroller) > 0) scroller.scrollTop = scroller.scrollHeight;
      this.placedAt = scroller.scrollTop;
    } else if (this.anchor) restoreAnchor(scroller, this.anchor);
  }

  holdPlace() {
    if (this.scroller && this.content) this.anchor = anchorOf(this.scroller, this.nodes);
  }

  onScroll = () => {
    const { scroller } = this;
    if (!scroller || !this.opened || this.goal) return;
    if (this.early && Math.abs(scroller.scrollTop - this.placedAt) > AT_END_PX) this.moved = true;
    const pinned = this.atEnd() && distanceToEnd(scroller) <= AT_END_PX;
    // What grew since the hand scrolled, before the browser told of it.
    if (this.anchor && !this.pinned) restoreAnchor(scroller, this.anchor);
    this.holdPlace();
    const offered = !pinned && distanceToEnd(scroller) > scroller.clientHeight / 2;
    if (pinned !== this.pinned || offered !== this.offered) {
      this.pinned = pinned;
      this.offered = offered;
      this.forceUpdate();
    }
    this.failed = 0;
    this.considerEdges();
    this.considerRead();
    if (!this.placeTimer) {
      this.placeTimer = window.setTimeout(() => {
        this.placeTimer = 0;
        this.keepPlace();
      }, 250);
    }
  };

  /** Where the view is, for a reload or the way back. */
  keepPlace() {
    const { scroller, content } = this;
    if (!this.opened || !scroller || !content) return;
    const anchor = this.pinned ? null : this.anchor;
    const seq = Number(anchor?.node.getAttribute("data-seq"));
    writePlace(this.props.room.id, anchor && seq ? { seq, offset: anchor.offset } : null);
  }

  toPresent = () => {
    if (!this.pinned && !this.paused) this.divider = null;
    const { room, target } = this.props;
    // The way back is the browser's; a reload is to stay here.
    if (target !== null) {
      this.marked = null;
      go(pathOf(room.id));
    }
    // The button that was pressed is about to go.
    if (document.activeElement?.classList.contains("float")) this.scroller?.focus({ preventScroll: true });
    this.show({ kind: "end" }).catch((error) => this.setState({ error: sentence(error) }));
  };

  /** An own message was sent: show it. */
  sent() {
    this.paused = false;
    if (!this.pinned) this.toPresent();
  }

  /** Esc: everything is read, and the divider has done its work. Returns whether there was anything to do. */
  dismiss() {
    const { id, last_seq } = this.room;
    const unread = unreadOf(this.room, this.log, client.me) > 0;
    const was = this.divider !== null || this.paused || unread;
    this.divider = null;
    this.paused = false;
    if (unread) client.reads.mark(id, last_seq);
    if (was) this.forceUpdate();
    return was;
  }

  // ---- the focus ----------------------------------------------------------------------------------------------------

  /** @returns {HTMLElement[]} */
  get articles() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (/** @type {HTMLElement} */ (this.content).querySelectorAll(".message > article"))];
  }

  /**
   * The focus goes to the next message; from elsewhere it comes to the one that Tab would stop at, if that is on screen,
   * else to the last that is. At its ends the window goes along.
   * @param {-1 | 1} way
   */
  walk(way) {
    const { scroller } = this;
    const { articles } = this;
    if (!scroller || !articles.length) return false;
    const here = document.activeElement?.closest(".message > article");
    const index = articles.indexOf(/** @type {HTMLElement} */ (here));
    let next = articles[index + way];
    if (index < 0) {
      const view = scroller.getBoundingClientRect();
      const seen = articles.filter((one) => one.getBoundingClientRect().bottom > view.top + 1 && one.getBoundingClientRect().top < view.bottom - 1);
      next = seen.find((one) => one.tabIndex === 0) ?? seen[seen.length - 1];
    }
    if (!next) {
      if (way < 0 ? this.low > 1 : !this.atEnd()) this.considerEdges();
      return index >= 0;
    }
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    // Before anything is drawn: a list that believes itself at its end would go back there.
    this.onScroll();
    return true;
  }

  /** @param {FocusEvent} event */
  onFocusIn = (event) => {
    const node = /** @type {Element} */ (event.target).closest(".message");
    this.hadFocus = node !== null;
    const key = node?.getAttribute("data-seq") ?? node?.getAttribute("data-client-id") ?? "";
    if (!key || key === this.stop) return;
    this.stop = key;
    this.forceUpdate();
  };

  onFocusOut = () => {
    // A node that is taken away sends no word of it; one that loses the focus does.
    this.hadFocus = false;
  };

  /** The message that had the focus has left the window: the list has it then, so the keys go on. */
  keepFocus() {
    if (!this.hadFocus || document.activeElement !== document.body) return;
    this.hadFocus = false;
    const node = this.content?.querySelector(".message > article[tabindex='0']");
    const near = node && this.stop === (node.closest(".message")?.getAttribute("data-seq") ?? "");
    /** @type {HTMLElement | null} */ (near ? node : this.scroller)?.focus({ preventScroll: true });
  }

  /**
   * The stored message around a node.
   * @param {Element} node
   */
  rowOf(node) {
    const seq = Number(node.closest(".message[data-seq]")?.getAttribute("data-seq"));
    return seq && this.log ? rowAt(this.log.rows, seq) : undefined;
  }

  // ---- the finger and the pointer -----------------------------------------------------------------------------------

  /** @param {MouseEvent} event */
  onClick = (event) => {
    const user = /** @type {Element} */ (event.target).closest(".mention")?.getAttribute("data-user") ?? "";
    if (/^\d+$/.test(user)) showPane(`person:${user}`);
  };

  /** @param {PointerEvent} event */
  pressOn(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a, button, textarea, .mention")) return null;
    const article = /** @type {HTMLElement | null} */ (target.closest("article"));
    const row = article && this.rowOf(article);
    if (!article || !row || row.deleted) return null;
    return () => {
      const acts = behind.peek();
      acts?.openMessageMenu(article, { room: this.props.room.id, row, onReply: this.props.onReply, all: true });
      return acts !== null;
    };
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /** Read is what was on screen for half a second in a visible, focused tab. */
  considerRead() {
    const { scroller, content } = this;
    if (!scroller || !content || !this.opened || this.goal) return;
    const attentive = document.visibilityState === "visible" && document.hasFocus();
    if (!attentive) {
      clearTimeout(this.readTimer);
      this.readTimer = 0;
      return;
    }
    const seq = lastVisibleSeq(scroller, this.nodes);
    if (seq > this.seen) {
      this.seen = seq;
      if (!this.pinned) this.forceUpdate();
    }
    const { room } = this.props;
    const current = client.state.value.rooms[room.id];
    if (this.readTimer || this.paused || !current || seq <= current.read_seq) return;
    this.readFrom = seq;
    this.readTimer = window.setTimeout(() => {
      this.readTimer = 0;
      if (!this.scroller || !this.content) return;
      if (this.paused || document.visibilityState !== "visible" || !document.hasFocus()) return;
      const now = lastVisibleSeq(this.scroller, this.nodes);
      client.reads.mark(room.id, Math.min(this.readFrom, now));
      this.considerRead();
    }, READ_MS);
  }

  /**
   * Set back, here or on another device, while one is in the room: it stays unread until one leaves, writes or presses
   * Esc, because it is on screen and would be read again half a second later.
   */
  considerRewind() {
    const { rewinds = 0, read_seq } = this.room;
    if (rewinds === this.rewinds) return;
    this.rewinds = rewinds;
    if (!this.current) return;
    this.paused = true;
    this.divider = read_seq;
  }

  /** Whoever is in a room of few people sees how far the others have read. */
  considerReceipts() {
    const { id } = this.props.room;
    const live = client.status.value.phase === "live" && hasReceipts(id);
    const key = live ? id : "";
    if (key === this.following) return;
    this.following = key;
    if (key) client.reads.follow(id).catch(() => (this.following = ""));
  }

  /** What came while nobody looked gets the divider too, and what a kept past did not know of. */
  considerDivider() {
    const { room } = this.props;
    if (!this.opened) return;
    const caughtUp = !this.current && client.status.value.phase === "live";
    if (caughtUp) this.current = true;
    if (this.divider !== null || (document.hasFocus() && !caughtUp)) return;
    if (unreadOf(room, this.log, client.me) > 0) this.divider = room.read_seq;
  }

  unseen() {
    const log = this.log;
    const { last_seq } = this.props.room;
    if (!log || this.pinned) return 0;
    let count = 0;
    for (let seq = Math.max(this.seen, last_seq - 200) + 1; seq <= last_seq; seq += 1) {
      const row = rowAt(log.rows, seq);
      if (!row || canBeUnread(row, client.me)) count += 1;
    }
    return count;
  }

  render() {
    const { room, onReply } = this.props;
    const { loading, error } = this.state;
    const log = this.log;
    this.follow();
    this.considerRewind();
    this.considerDivider();
    const at = (/** @type {number} */ seq) => (log ? rowAt(log.rows, seq) : undefined);
    const rows = log && this.opened && this.high >= this.low ? rowsBetween(log.rows, this.low, this.high) : [];
    const waiting = client.outbox.items.value.filter((item) => item.room === room.id && !(item.seq && at(item.seq)));
    const pending = this.opened && this.atEnd() ? waiting : [];
    const { me } = client;
    const days = listing(rows, pending, me, this.divider);
    const offline = client.status.value.phase !== "live";
    const name = client.state.value.me?.name ?? "";
    const unseen = this.unseen();
    const empty = this.opened && room.last_seq === 0 && !pending.length;
    const faces = facesBySeq(room.id, at, room.last_seq);
    const held = rows.some((row) => String(row.seq) === this.stop) || pending.some((item) => item.client_id === this.stop);
    const stop = held ? this.stop : pending.length ? pending[pending.length - 1].client_id : String(rows[rows.length - 1]?.seq ?? "");
    const edited = editing.value;
    const later = behind.value !== null;
    const chosen = selected.value;
    const entries = (/** @type {import("parley/views/listing.js").Entry[]} */ list) =>
      list.map((entry) => {
        if (entry.kind === "divider") return html`<li key="divider" class="divider" data-divider><span>${t("divider.new")}</span></li>`;
        if (entry.kind === "pending") {
          const { item } = entry;
          return html`<${Pending} key=${entry.key} item=${item} quoted=${item.reply_to === null ? undefined : at(item.reply_to)} head=${entry.head}
            name=${name} offline=${offline} stop=${stop === item.client_id} />`;
        }
        const { row } = entry;
        const key = `${room.id} ${row.seq}`;
        return html`<${Message} key=${entry.key} room=${room.id} row=${row} quoted=${row.reply_to == null ? undefined : at(row.reply_to)}
          name=${personOf(row.author.id)?.name || row.author.name} head=${entry.head} mine=${row.author.id === me} addressed=${addresses(row, me)}
          marked=${this.marked === row.seq} edits=${edited === key && later} chosen=${chosen === key} stop=${stop === String(row.seq)}
          readers=${faces.get(row.seq) ?? ""} onReply=${onReply} />`;
      });
    const failure = html`<span>${t(offline ? "error.disconnected" : "messages.failed")}</span> <button type="button" class="button small" onClick=${this.again}>${t("action.retry")}</button>`;
    return html`<div class="messages-frame">
      <div class="messages" tabindex="-1" role="region" aria-label=${t("landmark.messages")} data-testid="messages"
          ref=${(/** @type {HTMLElement | null} */ node) => (this.scroller = node)} onScroll=${this.onScroll}>
        <div class="messages-content" ref=${(/** @type {HTMLElement | null} */ node) => (this.content = node)}
            onFocusIn=${this.onFocusIn} onFocusOut=${this.onFocusOut} onClickCapture=${this.onClick}
            onPointerDown=${this.press.down} onPointerMove=${this.press.move} onPointerUp=${this.press.lift} onPointerCancel=${this.press.lift}>
          ${this.opened && this.low <= 1 && !empty && html`<p class="beginning">${t(room.kind === "direct" ? "room.beginning.direct" : "room.beginning")}</p>`}
          ${this.opened && this.low > 1 && html`<p class="beginning">${this.failed < 0 ? failure : t("loading")}</p>`}
          <ol class="days">
            ${days.map((day) => html`<li key=${day.key} class="day">
              <h2 class="day-name"><time datetime=${day.key} title=${moment(day.at)}>${dayName(day.at)}</time></h2>
              <ol class="day-messages">${entries(day.entries)}</ol>
            </li>`)}
          </ol>
          ${this.opened && !this.atEnd() && this.high >= this.low && html`<p class="beginning end">${this.failed > 0 ? failure : t("loading")}</p>`}
          ${empty && html`<div class="empty"><p class="empty-title">${t("room.empty")}</p><p>${t(room.archived ? "room.empty.archived" : "room.empty.hint")}</p></div>`}
          ${!this.opened && loading && !error && html`<div class="skeleton" role="status" aria-label=${t("loading")}>${[72, 48, 64, 38, 56].map((width) => html`<div class=${`bone w${width}`}></div>`)}</div>`}
          ${!this.opened && error && html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${() => this.open()}>${t("action.retry")}</button></div>`}
        </div>
      </div>
      ${!this.pinned && this.opened && (unseen > 0 || this.offered || !this.atEnd()) && html`<button type="button" class="float" onClick=${this.toPresent}>
        <${Icon} name="down" />${unseen > 0 ? t("float.new", { count: unseen }) : t("float.present")}
      </button>`}
    </div>`;
  }
}

/** @param {string} room */
function readPlace(room) {
  try {
    return JSON.parse(sessionStorage.getItem(`parley.place.${room}`) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} room
 * @param {{ seq: number, offset: number } | null} place
 */
function writePlace(room, place) {
  try {
    if (place) sessionStorage.setItem(`parley.place.${room}`, JSON.stringify(place));
    else sessionStorage.removeItem(`parley.place.${room}`);
  } catch {
    // the place is then forgotten with the page
  }
}
