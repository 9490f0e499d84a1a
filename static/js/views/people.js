/** Everybody one may see: who they are, whether they are there, a word to them. */

import { html } from "htm/preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { loadReadings, matches } from "parley/lib/pinyin.js";
import { Avatar, PresenceDot, Signs, Status } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { arrive, heading, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { PersonCard } from "parley/views/pane/person.js";
import { personOf, statusOf } from "parley/views/person.js";
import { follow, go, route } from "parley/views/route.js";
import { Rows } from "parley/views/rows.js";
import { SearchBox } from "parley/views/searchbox.js";
import { directory } from "parley/views/whom.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

const PAUSE_MS = 150;

export function View() {
  const { me } = client.state.value;
  const [text, setText] = useState("");
  const [page, setPage] = useState(/** @type {{ people: Person[], next: string | null, text: string } | null} */ (null));
  const [error, setError] = useState("");
  const [late, setLate] = useState(false);
  const [nth, setNth] = useState(0);
  const further = useRef(false);
  const chosen = /^\d+$/.test(route.value.tab) ? route.value.tab : "";
  const up = chosen ? "/people/" : "/";
  useLayoutEffect(() => {
    heading.value = t("people.title");
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    loadReadings().catch(() => {});
    directory().read(abort.signal).catch(() => {});
    const timer = setTimeout(() => setLate(true), 200);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const found = await client.rest.listPeople({ q: text }, abort.signal);
        setPage({ ...found, people: withRead(found.people, text), text });
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
  const ids = page?.people.map((one) => one.id).join() ?? "";
  useEffect(() => {
    client.attend(ids ? ids.split(",") : []);
  }, [ids]);
  useEffect(() => () => client.attend([]), []);
  const onEnd = useCallback(async () => {
    if (!page?.next || further.current) return;
    further.current = true;
    try {
      const next = await client.rest.listPeople({ q: page.text, after: page.next }, new AbortController().signal);
      const had = new Set(page.people.map((one) => one.id));
      setPage((now) => (now === page ? { ...next, text: page.text, people: [...page.people, ...next.people.filter((one) => !had.has(one.id))] } : now));
    } catch (problem) {
      toast(sentence(problem));
    }
    further.current = false;
  }, [page]);
  const person = chosen ? (page?.people.find((one) => one.id === chosen) ?? personOf(chosen)) : undefined;
  return html`<main class="room page-view" id="main" aria-label=${t("people.title")} data-landmark tabindex="-1">
    <header class="room-head">
      <a class="tool back" href=${up} aria-label=${t(chosen ? "pane.back" : "action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, up)}><${Icon} name="back" /></a>
      <div class="room-title"><h1>${t("people.title")}</h1></div>
      ${me?.may_invite && html`<a class="button" href="/settings/invitations/" onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/settings/invitations/")}><${Icon} name="plus" />${t("people.invite")}</a>`}
    </header>
    <div class=${chosen ? "people-view with-person" : "people-view"}>
      <div class="people-list">
        <div class="page-tools"><${SearchBox} id="people-text" label=${t("people.find")} onText=${setText} focus />
          ${me?.role === "guest" && html`<p class="help">${t("people.guest")}</p>`}</div>
        <p class="visually-hidden" role="status">${page && text ? t("people.found", { count: page.people.length }) : ""}</p>
        ${error
          ? html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${() => setNth(nth + 1)}>${t("action.retry")}</button></div>`
          : !page
            ? late && html`<${Skeleton} />`
            : page.people.length === 0
              ? html`<div class="empty" role="status"><p>${t("members.nobody")}</p></div>`
              : html`<${Rows} key=${page.text} items=${page.people} label=${t("people.title")} keyOf=${(/** @type {Person} */ one) => one.id} onEnd=${page.next ? onEnd : undefined}
                  draw=${(/** @type {Person} */ one, /** @type {0 | -1} */ tabIndex) => html`<${Line} person=${one} tabIndex=${tabIndex} chosen=${one.id === chosen} />`} />`}
      </div>
      <section class="people-person" aria-label=${t("pane.person")}>
        ${chosen
          ? html`<a class="tool back-person" href="/people/" aria-label=${t("pane.back")} title=${t("pane.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/people/")}><${Icon} name="back" /></a>
              <${PersonCard} key=${chosen} id=${chosen} held=${person?.handle ? person : undefined} />`
          : html`<div class="empty"><p>${t("people.choose")}</p></div>`}
      </section>
    </div>
  </main>`;
}

/**
 * What the server found, and of those known here whose names read so.
 * @param {Person[]} people
 * @param {string} text
 */
function withRead(people, text) {
  const bare = text.replace(/^[@＠]/, "");
  if (!bare) return people;
  const all = new Map(people.map((one) => [one.id, one]));
  for (const one of [...directory().known.peek().people, ...Object.values(client.state.peek().people)]) {
    if (one.handle && !one.deactivated && !all.has(one.id) && matches(one.name, bare)) all.set(one.id, one);
  }
  return [...all.values()];
}

/** @param {{ person: Person, tabIndex: 0 | -1, chosen: boolean }} props */
function Line({ person, tabIndex, chosen }) {
  const now = personOf(person.id)?.handle ? (personOf(person.id) ?? person) : person;
  const me = person.id === client.me;
  const write = async () => {
    try {
      arrive(client.entered(await client.rest.openDirect(person.id)));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  return html`<div class="member">
    <a class="person" href=${`/people/${person.id}/`} tabIndex=${tabIndex} aria-current=${chosen ? "true" : undefined} onClick=${(/** @type {MouseEvent} */ event) => follow(event, `/people/${person.id}/`)}>
      <span class="face"><${Avatar} id=${person.id} name=${now.name} picture=${now.picture} /><${PresenceDot} user=${person.id} /></span>
      <span class="person-name"><span class="person-line"><span class="name" dir="auto">${me ? t("room.self", { name: now.name }) : now.name}</span><${Signs} person=${now} /></span>
        ${statusOf(now) ? html`<${Status} person=${now} />` : html`<span class="handle" dir="auto">@${now.handle}</span>`}</span>
    </a>
    <button type="button" class="tool" tabIndex=${-1} aria-label=${t("direct.with", { name: now.name })} title=${t("direct.with", { name: now.name })} onClick=${write}><${Icon} name="send" /></button>
  </div>`;
}
