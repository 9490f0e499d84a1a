/** Find a conversation, a person to talk to, or a room to join. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, ownsKey } from "parley/lib/ime.js";
import { Avatar, PresenceDot } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { arrival, arrive, dialog, roomList, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Modal } from "parley/views/modal.js";

const PAUSE_MS = 150;

/**
 * `people`: only those; `room`: to add them to it instead of writing to them.
 * @param {{ people: boolean, room: string | null }} props
 */
export function Find({ people: peopleOnly, room: addTo }) {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState("");
  const [found, setFound] = useState({ people: /** @type {import("parley/store/shapes.js").Person[]} */ ([]), rooms: /** @type {import("parley/store/shapes.js").RoomSettings[]} */ ([]), done: false });
  const [error, setError] = useState("");
  const [chosen, setChosen] = useState(0);
  /** Whom this dialog has added: it stays open, people seldom come alone. */
  const [added, setAdded] = useState(/** @type {import("parley/store/shapes.js").Person[]} */ ([]));
  const busy = useRef(false);
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const [people, rooms] = await Promise.all([
          client.rest.findPeople(text, abort.signal),
          peopleOnly ? [] : client.rest.findRooms(text, abort.signal),
        ]);
        setFound({ people, rooms, done: true });
        setError("");
      } catch (problem) {
        if (!abort.signal.aborted) setError(sentence(problem));
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  const typed = () => {
    if (!isComposing()) {
      setText((box.current?.value ?? "").trim());
      setChosen(0);
    }
  };
  const act = async (/** @type {() => Promise<string>} */ open) => {
    try {
      arrive(await open());
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  const address = (/** @type {import("parley/store/shapes.js").Person} */ person) =>
    addTo ? add(addTo, person) : act(async () => client.entered(await client.rest.openDirect(person.id)));
  const add = async (/** @type {string} */ room, /** @type {import("parley/store/shapes.js").Person} */ person) => {
    if (busy.current) return;
    busy.current = true;
    try {
      await client.rest.addMember(room, person.id);
      setAdded((before) => [...before, person]);
      // However the dialog is closed: whoever added somebody goes on in the room.
      arrival.made = true;
      setError("");
      if (box.current) box.current.value = "";
      setText("");
      setChosen(0);
      box.current?.focus();
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      busy.current = false;
    }
  };
  const needle = text.toLocaleLowerCase();
  const held = client.state.value.rooms;
  const mine = peopleOnly ? [] : [...roomList.value.rooms, ...roomList.value.direct].filter((item) => item.name.toLocaleLowerCase().includes(needle)).slice(0, 8);
  const joinable = found.rooms.filter((room) => !held[room.id]).slice(0, 8);
  const stints = addTo ? client.state.value.logs[addTo]?.stints : undefined;
  const inside = (/** @type {string} */ id) => added.some((person) => person.id === id) || (stints?.[id] !== undefined && stints[id].left_rev == null);
  const persons = found.people.filter((person) => person.id !== client.me && !inside(person.id)).slice(0, 12);
  /** @type {{ key: string, section: string, run: () => void, body: any }[]} */
  const options = [
    ...mine.map(({ room, name, unread }) => ({
      key: `room ${room.id}`,
      section: t("find.yours"),
      run: () => act(async () => room.id),
      body: html`<span class="room-sign"><${Icon} name=${room.kind === "direct" ? "people" : room.kind === "private" ? "lock" : "hash"} /></span><span class="person-name" dir="auto">${name}</span>${unread > 0 && html`<span class="count">${unread}</span>`}`,
    })),
    ...persons.map((person) => ({
      key: `person ${person.id}`,
      section: t("find.people"),
      run: () => address(person),
      body: html`<${Avatar} id=${person.id} name=${person.name} small /><span class="person-name"><span dir="auto">${person.name}</span><span class="handle" dir="auto">@${person.handle}</span></span><${PresenceDot} user=${person.id} />`,
    })),
    ...joinable.map((room) => ({
      key: `join ${room.id}`,
      section: t("find.join"),
      run: () => act(async () => client.entered(await client.rest.joinRoom(room.id))),
      body: html`<span class="room-sign"><${Icon} name="hash" /></span><span class="person-name"><span dir="auto">${room.name}</span>${room.topic && html`<span class="handle" dir="auto">${room.topic}</span>`}</span><span class="chip">${t("room.join")}</span>`,
    })),
  ];
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (options.length) setChosen((chosen + step + options.length) % options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      options[chosen]?.run();
    }
  };
  let section = "";
  return html`<${Modal} title=${t(addTo ? "room.add" : peopleOnly ? "direct.start" : "find.title")}>
    <div class="field"><label class="visually-hidden" for="find-text">${t(peopleOnly ? "find.field.people" : "find.field")}</label>
      <input id="find-text" ref=${box} type="search" autocomplete="off" dir="auto" role="combobox" aria-expanded="true" aria-controls="find-list"
        aria-activedescendant=${options[chosen] ? `find-${chosen}` : undefined} placeholder=${t(peopleOnly ? "find.field.people" : "find.field")}
        onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} /></div>
    ${addTo && html`<p class="added" role="status">${added.map((person) => html`<span class="chip" key=${person.id}>${t("room.added", { name: person.name })}</span>`)}</p>`}
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <ul class="options" id="find-list" role="listbox" aria-label=${t("find.results")}>
      ${options.map((option, index) => {
        const title = option.section === section ? null : html`<li class="options-title" role="presentation">${(section = option.section)}</li>`;
        return html`${title}<li key=${option.key} id=${`find-${index}`} class="option" role="option" aria-selected=${index === chosen ? "true" : "false"}
          onPointerMove=${() => index !== chosen && setChosen(index)} onClick=${option.run}>${option.body}</li>`;
      })}
    </ul>
    ${found.done && !options.length && html`<p class="help" role="status">${t("find.nothing")}</p>`}
    ${addTo && html`<div class="actions"><button type="button" class="button primary" onClick=${() => arrive(addTo)}>${t("action.done")}</button></div>`}
    ${!peopleOnly && html`<div class="actions"><button type="button" class="button" onClick=${() => (dialog.value = { name: "create", text })}><${Icon} name="plus" />${t("room.create")}</button></div>`}
  </${Modal}>`;
}
