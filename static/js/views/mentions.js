/** Where one was addressed, the newest first. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { clock, day, dayName, moment } from "parley/lib/time.js";
import { rowAt } from "parley/store/rows.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { heading, roomList, roomName, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Markup } from "parley/views/markup.js";
import { personOf } from "parley/views/person.js";
import { RoomSign } from "parley/views/roomlink.js";
import { follow, go, pathOf } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {{ room: string, message: Message }} Mention */
/** `next`: where the older ones begin; null: there are none. @typedef {{ list: Mention[], next: string | null, read: boolean }} Held */

const SLOW_MS = 200;
const AGAIN_MS = 300;

/** Shown at once when one comes back. @type {{ of: string, held: Held }} */
let kept = { of: "", held: { list: [], next: null, read: false } };

export function View() {
  const [held, setHeld] = useState(() => (kept.of === client.me ? kept.held : { list: [], next: null, read: false }));
  const [slow, setSlow] = useState(false);
  const [error, setError] = useState("");
  const [older, setOlder] = useState("");
  const reading = useRef(false);
  const end = useRef(/** @type {HTMLElement | null} */ (null));
  const live = client.status.value.phase === "live";
  const addressed = roomList.value.mentions;
  const { rooms, logs } = client.state.value;

  useEffect(() => void (heading.value = t("sidebar.view.mentions")), []);
  useEffect(() => {
    kept = { of: client.me, held };
  }, [held]);
  const refresh = async () => {
    setError("");
    try {
      const { mentions, next } = await client.rest.mentions();
      setHeld((before) => ({ list: merged(mentions, before.list), next: before.read ? before.next : next, read: true }));
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  // Also when the count rises without a word of it: an edit may address one, and much happens while one is away.
  useEffect(() => {
    const timer = setTimeout(refresh, held.read ? AGAIN_MS : 0);
    return () => clearTimeout(timer);
  }, [live, addressed]);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    const tell = (/** @type {string} */ room, /** @type {Message} */ message) => {
      if (message.mentions_room || message.mentions?.includes(client.me)) setHeld((before) => ({ ...before, list: merged([{ room, message }], before.list) }));
    };
    client.heard.push(tell);
    return () => {
      clearTimeout(timer);
      client.heard = client.heard.filter((one) => one !== tell);
    };
  }, []);
  const more = async () => {
    if (reading.current || held.next === null) return;
    reading.current = true;
    setOlder("");
    try {
      const { mentions, next } = await client.rest.mentions(held.next);
      setHeld((before) => ({ ...before, list: merged(before.list, mentions), next }));
    } catch (problem) {
      setOlder(sentence(problem));
    } finally {
      reading.current = false;
    }
  };
  useEffect(() => {
    if (!end.current || held.next === null || older) return;
    const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "600px" });
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [held.next, older]);

  const shown = held.list
    .filter(({ room }) => rooms[room])
    .map(({ room, message }) => ({ room, message: newer(message, logs[room] && rowAt(logs[room].rows, message.seq)) }))
    .filter(({ message }) => !message.deleted);
  /** @type {{ key: string, at: number, list: Mention[] }[]} */
  const days = [];
  for (const mention of shown) {
    const key = day(mention.message.created_at);
    if (days.at(-1)?.key === key) days.at(-1)?.list.push(mention);
    else days.push({ key, at: mention.message.created_at, list: [mention] });
  }
  return html`<main class="room view" id="main" aria-label=${t("sidebar.view.mentions")} data-landmark tabindex="-1">
    <header class="room-head">
      <a class="tool back" href="/" aria-label=${t("action.back")} title=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
      <div class="room-title"><h1>${t("sidebar.view.mentions")}</h1></div>
    </header>
    <div class="view-body" aria-busy=${held.read ? undefined : "true"}><div class="view-column">
      ${days.map(({ key, at, list }) => html`<section key=${key} class="view-day"><h2>${dayName(at)}</h2><ul>${list.map(({ room, message }) => html`<${Mentioned} key=${`${room} ${message.seq}`} room=${room} message=${message} />`)}</ul></section>`)}
      ${held.read && shown.length === 0 && held.next === null && html`<div class="empty"><p class="empty-title">${t("mentions.none")}</p><p>${t("mentions.none.hint")}</p></div>`}
      ${!held.read && slow && !error && html`<div class="skeleton" role="status" aria-label=${t("loading")}>${[72, 48, 64].map((width) => html`<div key=${width} class=${`bone w${width}`}></div>`)}</div>`}
      ${error && html`<div class="notice error retry" role="alert"><span>${error}</span><button type="button" class="button small" onClick=${refresh}>${t("action.retry")}</button></div>`}
      ${held.next !== null && html`<p class="view-more" ref=${end}>${older ? html`<span class="error-text" role="alert">${older}</span>` : null}<button type="button" class="button small" onClick=${more}>${t(older ? "action.retry" : "mentions.older")}</button></p>`}
    </div></div>
  </main>`;
}

/** @param {Mention} props */
function Mentioned({ room: id, message }) {
  const room = client.state.value.rooms[id];
  if (!room) return null;
  const author = personOf(message.author.id)?.name || message.author.name;
  const fresh = message.seq > room.read_seq;
  const path = pathOf(id, message.seq);
  const name = roomName(room);
  // The whole of it leads there, but for what leads elsewhere and words that are being marked.
  const jump = (/** @type {MouseEvent} */ event) => {
    if (!(/** @type {Element} */ (event.target).closest("a, button")) && getSelection()?.isCollapsed) go(path);
  };
  return html`<li class=${fresh ? "found fresh" : "found"} data-room=${id} data-seq=${message.seq} onClick=${jump}>
    <article>
      <div class="found-where"><a href=${path} onClick=${(/** @type {MouseEvent} */ event) => follow(event, path)}><${RoomSign} room=${room} name=${name} /><span dir="auto">${name}</span><span class="visually-hidden">${t("comma")}${t("mentions.open", { name: author })}</span></a>
        ${fresh && html`<span class="chip fresh-sign">${t("divider.new")}</span>`}
        <time datetime=${new Date(message.created_at).toISOString()} title=${moment(message.created_at)}>${clock(message.created_at)}</time></div>
      <div class="found-what"><${Avatar} id=${message.author.id} name=${author} /><div class="found-words"><p class="author" dir="auto">${author}</p><${Markup} source=${message.html} /></div></div>
    </article>
  </li>`;
}

/**
 * @param {Message} message
 * @param {Message | undefined} row
 */
function newer(message, row) {
  return row && row.rev > message.rev ? row : message;
}

/**
 * The newest first, each once.
 * @param {Mention[]} one
 * @param {Mention[]} other
 * @returns {Mention[]}
 */
function merged(one, other) {
  /** @type {Map<string, Mention>} */
  const found = new Map();
  for (const mention of [...one, ...other]) {
    const key = `${mention.room} ${mention.message.seq}`;
    const held = found.get(key);
    if (!held || mention.message.rev > held.message.rev) found.set(key, mention);
  }
  return [...found.values()].sort((a, b) => b.message.created_at - a.message.created_at || b.message.seq - a.message.seq);
}
