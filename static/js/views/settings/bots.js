/** Bots, for those who run the workspace: made, named, given tokens, closed and opened again. */

import { html } from "htm/preact";
import { useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar } from "parley/views/avatar.js";
import { sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { focusWrong, forgiving, onEnter } from "parley/views/rooms/form.js";
import { ask } from "parley/views/settings/asking.js";
import { account } from "parley/views/settings/door.js";
import { TextField } from "parley/views/settings/field.js";
import { HANDLE_LENGTH, NAME_LENGTH } from "parley/views/settings/limits.js";
import { useResource, Waiting } from "parley/views/settings/resource.js";
import { Fault, useSaving } from "parley/views/settings/saving.js";
import { TokenList } from "parley/views/settings/token_list.js";

/** @typedef {import("parley/net/account.js").Bot} Bot */

export function BotsTab() {
  const { value, error, reload, set } = useResource(() => account().bots(""));
  const [making, setMaking] = useState(false);
  const [open, setOpen] = useState("");
  const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const more = async () => {
    try {
      const page = await account().bots(value?.next ?? "");
      set((now) => ({ bots: [...now.bots, ...page.bots], next: page.next }));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  const close = () => {
    setMaking(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const changed = (/** @type {Bot} */ bot) => set((now) => ({ ...now, bots: now.bots.map((one) => (one.person.id === bot.person.id ? bot : one)) }));
  const made = (/** @type {Bot} */ bot) => {
    set((now) => ({ ...now, bots: [bot, ...now.bots] }));
    setMaking(false);
    setOpen(bot.person.id);
  };
  return html`<p class="help">${t("settings.bots.lead")}</p>
    ${making
      ? html`<${NewBot} made=${made} close=${close} />`
      : html`<div class="actions start"><button type="button" class="button primary" ref=${opener} onClick=${() => setMaking(true)}><${Icon} name="plus" />${t("settings.bots.new")}</button></div>`}
    ${(!value || error) && html`<${Waiting} error=${error} reload=${reload} />`}
    ${value && (value.bots.length
      ? html`<ul class="rows" data-testid="bots">${value.bots.map((bot) => html`<${BotRow} key=${bot.person.id} bot=${bot} changed=${changed} open=${open === bot.person.id} setOpen=${setOpen} />`)}</ul>`
      : !making && html`<p class="help">${t("settings.bots.none")}</p>`)}
    ${value?.next && html`<div class="actions start"><button type="button" class="button" onClick=${more}>${t("settings.more")}</button></div>`}`;
}

/** @param {{ bot: Bot, changed: (bot: Bot) => void, open: boolean, setOpen: (id: string) => void }} props */
function BotRow({ bot, changed, open, setOpen }) {
  const { person, active, owner } = bot;
  const change = async (/** @type {{ name?: string, role?: string, active?: boolean }} */ body) => changed(await account().changeBot(person.id, body));
  const shut = () =>
    ask({
      title: t("settings.bots.close.title", { name: person.name }),
      body: t("settings.bots.close.body"),
      action: t("settings.bots.close"),
      run: () => change({ active: false }),
    });
  const reopen = () => change({ active: true }).catch((problem) => toast(sentence(problem)));
  return html`<li class=${active ? "row" : "row quiet"} data-bot=${person.id}>
    <${Avatar} id=${person.id} name=${person.name} />
    <div class="row-main">
      <p class="row-title"><strong dir="auto">${person.name}</strong><span class="handle" dir="auto">@${person.handle}</span>${!active && html`<span class="chip">${t("settings.bots.closed")}</span>`}</p>
      <p class="help">${t(`settings.role.${bot.role}`)}${owner && html` · ${t("settings.bots.owner", { name: owner.name })}`}</p>
    </div>
    <button type="button" class="button small" aria-expanded=${open ? "true" : "false"} aria-label=${t("settings.bots.manage.name", { name: person.name })} onClick=${() => setOpen(open ? "" : person.id)}>${t("settings.bots.manage")}</button>
    ${open && html`<div class="row-more">
      ${active && html`<${TextField} id=${`bot-name-${person.id}`} name="name" label=${t("settings.bots.name")} value=${person.name} limit=${NAME_LENGTH} needed save=${(/** @type {string} */ name) => change({ name })} />`}
      ${active && html`<section aria-labelledby=${`bot-tokens-${person.id}`} class="stack"><h3 id=${`bot-tokens-${person.id}`}>${t("settings.tab.tokens")}</h3>
        <${TokenList} bot=${person.id} administers=${false} /></section>`}
      <div class="actions start">${active
        ? html`<button type="button" class="button" onClick=${shut}>${t("settings.bots.close")}</button>`
        : html`<button type="button" class="button" onClick=${reopen}>${t("settings.bots.open")}</button>`}</div>
    </div>`}
  </li>`;
}

/** @param {{ made: (bot: Bot) => void, close: () => void }} props */
function NewBot({ made, close }) {
  const [saving, run, , refuse] = useSaving();
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (saving.phase === "saving") return;
    const node = /** @type {HTMLFormElement} */ (event.currentTarget);
    const form = new FormData(node);
    const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
    const make = async () => made(await account().makeBot({ handle: text("handle"), name: text("name"), role: text("role") }));
    if (!text("handle")) refuse({ handle: t("field.empty") });
    if (!text("handle") || !(await run(make))) focusWrong(node);
  };
  const { fields, error } = saving;
  return html`<form class="form making" onSubmit=${create} noValidate onKeyDown=${onEnter} ...${forgiving(fields, refuse)}>
    <h3>${t("settings.bots.new")}</h3>
    <div class="field"><label for="bot-handle">${t("settings.handle")}</label>
      <input id="bot-handle" name="handle" maxlength=${HANDLE_LENGTH} required autofocus autocomplete="off" autocapitalize="none" spellcheck="false" dir="auto" placeholder=${t("settings.bots.example")}
        aria-invalid=${fields.handle ? "true" : undefined} aria-describedby="bot-handle-help" />
      <p class="help" id="bot-handle-help">${t("settings.bots.handle.help")}</p><${Fault} id="bot-handle-fault" text=${fields.handle} /></div>
    <div class="field"><label for="bot-name">${t("settings.bots.name")}</label>
      <input id="bot-name" name="name" maxlength=${NAME_LENGTH} autocomplete="off" dir="auto" aria-invalid=${fields.name ? "true" : undefined} aria-describedby="bot-name-help" />
      <p class="help" id="bot-name-help">${t("settings.bots.name.help")}</p><${Fault} id="bot-name-fault" text=${fields.name} /></div>
    <div class="field"><label for="bot-role">${t("settings.role")}</label>
      <select id="bot-role" name="role"><option value="member">${t("settings.role.member")}</option><option value="guest">${t("settings.role.guest")}</option></select></div>
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${saving.phase === "saving"}>${t("action.create")}</button>
    </div>
  </form>`;
}
