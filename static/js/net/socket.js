/**
 * The socket: idle → connecting → hello → resuming → live → backoff → connecting …; any → stopped.
 *
 * It carries frames and knows none of their meaning beyond the conversation itself: hello, heartbeat, answers, bye. It
 * touches no page: sockets, timers and chance are handed in, so tests drive it without a browser.
 */

import { backoffDelay, profileFor } from "parley/net/backoff.js";

/** @typedef {{ id: string, ts: number, type: string, payload: any, re?: string }} Frame */
/** @typedef {{ code: string, message: string, retry: boolean, retry_ms?: number | null, fields?: Record<string, string[]> | null }} ErrorShape */
/** @typedef {"idle" | "connecting" | "hello" | "resuming" | "live" | "backoff" | "stopped"} Phase */
/**
 * What the page shows of the connection. `reason` of a stop: a close code. `retryAt`: when the next attempt starts.
 * @typedef {{ phase: Phase, reason: number, retryAt: number }} Status
 */
/**
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {() => Record<string, any>} greet the payload of `hello`, but for the network
 * @property {(frame: Frame) => void} onFrame
 * @property {(status: Status) => void} onStatus
 * @property {new (url: string, protocol: string) => any} [WebSocket]
 * @property {() => number} [now]
 * @property {(run: () => void, ms: number) => any} [setTimeout]
 * @property {(timer: any) => void} [clearTimeout]
 * @property {() => number} [random]
 * @property {() => boolean} [hidden]
 * @property {() => any} [line] what the browser knows of the network
 */

export const SUBPROTOCOL = "parley.v1.json";
export const SESSION_EXPIRED = 4003;
export const REPLACED = 4015;
export const SESSION_REVOKED = 4503;
export const ACCOUNT_DISABLED = 4504;
/** Whoever looks at this page is nobody the server knows any more. */
export const SIGNED_OUT = [SESSION_EXPIRED, SESSION_REVOKED, ACCOUNT_DISABLED];

const HELLO_MS = 15_000;
const PROBE_MS = 4_000;
const ANSWER_MS = 20_000;
/** Of `WebSocket.readyState`. */
const CLOSING = 2;
const CLOSED = 3;

/** A command that got no answer or a refusal. `retry`: the same one may succeed later. */
export class CommandError extends Error {
  /** @param {ErrorShape} shape */
  constructor(shape) {
    super(shape.message);
    this.code = shape.code;
    this.retry = shape.retry;
    this.retryMs = shape.retry_ms ?? 0;
    this.fields = shape.fields ?? null;
  }
}

export class Socket {
  /** @param {Surroundings} around */
  constructor(around) {
    this.around = {
      WebSocket: globalThis.WebSocket,
      now: () => Date.now(),
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => globalThis.setTimeout(run, ms),
      clearTimeout: (/** @type {any} */ timer) => globalThis.clearTimeout(timer),
      random: Math.random,
      hidden: () => false,
      line: () => undefined,
      ...around,
    };
    /** @type {Status} */
    this.status = { phase: "idle", reason: 0, retryAt: 0 };
    /** @type {any} */
    this.ws = null;
    /** @type {Map<string, { resolve: (payload: any) => void, reject: (error: CommandError) => void, timer: any }>} */
    this.waiting = new Map();
    this.counter = 0;
    this.attempt = 0;
    /** @type {number[]} */
    this.losses = [];
    this.heard = 0;
    this.beat = { interval_s: 30, misses: 3 };
    /** @type {{ code: number, retry_ms: number } | null} */
    this.bye = null;
    /** @type {any} */
    this.timer = null;
    /** @type {any} */
    this.beatTimer = null;
    this.floorUntil = 0;
  }

  get live() {
    return this.status.phase === "live";
  }

  /** Ready for commands: `hello` was answered. */
  get open() {
    return this.status.phase === "live" || this.status.phase === "resuming";
  }

  /** Connect now, whatever the reason for not being connected. */
  connect() {
    if (["connecting", "hello", "resuming", "live"].includes(this.status.phase)) return;
    this.stopTimer();
    this.bye = null;
    this.floorUntil = 0;
    this.dial();
  }

  /** Go away and stay away. */
  close() {
    this.drop();
    this.stopTimer();
    this.enter("idle");
  }

  /** The line may be back or the tab visible: try at once, but never before the server's floor. */
  nudge() {
    const { now } = this.around;
    if (this.status.phase === "backoff") {
      const wait = this.floorUntil - now();
      if (wait > 0) this.later(wait);
      else this.dial();
    } else if (this.open) {
      this.probe();
    }
  }

  /** Is the server there? If nothing is heard within a few seconds the socket is given up. */
  probe() {
    if (!this.open) return;
    const asked = this.around.now();
    this.post("ping", {});
    this.around.setTimeout(() => {
      if (this.open && this.heard < asked) this.lost();
    }, PROBE_MS);
  }

  /** What could not be resumed begins anew: connect again without being counted as lost. */
  restart() {
    this.drop();
    this.dial();
  }

  /** The state the server replayed is whole: commands of the person may flow. */
  settled() {
    if (this.status.phase === "resuming") this.enter("live");
  }

  /**
   * Send a command and wait for its answer.
   * @param {string} type
   * @param {Record<string, any>} payload
   * @returns {Promise<any>} the ack's payload
   */
  ask(type, payload) {
    if (!this.open) return Promise.reject(new CommandError(away()));
    const { setTimeout } = this.around;
    return new Promise((resolve, reject) => {
      const id = this.post(type, payload);
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new CommandError(away()));
        this.probe();
      }, ANSWER_MS);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  /**
   * Send what needs no answer; silently nothing while not connected.
   * @param {string} type
   * @param {Record<string, any>} payload
   */
  tell(type, payload) {
    if (this.open) this.post(type, payload);
  }

