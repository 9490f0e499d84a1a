/**
 * Tells of messages while one looks elsewhere: the browser's own notifications, if the person asked for them, a quiet
 * sound, and always a dot on the page's sign. Of several tabs of one browser one speaks, and none of them while another
 * shows the room: who speaks and what is looked at are held as locks, which the browser gives back when a tab is gone.
 */

import { effect, signal, untracked } from "@preact/signals";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { notify, sound } from "parley/views/choices.js";
import { client } from "parley/views/client.js";
import { roomList, roomName } from "parley/views/derived.js";
import { wordsOf } from "parley/views/markup.js";
import { go, pathOf, route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {import("parley/store/shapes.js").Room} Room */

const BODY_LENGTH = 160;
const QUIET_MS = 1500;
/** What would make a line say something else than what was written: controls, and marks that turn the direction. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * What the browser allows: "granted", "denied", "default" (not asked yet), or "none" where there are no notifications,
 * as on pages that come over plain http.
 */
export const permission = signal(allowed());

/** @returns {"granted" | "denied" | "default" | "none"} */
function allowed() {
  return typeof Notification === "undefined" || !isSecureContext || !navigator.locks ? "none" : Notification.permission;
}

/** On a click only: browsers answer nobody who asks unasked. */
export async function askPermission() {
  if (allowed() === "none") return;
  await Notification.requestPermission();
  permission.value = allowed();
}

/** Those on the screen, by room. @type {Map<string, { note: Notification, seq: number }>} */
const shown = new Map();

/** Whether this tab speaks for the browser. */
let speaks = false;
/** @type {(() => void) | null} */
let silence = null;
/** @type {{ room: string, stop: () => void } | null} */
let looking = null;
/** @type {AudioContext | null} */
let audio = null;
let heardAt = 0;
let alive = true;

/** @returns {() => void} what ends it */
export function startNotifier() {
  const visibility = signal(!document.hidden);
  const looked = () => (visibility.value = !document.hidden);
  const left = () => {
    alive = false;
    hold(false);
    look(null);
  };
  const back = () => {
    alive = true;
    hold(wanted());
    look(onScreen());
  };
  const wanted = () => notify.value !== "off" && permission.value === "granted" && !client.ended.value;
  const onScreen = () => (visibility.value && !client.ended.value ? route.value.room : null);
  document.addEventListener("visibilitychange", looked);
  addEventListener("pagehide", left);
  addEventListener("pageshow", back);
  client.heard.push(tell);
  watchPermission();
  const stops = [
    effect(() => hold(wanted())),
    effect(() => look(permission.value === "none" ? null : onScreen())),
    effect(mark),
    effect(putAway),
  ];
  return () => {
    for (const stop of stops) stop();
    document.removeEventListener("visibilitychange", looked);
    removeEventListener("pagehide", left);
    removeEventListener("pageshow", back);
    client.heard = client.heard.filter((one) => one !== tell);
    left();
  };
}

async function watchPermission() {
  try {
    const status = await navigator.permissions.query({ name: "notifications" });
    status.onchange = () => (permission.value = allowed());
  } catch {
    // a browser that does not say: what is shown is what was true when the page was opened
  }
}

// ---- one tab speaks, unless one of them shows the room ---------------------------------------------------------------

/** @param {boolean} wanted */
function hold(wanted) {
  if (wanted === (silence !== null) || !navigator.locks) return;
  if (!wanted) {
    silence?.();
    silence = null;
    speaks = false;
    return;
  }
  silence = held(`parley.speaks.${untracked(() => client.me)}`, "exclusive", () => (speaks = true));
}

/** @param {string | null} room */
function look(room) {
  if (looking?.room === (room ?? undefined) || !navigator.locks) return;
  looking?.stop();
  looking = room === null ? null : { room, stop: held(lookAt(room), "shared") };
}

/** @param {string} room */
function lookAt(room) {
  return `parley.looks.${untracked(() => client.me)}.${room}`;
}

/**
 * @param {string} name
 * @param {"exclusive" | "shared"} mode
 * @param {() => void} [got]
 * @returns {() => void} what gives it back
 */
function held(name, mode, got = () => {}) {
  const stop = new AbortController();
  /** @type {() => void} */
  let release = () => {};
  const done = new Promise((resolve) => (release = () => resolve(undefined)));
  navigator.locks
    .request(name, { mode, signal: stop.signal }, () => {
      if (stop.signal.aborted) return undefined;
      got();
      return done;
    })
    .catch(() => {});
  return () => {
    stop.abort();
    release();
  };
}

// ---- telling ---------------------------------------------------------------------------------------------------------

/**
 * @param {string} id
 * @param {Message} message of somebody else, as it happens; never a replayed one
 */
async function tell(id, message) {
  if (!speaks || !alive) return;
  const room = client.state.value.rooms[id];
  if (!room || !concerns(room, message, client.me, notify.value)) return;
  const { held: locks } = await navigator.locks.query();
  if (locks?.some(({ name }) => name === lookAt(id))) return;
  const now = client.state.value.rooms[id];
  if (!now || now.read_seq >= message.seq) return;
  show(now, message);
}

/**
 * Whether somebody who chose so wants to be told of a message. Pure.
 * @param {Room} room
 * @param {Message} message
 * @param {string} me
 * @param {"off" | "mentions" | "all"} choice
 */
export function concerns(room, message, me, choice) {
  const level = room.notify ?? "all";
  if (choice === "off" || level === "none" || message.deleted || message.author.id === me) return false;
  const mentioned = Boolean(message.mentions_room || message.mentions?.includes(me));
  if (level === "mentions") return mentioned;
  return choice === "all" || mentioned || room.kind === "direct" || room.kind === "group";
}

/**
 * @param {Room} room
 * @param {Message} message
 */
function show(room, message) {
  const name = message.author.name;
  const title = room.kind === "direct" ? name : t("notify.in", { name, room: roomName(room) });
  try {
    // `renotify` is not in every browser's book; one that replaces another unseen would be missed.
    const options = /** @type {NotificationOptions} */ ({ body: plain(excerpt(wordsOf(message), BODY_LENGTH)), tag: `parley ${room.id}`, renotify: true, silent: true, icon: icon()?.dataset.plain });
    const note = new Notification(plain(title), options);
    shown.set(room.id, { note, seq: message.seq });
    note.onclick = () => {
      note.close();
      window.focus();
      go(pathOf(room.id, message.seq));
    };
    note.onclose = () => shown.get(room.id)?.note === note && shown.delete(room.id);
  } catch {
    // browsers of phones know the word and refuse the deed
    permission.value = "none";
  }
  if (sound.value === "on") ring();
}

/** @param {string} text */
function plain(text) {
  return text.replace(STEERING, " ").trim();
}

/** What was read meanwhile, here or anywhere, is not news any more. */
function putAway() {
  const { rooms } = client.state.value;
  for (const [id, { note, seq }] of shown) if (!rooms[id] || rooms[id].read_seq >= seq) note.close();
}

/** Two soft notes. A page that nobody has touched yet may make no sound, and says so in the console if it tries. */
export function ring() {
  const now = Date.now();
  if (now - heardAt < QUIET_MS || !navigator.userActivation?.hasBeenActive) return;
  heardAt = now;
  audio ??= new AudioContext();
  audio.resume();
  const start = audio.currentTime + 0.02;
  for (const [index, pitch] of [659.3, 880].entries()) {
    const from = start + index * 0.11;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(0.05, from + 0.012);
    level.gain.exponentialRampToValueAtTime(0.0005, from + 0.28);
    tone.connect(level).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  }
}

// ---- the sign of the page --------------------------------------------------------------------------------------------

function icon() {
  return /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
}

/** A dot on it while the title counts something. */
function mark() {
  const unread = !client.ended.value && roomList.value.unread > 0;
  const link = icon();
  if (!link) return;
  link.dataset.plain ??= link.href;
  const href = (unread && link.dataset.unread) || link.dataset.plain;
  if (link.getAttribute("href") !== href) link.setAttribute("href", href);
}
