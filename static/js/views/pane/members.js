/** Who is in a room, by what they are there; who may, decides about them. */

import { html } from "htm/preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { loadReadings, matches } from "parley/lib/pinyin.js";
import { Avatar, PresenceDot, Signs, Status } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { dialog, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { memberEntries } from "parley/views/pane/member-menu.js";
import { personOf } from "parley/views/person.js";
import { openMenu } from "parley/views/popover.js";
import { isMuted } from "parley/views/postable.js";
import { rightsOf } from "parley/views/rights.js";
import { showPane } from "parley/views/route.js";
import { Rows } from "parley/views/rows.js";
import { SearchBox } from "parley/views/searchbox.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Membership} Membership */
/** @typedef {{ role: string, count: number } | Membership} Item */

const ROLES = ["owner", "moderator", "member"];

export const title = () => t("pane.members");

/** @param {{ room: Room }} props */
export function Body({ room }) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [late, setLate] = useState(false);
  const [read, setRead] = useState(0);
  const log = client.state.value.logs[room.id];
  const stints = log?.stints;
  const loaded = log?.membersLoaded ?? false;
  const load = () => {
    setError("");
    client.loadMembers(room.id).catch((problem) => setError(sentence(problem)));
  };
  useEffect(() => {
    if (!loaded) load();
    const timer = setTimeout(() => setLate(true), 200);
    loadReadings().then(() => setRead(1), () => {});
    return () => clearTimeout(timer);
  }, [room.id]);
  const grouped = room.kind === "public" || room.kind === "private";
  const items = useMemo(() => itemsOf(stints ?? {}, text, grouped), [stints, text, grouped, read]);
  const rights = rightsOf(room, client.state.value.me);
  const count = useMemo(() => Object.values(stints ?? {}).filter(isIn).length, [stints]);
  if (error && !loaded) return html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${load}>${t("action.retry")}</button></div>`;
  if (!loaded) return late ? html`<${Skeleton} />` : null;
  const found = items.filter((item) => "user" in item).length;
  return html`<div class="pane-tools">
      <${SearchBox} id="member-text" label=${t("members.find")} onText=${setText} />
      ${rights.add && html`<button type="button" class="button small" onClick=${() => (dialog.value = { name: "add", room: room.id })}><${Icon} name="plus" />${t("room.add")}</button>`}
      ${rights.link && html`<button type="button" class="button small plain" onClick=${() => (dialog.value = { name: "link", room: room.id })}><${Icon} name="link" />${t("link.invite")}</button>`}
      ${room.kind === "group" && html`<button type="button" class="button small" onClick=${() => (dialog.value = { name: "message", users: (room.people ?? []).map((one) => one.id) })}><${Icon} name="plus" />${t("group.more")}</button>`}
    </div>
    <p class="visually-hidden" role="status">${text ? t("members.found", { count: found }) : ""}</p>
    ${found
      ? html`<${Rows} items=${items} label=${t("room.members", { count })} keyOf=${(/** @type {Item} */ item) => ("user" in item ? item.user.id : null)}
          draw=${(/** @type {Item} */ item, /** @type {0 | -1} */ tabIndex) => ("user" in item
            ? html`<${Member} room=${room} stint=${item} tabIndex=${tabIndex} grouped=${grouped} />`
            : html`<h3 class="long-title">${t(`members.${item.role}`, { count: item.count })}</h3>`)} />`
      : html`<div class="empty"><p>${t("members.nobody")}</p></div>`}`;
}

/**
 * @param {Record<string, Membership>} stints
 * @param {string} text
 * @param {boolean} grouped
 * @returns {Item[]}
 */
function itemsOf(stints, text, grouped) {
  const { people } = client.state.peek();
  const named = Object.values(stints).filter(isIn).map((stint) => ({ stint, name: people[stint.user.id]?.name ?? stint.user.name, rank: 0 }));
  const bare = text.replace(/^[@＠]/, "");
  const found = bare ? named.filter((one) => {
    const by = [matches(one.name, bare), matches(one.stint.user.handle, bare)];
    one.rank = Math.min(...by.map((match) => match?.rank ?? 9));
    return one.rank < 9;
  }) : named;
  const collator = new Intl.Collator(document.documentElement.lang);
  found.sort((a, b) => a.rank - b.rank || collator.compare(a.name, b.name));
  if (!grouped || bare) return found.map(({ stint }) => stint);
  return ROLES.flatMap((role) => {
    const list = found.filter(({ stint }) => stint.role === role).map(({ stint }) => stint);
    return list.length ? [{ role, count: list.length }, ...list] : [];
  });
}

/** @param {Membership} stint */
function isIn(stint) {
  return stint.left_rev == null;
}

/** @param {{ room: Room, stint: Membership, tabIndex: 0 | -1, grouped: boolean }} props */
function Member({ room, stint, tabIndex, grouped }) {
  const person = personOf(stint.user.id) ?? stint.user;
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  const muted = isMuted(stint);
  const label = t("members.menu", { name: person.name });
  const open = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.current) openMenu(button.current, { label, entries: () => memberEntries(room.id, stint.user.id) });
  };
  const name = stint.user.id === client.me ? t("room.self", { name: person.name }) : person.name;
  const own = memberEntries(room.id, stint.user.id).length > 0;
  return html`<div class="member" onContextMenu=${own ? open : undefined}>
    <button type="button" class="person" tabIndex=${tabIndex} onClick=${() => showPane(`person:${stint.user.id}`)}>
      <span class="face"><${Avatar} id=${person.id} name=${person.name} picture=${person.picture} /><${PresenceDot} user=${person.id} /></span>
      <span class="person-name"><span class="person-line"><span class="name" dir="auto">${name}</span><${Signs} person=${person} />${muted && html`<span class="chip warn">${t("members.muted")}</span>`}${!grouped && stint.role !== "member" && html`<span class="chip">${t(`role.${stint.role}`)}</span>`}</span>
        <span class="person-about"><span class="handle" dir="auto">@${person.handle}</span><${Status} person=${person} /></span></span>
    </button>
    ${own && html`<button type="button" class="tool" ref=${button} tabIndex=${-1} aria-haspopup="menu" aria-expanded="false" aria-label=${label} title=${label} onClick=${open}><${Icon} name="more" /></button>`}
  </div>`;
}