  // ---- inside -------------------------------------------------------------------------------------------------------

  /**
   * @param {string} type
   * @param {Record<string, any>} payload
   */
  post(type, payload) {
    this.counter += 1;
    const id = `c${this.counter}`;
    // One that is closing takes nothing more; what was asked is refused when it has closed.
    if (this.ws && this.ws.readyState !== CLOSING && this.ws.readyState !== CLOSED) this.ws.send(JSON.stringify({ id, ts: this.around.now(), type, payload }));
    return id;
  }

  dial() {
    this.stopTimer();
    this.enter("connecting");
    const { WebSocket, url, greet, line, now } = this.around;
    const ws = new WebSocket(url, SUBPROTOCOL);
    this.ws = ws;
    this.bye = null;
    this.heard = now();
    ws.onopen = () => {
      if (this.ws !== ws) return;
      this.enter("hello");
      this.post("hello", { ...greet(), network: profileFor(this.losses, now(), line()) });
    };
    ws.onmessage = (/** @type {{ data: any }} */ event) => {
      if (this.ws === ws) this.receive(event.data);
    };
    ws.onclose = (/** @type {{ code: number }} */ event) => {
      if (this.ws === ws) this.closed(event.code);
    };
    this.timer = this.around.setTimeout(() => this.lost(), HELLO_MS);
  }

  /** @param {any} data */
  receive(data) {
    this.heard = this.around.now();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (!frame || typeof frame.type !== "string") return;
    frame.payload ??= {};
    switch (frame.type) {
      case "ping":
        this.post("pong", {});
        break;
      case "bye":
        this.bye = frame.payload;
        break;
      case "ready":
        this.stopTimer();
        this.beat = frame.payload.heartbeat ?? this.beat;
        this.enter("resuming");
        this.watch();
        break;
    }
    if (typeof frame.re === "string") this.answer(frame);
    this.around.onFrame(frame);
  }

  /** @param {Frame} frame */
  answer(frame) {
    const asked = this.waiting.get(frame.re ?? "");
    if (!asked) return;
    this.waiting.delete(frame.re ?? "");
    this.around.clearTimeout(asked.timer);
    if (frame.type === "error") asked.reject(new CommandError(frame.payload));
    else asked.resolve(frame.payload);
  }

  /** Judge the server by what was heard. Timers of hidden tabs come late, so a late look first asks again. */
  watch() {
    const { setTimeout, clearTimeout, now } = this.around;
    clearTimeout(this.beatTimer);
    const interval = this.beat.interval_s * 1000;
    let looked = now();
    const look = () => {
      if (!this.open) return;
      const late = now() - looked > interval * 2;
      looked = now();
      const silence = now() - this.heard;
      if (silence >= interval * this.beat.misses && !late) {
        this.lost();
        return;
      }
      if (silence >= interval * this.beat.misses) this.probe();
      else if (silence >= interval) this.post("ping", {});
      this.beatTimer = setTimeout(look, interval / 2);
    };
    this.beatTimer = setTimeout(look, interval / 2);
  }

  /** Nothing more is expected from this socket. */
  lost() {
    this.drop();
    this.closed(1006);
  }

  /** @param {number} code */
  closed(code) {
    this.ws = null;
    this.around.clearTimeout(this.beatTimer);
    const wasOpen = this.open;
    for (const asked of this.waiting.values()) {
      this.around.clearTimeout(asked.timer);
      asked.reject(new CommandError(away()));
    }
    this.waiting.clear();
    const reason = code >= 4000 ? code : (this.bye?.code ?? code);
    const { now, random, hidden } = this.around;
    if (reason >= 4500 || reason === SESSION_EXPIRED || reason === REPLACED) {
      this.stopTimer();
      this.enter("stopped", reason);
      return;
    }
    if (wasOpen) {
      this.losses = [...this.losses, now()].slice(-8);
      this.attempt = this.goodFor() > 10_000 ? 0 : this.attempt;
    }
    const floor = this.bye?.retry_ms ?? 0;
    this.floorUntil = now() + floor;
    const delay = backoffDelay(this.attempt, { random, floor, hidden: hidden() });
    this.attempt += 1;
    this.later(delay);
  }

  /** @param {number} delay */
  later(delay) {
    this.stopTimer();
    this.enter("backoff", 0, this.around.now() + delay);
    this.timer = this.around.setTimeout(() => this.dial(), delay);
  }

  goodFor() {
    return this.around.now() - this.liveSince;
  }

  liveSince = 0;

  drop() {
    const ws = this.ws;
    this.ws = null;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = null;
    try {
      ws.close();
    } catch {
      // it was never open
    }
  }

  stopTimer() {
    this.around.clearTimeout(this.timer);
    this.timer = null;
  }

  /**
   * @param {Phase} phase
   * @param {number} [reason]
   * @param {number} [retryAt]
   */
  enter(phase, reason = 0, retryAt = 0) {
    if (phase === "resuming") this.liveSince = this.around.now();
    this.status = { phase, reason, retryAt };
    this.around.onStatus(this.status);
  }
}

/** @returns {ErrorShape} */
function away() {
  return { code: "disconnected", message: "", retry: true };
}
