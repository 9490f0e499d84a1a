/** Whom one may mean by `@`: the people of the room, everybody in it, then others, of whom it is said that they are not. */

import { html } from "htm/preact";
import { languageTag, t } from "parley/lib/i18n.js";
import { matches } from "parley/lib/pinyin.js";
import { rowAt } from "parley/store/rows.js";
import { Avatar, presenceOf, Signs } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { Icon } from "parley/views/icons.js";
import { leads } from "parley/views/postable.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {import("parley/views/suggest.js").Option} Option */

const MOST = 8;
/** Beyond so many people `auto` leaves addressing everybody to those who lead (chat/policies.py). */
const LARGE_ROOM = 50;
/** How many of the last messages say who is talking. */
const LATELY = 60;
/** How little of a match it is to be found by something else than the name's beginning. */
const WORST = 9;

/** The members by name, as long as they are the same. @type {WeakMap<object, string[]>} */
const sorted = new WeakMap();
/** Who matched what was typed so far: what is longer can only match fewer. */
let last = { stints: /** @type {unknown} */ (null), query: "", ids: /** @type {string[]} */ ([]) };

/**
 * @param {Room} room
 * @param {string} query
 * @param {Iterable<Person>} others found by the server
 * @returns {Option[]}
 */
export function findPeople(room, query, others) {
  const stints = client.state.value.logs[room.id]?.stints ?? {};
  const narrower = query !== "" && last.stints === stints && query.startsWith(last.query);
  const ids = narrower ? last.ids : membersOf(stints);
  const lately = query ? null : speakers(room);
  /** @type {{ person: Person, rank: number }[]} */
  const found = [];
  for (const id of ids) {
    const person = personNow(stints[id].user);
    const rank = person.deactivated ? WORST : rankOf(person, query);
    if (rank < WORST) found.push({ person, rank: lately ? (lately.get(id) ?? LATELY) : rank });
  }
  last = { stints, query, ids: found.map(({ person }) => person.id) };
  found.sort((a, b) => a.rank - b.rank);
  const everybody = room.kind === "direct" ? [] : everybodyIn(room, stints, query);
  const inside = found.slice(0, MOST - everybody.length).map(({ person }) => option(person, ""));
  const options = [...inside, ...everybody];
  if (!query || room.kind === "direct" || room.kind === "group") return options;
  /** @type {{ person: Person, rank: number }[]} */
  const outside = [];
  for (const held of others) {
    const person = personNow(held);
    if (person.id === client.me || person.deactivated || (stints[person.id] && stints[person.id].left_rev == null)) continue;
    const rank = rankOf(person, query);
    if (rank < WORST) outside.push({ person, rank });
  }
  outside.sort((a, b) => a.rank - b.rank);
  return [...options, ...outside.map(({ person }) => option(person, t("suggest.outside")))].slice(0, MOST);
}

/** Names may be found by more than before: the readings are there. */
export function widen() {
  last = { stints: null, query: "", ids: [] };
}

/**
 * @param {Person} person
 * @param {string} query
 */
function rankOf({ name, handle }, query) {
  if (!query) return 0;
  return Math.min(matches(handle, query)?.rank ?? WORST, matches(name, query)?.rank ?? WORST);
}

/** @param {Person} person as she was when she was last heard of */
function personNow(person) {
  return client.state.value.people[person.id] ?? person;
}

/**
 * @param {import("parley/store/shapes.js").Log["stints"]} stints
 * @returns {string[]}
 */
function membersOf(stints) {
  let ids = sorted.get(stints);
  if (!ids) {
    const { compare } = new Intl.Collator(languageTag());
    ids = Object.keys(stints).filter((id) => stints[id].left_rev == null && id !== client.me);
    ids.sort((a, b) => compare(stints[a].user.name, stints[b].user.name));
    sorted.set(stints, ids);
  }
  return ids;
}

/**
 * Who spoke last comes first.
 * @param {Room} room
 */
function speakers(room) {
  const log = client.state.value.logs[room.id];
  /** @type {Map<string, number>} */
  const found = new Map();
  for (let back = 0; log && back < LATELY; back += 1) {
    const row = rowAt(log.rows, log.rows.top - back);
    if (row && !found.has(row.author.id)) found.set(row.author.id, back);
  }
  return found;
}

/**
 * @param {Person} person
 * @param {string} note
 * @returns {Option}
 */
function option(person, note) {
  // As it is now: nothing in the list changes by itself while somebody composes.
  const state = presenceOf(person.id);
  return {
    key: `person ${person.id}`,
    insert: `@${person.handle} `,
    body: () => html`<${Avatar} id=${person.id} name=${person.name} picture=${person.picture} small />
      <span class="suggest-name" dir="auto">${person.name}</span><span class="handle" dir="auto">@${person.handle}</span><${Signs} person=${person} />
      ${note ? html`<span class="suggest-note">${note}</span>` : html`<span class="presence"><span class=${`dot ${state}`} aria-hidden="true"></span><span class="visually-hidden">${t(`presence.${state}`)}</span></span>`}`,
  };
}

/**
 * @param {Room} room
 * @param {import("parley/store/shapes.js").Log["stints"]} stints
 * @param {string} query
 * @returns {Option[]}
 */
function everybodyIn(room, stints, query) {
  const others = membersOf(stints);
  if (!mayAddressAll(room, others.length + 1)) return [];
  const states = others.map((id) => client.whispers.of(id));
  const here = states.filter((state) => state === "online").length;
  const all = t("suggest.room.handle");
  return [
    { word: all, names: [all, "room", "all", "everyone", "所有人"], note: t("suggest.room", { count: others.length }) },
    { word: "here", names: ["here", t("suggest.here.name")], note: states.includes("unknown") ? t("suggest.here.some") : here ? t("suggest.here", { count: here }) : t("suggest.here.none") },
  ]
    .filter(({ names }) => names.some((name) => (matches(name, query)?.rank ?? WORST) <= 3))
    .map(({ word, note }) => ({
      key: `all ${word}`,
      insert: `@${word} `,
      body: () => html`<span class="suggest-sign"><${Icon} name="people" /></span><span class="suggest-name">@${word}</span><span class="suggest-note">${note}</span>`,
    }));
}

/**
 * @param {Room} room
 * @param {number} members
 */
export function mayAddressAll(room, members) {
  const leading = leads(room, client.state.value.me);
  if (room.mention_room === "members") return true;
  return leading || (room.mention_room !== "leaders" && members <= LARGE_ROOM);
}
