/** The switcher: a conversation, a person to write to, or a room to join, by some letters of its name. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, ownsKey } from "parley/lib/ime.js";
import { loadReadings, matches } from "parley/lib/pinyin.js";
import { Avatar, PresenceDot, Signs, Status } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, recent, roomList, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { pressed } from "parley/views/keys.js";
import { RoomSign } from "parley/views/roomlink.js";
import { route } from "parley/views/route.js";
import { directory as theDirectory } from "parley/views/whom.js";

/** @typedef {import("parley/views/roomlist.js").Item} Item */
/** @typedef {import("parley/lib/pinyin.js").Match} Match */
/** @typedef {{ key: string, section: string, run: () => Promise<string>, body: any }} Option */

const PAUSE_MS = 150;
const YOURS = 12;
const PEOPLE = 10;
const JOINABLE = 6;

export function Body() {
  const directory = theDirectory();
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const busy = useRef(false);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [error, setError] = useState("");
  const [read, setRead] = useState(false);
  const known = directory.known.value;
  const list = roomList.value;
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => {
    const abort = new AbortController();
    const fail = (/** @type {unknown} */ problem) => void (abort.signal.aborted || setError(sentence(problem)));
    loadReadings().then(() => abort.signal.aborted || setRead(true), fail);
    directory.read(abort.signal).catch(fail);
    return () => abort.abort();
  }, []);
  const options = useMemo(() => offered(text, list, known, client.state.peek()), [text, list, known, read]);
  const none = options.length === 0;
  useEffect(() => {
    if (!text || (known.whole && !none)) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      directory.ask(text, abort.signal).then(() => setError(""), (problem) => abort.signal.aborted || setError(sentence(problem)));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, known.whole, none]);
  const at = Math.max(0, Math.min(chosen, options.length - 1));
  useEffect(() => {
    document.getElementById(`find-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [at, options]);

  const typed = () => {
    if (isComposing()) return;
    setText((box.current?.value ?? "").trim());
    setChosen(0);
  };
  const run = async (/** @type {Option} */ option) => {
    if (busy.current) return;
    busy.current = true;
    try {
      arrive(await option.run());
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      busy.current = false;
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) setChosen((at + step + options.length) % options.length);
    else if (pressed(event, "switcher")) dialog.value = null;
    else if (event.key === "Enter") options[at] && run(options[at]);
    else if (!step) return;
    event.preventDefault();
  };
  const guest = client.state.value.me?.role === "guest";
  let section = "";
  return html`<div class="field find"><label class="visually-hidden" for="find-text">${t("find.field")}</label>
      <${Icon} name="search" />
      <input id="find-text" ref=${box} type="text" autofocus autocomplete="off" enterkeyhint="go" spellcheck=${false} dir="auto" role="combobox" aria-expanded="true" aria-controls="find-list" aria-autocomplete="list"
        aria-activedescendant=${options[at] ? `find-${at}` : undefined} placeholder=${t("find.field")}
        onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} /></div>
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <ul class="options" id="find-list" role="listbox" aria-label=${t("find.results")}>
      ${options.map((option, index) => {
        const title = option.section === section ? null : html`<li class="options-title" key=${`title ${option.section}`} role="presentation">${(section = option.section)}</li>`;
        return html`${title}<li key=${option.key} id=${`find-${index}`} class="option" role="option" aria-selected=${index === at ? "true" : "false"}
          onPointerMove=${() => index !== at && setChosen(index)} onClick=${() => run(option)}>${option.body}</li>`;
      })}
    </ul>
    ${options.length === 0 && (known.read || error) && html`<p class="help" role="status">${t("find.nothing")}</p>`}
    <div class="find-foot"><p class="help keys-hint" aria-hidden="true"><kbd>↑</kbd><kbd>↓</kbd> ${t("find.hint.choose")} <kbd>↵</kbd> ${t("find.hint.open")} <kbd>Esc</kbd> ${t("find.hint.close")}</p>
      ${!guest && html`<button type="button" class="button small" onClick=${() => (dialog.value = { name: "create", text })}><${Icon} name="plus" />${t("room.create")}</button>`}</div>`;
}

/**
 * What fits, the best first: without a text the rooms one was in last.
 * @param {string} text
 * @param {import("parley/views/roomlist.js").RoomList} list
 * @param {import("parley/store/directory.js").Known} known
 * @param {import("parley/store/shapes.js").State} state
 * @returns {Option[]}
 */
function offered(text, list, known, { rooms, people }) {
  const place = new Map(recent().map((id, index) => [id, index]));
  const here = route.peek().room;
  /** @param {Item} item */
  const late = ({ room, bold }) => (room.id === here && !text ? 1e6 : (place.get(room.id) ?? (bold ? 1000 : 2000)) + (room.archived ? 5000 : 0));
  const yours = best(list.items, text, (item) => [item.name, item.room.counterpart?.handle ?? ""], late, YOURS);
  const talking = new Set(list.items.map(({ room }) => room.counterpart?.id));
  const others = text ? best(known.people.filter((person) => person.id !== client.me && !talking.has(person.id)), text, (person) => [person.name, person.handle], () => 0, PEOPLE) : [];
  const joinable = best(known.rooms.filter((room) => !rooms[room.id]), text, (room) => [room.name], () => 0, text ? JOINABLE : 3);
  return [
    ...yours.map(({ one: { room, name, unread, mentions, bold }, found, nth }) => ({
      key: `room ${room.id}`,
      section: t(text ? "find.yours" : "find.recent"),
      run: async () => room.id,
      body: html`<${RoomSign} room=${room} name=${name} /><span class=${bold ? "person-name unread" : "person-name"}>${nth === 0 ? html`<${Marked} text=${name} found=${found} />` : html`<span dir="auto">${name}</span><${Handle} text=${room.counterpart?.handle ?? ""} found=${found} />`}</span>
        ${room.archived && html`<span class="chip">${t("room.archived")}</span>`}
        ${unread > 0 && html`<span class="visually-hidden">${t("comma")}${t("sidebar.unread", { count: unread })}</span>`}
        ${mentions > 0 ? html`<span class="count" aria-hidden="true">${mentions >= 100 ? "99+" : mentions}</span>` : unread > 0 && html`<span class="tally" aria-hidden="true">${unread >= 100 ? "99+" : unread}</span>`}`,
    })),
    ...others.map(({ one, found, nth }) => {
      const person = people[one.id] ?? one;
      return {
        key: `person ${one.id}`,
        section: t("find.people"),
        run: async () => client.entered(await client.rest.openDirect(one.id)),
        body: html`<${Avatar} id=${one.id} name=${one.name} picture=${one.picture} small /><span class="person-name">${nth === 0 ? html`<${Marked} text=${one.name} found=${found} />` : html`<span dir="auto">${one.name}</span>`}<span class="person-more"><${Handle} text=${one.handle} found=${nth === 1 ? found : null} /><${Status} person=${person} /></span></span><${Signs} person=${person} />`,
      };
    }),
    ...joinable.map(({ one, found }) => ({
      key: `join ${one.id}`,
      section: t("find.join"),
      run: async () => client.entered(await client.rest.joinRoom(one.id)),
      body: html`<span class="room-sign"><${Icon} name="hash" /></span><span class="person-name"><${Marked} text=${one.name} found=${found} />${one.topic && html`<span class="handle" dir="auto">${one.topic}</span>`}</span><span class="chip">${t("room.join")}</span>`,
    })),
  ];
}

/**
 * @template T
 * @param {T[]} list
 * @param {string} text
 * @param {(one: T) => string[]} names the better first
 * @param {(one: T) => number} late among those that fit as well as each other, the smaller first
 * @param {number} most
 * @returns {{ one: T, found: Match, nth: number }[]}
 */
function best(list, text, names, late, most) {
  /** @type {{ one: T, found: Match, nth: number, order: number }[]} */
  const fitting = [];
  for (const one of list) {
    const called = names(one);
    for (let nth = 0; nth < called.length; nth += 1) {
      const found = called[nth] || nth === 0 ? matches(called[nth], text) : null;
      if (!found) continue;
      fitting.push({ one, found, nth, order: (found.rank + nth) * 1e7 + late(one) });
      break;
    }
  }
  return fitting.sort((a, b) => a.order - b.order).slice(0, most);
}

/** @param {{ text: string, found: Match | null }} props */
function Marked({ text, found }) {
  const parts = [];
  let from = 0;
  for (const [start, end] of found?.ranges ?? []) {
    parts.push(text.slice(from, start), html`<mark>${text.slice(start, end)}</mark>`);
    from = end;
  }
  parts.push(text.slice(from));
  return html`<span dir="auto">${parts}</span>`;
}

/** @param {{ text: string, found: Match | null }} props */
function Handle({ text, found }) {
  return html`<span class="handle" dir="auto">@<${Marked} text=${text} found=${found} /></span>`;
}
