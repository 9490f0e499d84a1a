/** All public rooms: what each is about, how many are in it, a way in. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { dialog, heading, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { RoomSign } from "parley/views/pane/sign.js";
import { follow, go, pathOf } from "parley/views/route.js";
import { SearchBox } from "parley/views/searchbox.js";

/** @typedef {import("parley/net/rest.js").RoomListed} RoomListed */

const PAUSE_MS = 150;

export function View() {
  const { me } = client.state.value;
  useLayoutEffect(() => {
    heading.value = t("browse.title");
  }, []);
  return html`<main class="room page-view" id="main" aria-label=${t("browse.title")} data-landmark tabindex="-1">
    <header class="room-head">
      <a class="tool back" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
      <div class="room-title"><h1>${t("browse.title")}</h1></div>
      ${me?.role !== "guest" && html`<button type="button" class="button" onClick=${() => (dialog.value = { name: "create" })}><${Icon} name="plus" />${t("room.create")}</button>`}
    </header>
    ${me?.role === "guest" ? html`<${Mine} />` : html`<${All} />`}
  </main>`;
}

/** A guest finds no rooms: those she is in. */
function Mine() {
  const rooms = Object.values(client.state.value.rooms).filter((room) => room.kind === "public" || room.kind === "private");
  return html`<div class="page-scroll"><p class="help">${t("browse.guest")}</p>
    <ul class="plain-list">${rooms.map((room) => html`<li key=${room.id}><a class="line-link" href=${pathOf(room.id)} onClick=${(/** @type {MouseEvent} */ event) => follow(event, pathOf(room.id))}><${RoomSign} room=${room} /></a></li>`)}</ul></div>`;
}

function All() {
  const [text, setText] = useState("");
  const [page, setPage] = useState(/** @type {{ rooms: RoomListed[], next: string | null, text: string } | null} */ (null));
  const [error, setError] = useState("");
  const [late, setLate] = useState(false);
  const [more, setMore] = useState(false);
  const [nth, setNth] = useState(0);
  const [busy, setBusy] = useState("");
  const { rooms: held } = client.state.value;
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setPage({ ...(await client.rest.browseRooms({ q: text }, abort.signal)), text });
        setError("");
      } catch (problem) {
        if (!abort.signal.aborted) setError(sentence(problem));
      }
    }, text ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, nth]);
  const further = async () => {
    if (!page?.next || more) return;
    setMore(true);
    try {
      const next = await client.rest.browseRooms({ q: page.text, after: page.next }, new AbortController().signal);
      setPage((now) => (now === page ? { ...next, text: page.text, rooms: [...page.rooms, ...next.rooms] } : now));
    } catch (problem) {
      toast(sentence(problem));
    }
    setMore(false);
  };
  const join = async (/** @type {string} */ id) => {
    setBusy(id);
    try {
      go(pathOf(client.entered(await client.rest.joinRoom(id))));
    } catch (problem) {
      toast(sentence(problem));
      setBusy("");
    }
  };
  return html`<div class="page-tools"><${SearchBox} id="browse-text" label=${t("browse.find")} onText=${setText} focus /></div>
    <div class="page-scroll">
    ${error
      ? html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${() => setNth(nth + 1)}>${t("action.retry")}</button></div>`
      : !page
        ? late && html`<${Skeleton} />`
        : page.rooms.length === 0
          ? html`<div class="empty" role="status"><p class="empty-title">${t(page.text ? "browse.nothing" : "browse.none")}</p>${!page.text && html`<button type="button" class="button primary" onClick=${() => (dialog.value = { name: "create" })}>${t("room.create")}</button>`}</div>`
          : html`<ul class="cards" aria-label=${t("browse.title")}>${page.rooms.map(({ room, members }) => {
              const joined = held[room.id] !== undefined;
              return html`<li key=${room.id} class="room-card" data-room=${room.id}>
                <div class="room-card-main"><h2 dir="auto"><span class="room-sign"><${Icon} name="hash" /></span>${room.name}</h2>
                  ${(room.topic || room.description) && html`<p class="room-card-topic" dir="auto">${room.topic || room.description}</p>`}
                  <p class="help">${[t("room.members", { count: members }), room.announcement ? t("rules.announcement") : "", joined ? t("browse.joined") : ""].filter(Boolean).join(t("dot"))}</p></div>
                ${joined
                  ? html`<a class="button" href=${pathOf(room.id)} onClick=${(/** @type {MouseEvent} */ event) => follow(event, pathOf(room.id))}>${t("browse.open")}<span class="visually-hidden"> ${room.name}</span></a>`
                  : html`<button type="button" class="button primary" disabled=${busy === room.id} onClick=${() => join(room.id)}>${t("room.join")}<span class="visually-hidden"> ${room.name}</span></button>`}
              </li>`;
            })}</ul>${page.next && html`<button type="button" class="button further" disabled=${more} onClick=${further}>${t("action.more")}</button>`}`}
    </div>`;
}
