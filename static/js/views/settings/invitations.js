/** Who may come in: links by which people sign up. A link is shown once, or goes by mail. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { moment } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { roomList, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { rightsOf } from "parley/views/rights.js";
import { focusWrong, forgiving, onEnter } from "parley/views/rooms/form.js";
import { usesOf } from "parley/views/rooms/link-uses.js";
import { ask } from "parley/views/settings/asking.js";
import { account } from "parley/views/settings/door.js";
import { Once } from "parley/views/settings/once.js";
import { useResource, useReturn, Waiting } from "parley/views/settings/resource.js";
import { Fault, useSaving } from "parley/views/settings/saving.js";
import { Radios } from "parley/views/settings/section.js";
import { distance } from "parley/views/settings/spans.js";

/** @typedef {import("parley/net/account.js").Invitation} Invitation */

const DAY = 86_400;
const LIVES = [1, 7, 30, 90];
/** How often a link may be used; 0: as often as one likes. */
const USES = [1, 5, 10, 25, 100, 0];
const ROOMS_MOST = 20;

/** @param {{ me: import("parley/store/shapes.js").Me, languages: [string, string][], language: string }} props */
export function InvitationsTab({ me, languages, language }) {
  const [all, setAll] = useState(false);
  const { value, error, reload, set } = useResource(() => account().invitations(!all, ""), all);
  const paged = useRef(false);
  useEffect(() => void (paged.current = false), [all]);
  // Somebody may have signed up meanwhile; whoever has gone on to earlier ones keeps the place.
  useReturn(() => paged.current || reload());
  const [making, setMaking] = useState(false);
  const [link, setLink] = useState({ text: "", email: "" });
  const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const close = () => {
    setMaking(false);
    setLink({ text: "", email: "" });
    requestAnimationFrame(() => opener.current?.focus());
  };
  const more = async () => {
    try {
      const page = await account().invitations(!all, value?.next ?? "");
      paged.current = true;
      set((now) => ({ invitations: [...now.invitations, ...page.invitations], next: page.next }));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  const made = (/** @type {{ invitation: Invitation, link: string }} */ answer) => {
    setMaking(false);
    setLink({ text: answer.link, email: answer.invitation.email });
    set((now) => ({ ...now, invitations: [answer.invitation, ...now.invitations] }));
  };
  const revoke = (/** @type {Invitation} */ one) =>
    ask({
      title: t("settings.invitations.revoke.title"),
      body: t("settings.invitations.revoke.body"),
      action: t("settings.revoke"),
      run: async () => {
        await account().revokeInvitation(one.id);
        await reload();
        toast(t("settings.invitations.revoked"));
      },
    });
  const rooms = client.state.value.rooms;
  const into = (/** @type {Invitation} */ one) => one.rooms.map((id) => rooms[id]?.name).filter(Boolean);
  return html`<p class="help">${t("settings.invitations.lead")}</p>
    ${link.text && html`<${Once} title=${t("settings.invitations.once")} text=${link.text} done=${close}
      warning=${link.email ? t("settings.invitations.once.mail", { email: link.email }) : t("settings.invitations.once.warning")} />`}
    ${making
      ? html`<${NewInvitation} me=${me} languages=${languages} language=${language} made=${made} close=${close} />`
      : !link.text && html`<div class="actions start"><button type="button" class="button primary" ref=${opener} onClick=${() => setMaking(true)}><${Icon} name="plus" />${t("settings.invitations.new")}</button></div>`}
    <label class="check"><input type="checkbox" checked=${all} onChange=${() => setAll(!all)} />${t("settings.invitations.all")}</label>
    ${(!value || error) && html`<${Waiting} error=${error} reload=${reload} />`}
    ${value && (value.invitations.length
      ? html`<ul class="rows" data-testid="invitations">${value.invitations.map((one) => html`<li key=${one.id} class=${one.state === "open" ? "row" : "row quiet"} data-invitation=${one.id} data-state=${one.state}>
        <div class="row-main">
          <p class="row-title"><strong dir="auto">${one.email || t("settings.invitations.link", { prefix: one.prefix })}</strong><span class="chip">${t(`settings.role.${one.role}`)}</span>${one.state !== "open" && html`<span class="chip">${t(`settings.invitations.state.${one.state}`)}</span>`}</p>
          <p class="help">${one.state === "open" ? usesOf(one.uses, one.uses_left) : one.uses ? t("link.used", { count: one.uses }) : t("link.unused")}${into(one).length > 0 && html` · <span dir="auto">${into(one).join(t("comma"))}</span>`}</p>
          <p class="help"><span dir="auto">${t("settings.invitations.by", { name: one.created_by.name })}</span> · <span title=${moment(one.created_at)}>${distance(one.created_at)}</span>${one.state === "open" && html` · <span title=${moment(one.expires_at)}>${t("settings.expires", { time: distance(one.expires_at) })}</span>`}</p>
        </div>
        ${one.state === "open" && html`<button type="button" class="button small" aria-label=${t("settings.invitations.revoke.name", { name: one.email || one.prefix })} onClick=${() => revoke(one)}>${t("settings.revoke")}</button>`}
      </li>`)}</ul>`
      : !making && html`<p class="help">${t(all ? "settings.invitations.never" : "settings.invitations.none")}</p>`)}
    ${value?.next && html`<div class="actions start"><button type="button" class="button" onClick=${more}>${t("settings.more")}</button></div>`}`;
}

/** @param {{ me: import("parley/store/shapes.js").Me, languages: [string, string][], language: string, made: (answer: any) => void, close: () => void }} props */
function NewInvitation({ me, languages, language, made, close }) {
  const roles = ["owner", "admin"].includes(me.role) ? ["member", "guest", "admin"] : ["member", "guest"];
  const [role, setRole] = useState("member");
  const [email, setEmail] = useState("");
  const [rooms, setRooms] = useState(/** @type {string[]} */ ([]));
  const [saving, run, , refuse] = useSaving();
  // A guest is brought in by those who lead a room. What was ticked for another role is not sent unseen.
  const mine = roomList.value.items.filter(({ room }) => (role === "guest" ? rightsOf(room, me).link : rightsOf(room, me).add));
  const chosen = rooms.filter((id) => mine.some(({ room }) => room.id === id));
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (saving.phase === "saving") return;
    const node = /** @type {HTMLFormElement} */ (event.currentTarget);
    const form = new FormData(node);
    const uses = email.trim() ? 1 : Number(form.get("uses")) || null;
    const mail = email.trim() ? { email: email.trim(), language: String(form.get("language") ?? "") } : {};
    const taken = await run(async () => made(await account().invite({ role, rooms: chosen, uses, expires_in: Number(form.get("life")) * DAY, ...mail })));
    if (!taken) focusWrong(node);
  };
  const { fields, error } = saving;
  const toggle = (/** @type {string} */ id) => setRooms((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  return html`<form class="form making" onSubmit=${create} noValidate onKeyDown=${onEnter} ...${forgiving(fields, refuse)}>
    <h3>${t("settings.invitations.new")}</h3>
    <div class="field"><label for="invite-email">${t("settings.invitations.email")}</label>
      <input id="invite-email" name="email" type="email" autocomplete="off" dir="auto" autofocus aria-invalid=${fields.email ? "true" : undefined} aria-describedby="invite-email-help"
        onInput=${(/** @type {Event} */ event) => setEmail(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
      <p class="help" id="invite-email-help">${t("settings.invitations.email.help")}</p><${Fault} id="invite-email-fault" text=${fields.email} /></div>
    <div class="field"><span class="label" aria-hidden="true">${t("settings.role")}</span>
      <${Radios} legend=${t("settings.role")} name="role" value=${role} choose=${setRole} options=${roles.map((value) => ({ value, label: t(`settings.role.${value}`), hint: t(`settings.role.about.${value}`) }))} />
      <${Fault} id="invite-role-fault" text=${fields.role} /></div>
    <div class="pair">
      ${email.trim()
        ? html`<div class="field" key="language"><label for="invite-language">${t("settings.invitations.language")}</label>
          <select id="invite-language" name="language">${languages.map(([code, name]) => html`<option key=${code} value=${code} lang=${code} selected=${code === language}>${name}</option>`)}</select></div>`
        : html`<div class="field" key="uses"><label for="invite-uses">${t("settings.invitations.uses")}</label>
          <select id="invite-uses" name="uses">${USES.map((count) => html`<option key=${count} value=${count}>${count ? t("settings.invitations.times", { count }) : t("link.uses.any")}</option>`)}</select>
          <${Fault} id="invite-uses-fault" text=${fields.uses} /></div>`}
      <div class="field"><label for="invite-life">${t("settings.life")}</label>
        <select id="invite-life" name="life">${LIVES.map((days) => html`<option key=${days} value=${days} selected=${days === 7}>${t("settings.days", { count: days })}</option>`)}</select>
        <${Fault} id="invite-life-fault" text=${fields.expires_in} /></div>
    </div>
    ${mine.length > 0 && html`<fieldset class="field rooms-choice"><legend>${t("settings.invitations.rooms")}</legend>
      <p class="help">${t(role === "guest" ? "settings.invitations.rooms.guest" : "settings.invitations.rooms.help")}</p>
      <div class="checks">${mine.map(({ room, name }) => html`<label class="check" key=${room.id}><input type="checkbox" checked=${rooms.includes(room.id)} disabled=${!rooms.includes(room.id) && chosen.length >= ROOMS_MOST} onChange=${() => toggle(room.id)} />
        <span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span><span dir="auto">${name}</span></label>`)}</div>
      <${Fault} id="invite-rooms-fault" text=${fields.rooms} /></fieldset>`}
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${saving.phase === "saving"}>${t(email.trim() ? "settings.invitations.send" : "settings.invitations.create")}</button>
    </div>
  </form>`;
}
