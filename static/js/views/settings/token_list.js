/** The tokens of a person or of a bot: made, shown once, revoked. */

import { html } from "htm/preact";
import { useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { moment } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { focusWrong, forgiving, onEnter } from "parley/views/rooms/form.js";
import { ask } from "parley/views/settings/asking.js";
import { account } from "parley/views/settings/door.js";
import { LINE_LENGTH } from "parley/views/settings/limits.js";
import { Once } from "parley/views/settings/once.js";
import { useResource, Waiting } from "parley/views/settings/resource.js";
import { Fault, useSaving } from "parley/views/settings/saving.js";
import { Radios } from "parley/views/settings/section.js";
import { distance } from "parley/views/settings/spans.js";

/** @typedef {import("parley/net/account.js").Token} Token */

const DAY = 86_400;
/** How long a token lives, in days; 0: until it is revoked. */
const LIVES = [7, 30, 90, 365, 0];

/** @param {{ bot: string | null, administers: boolean }} props */
export function TokenList({ bot, administers }) {
  const { value, error, reload, set } = useResource(() => account().tokens(bot), `${bot} ${bot === null ? client.devicesAt.value : ""}`);
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState("");
  const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const close = () => {
    setMaking(false);
    setSecret("");
    requestAnimationFrame(() => opener.current?.focus());
  };
  const revoke = (/** @type {Token} */ token) =>
    ask({
      title: t("settings.tokens.revoke.title", { name: token.name }),
      body: t("settings.tokens.revoke.body"),
      action: t("settings.revoke"),
      run: async () => {
        await account().revokeToken(bot, token.id);
        set((now) => now.filter((one) => one.id !== token.id));
        toast(t("settings.tokens.revoked", { name: token.name }));
      },
    });
  const made = (/** @type {{ token: Token, secret: string }} */ answer) => {
    setMaking(false);
    setSecret(answer.secret);
    set((now) => [answer.token, ...now.filter((one) => one.id !== answer.token.id)]);
  };
  return html`<div class="stack">
    ${secret && html`<${Once} title=${t("settings.tokens.once")} warning=${t("settings.tokens.once.warning")} text=${secret} done=${close} />`}
    ${making
      ? html`<${NewToken} bot=${bot} administers=${administers} made=${made} close=${close} />`
      : !secret && html`<div class="actions start"><button type="button" class="button primary" ref=${opener} onClick=${() => setMaking(true)}><${Icon} name="plus" />${t("settings.tokens.new")}</button></div>`}
    ${(!value || error) && html`<${Waiting} error=${error} reload=${reload} />`}
    ${value && (value.length
      ? html`<ul class="rows" data-testid="tokens">${value.map((token) => html`<li key=${token.id} class="row" data-token=${token.id}>
        <div class="row-main">
          <p class="row-title"><strong dir="auto">${token.name}</strong><span class="chip">${t(`settings.scope.${widest(token.scopes)}`)}</span></p>
          <p class="help"><code translate="no">${token.prefix}…</code></p>
          <p class="help"><span title=${moment(token.created_at)}>${t("settings.made", { time: distance(token.created_at) })}</span> · ${token.last_used_at === null
            ? t("settings.tokens.unused")
            : html`<span title=${moment(token.last_used_at)}>${t("settings.tokens.used", { time: distance(token.last_used_at) })}</span>`} · ${token.expires_at === null
            ? t("settings.tokens.forever")
            : html`<span title=${moment(token.expires_at)}>${t("settings.expires", { time: distance(token.expires_at) })}</span>`}</p>
        </div>
        <button type="button" class="button small" aria-label=${t("settings.of", { action: t("settings.revoke"), name: token.name })} onClick=${() => revoke(token)}>${t("settings.revoke")}</button>
      </li>`)}</ul>`
      : !making && html`<p class="help">${t("settings.tokens.none")}</p>`)}
  </div>`;
}

/** @param {{ bot: string | null, administers: boolean, made: (answer: any) => void, close: () => void }} props */
function NewToken({ bot, administers, made, close }) {
  const [scope, setScope] = useState("read");
  const [saving, run, , refuse] = useSaving();
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (saving.phase === "saving") return;
    const node = /** @type {HTMLFormElement} */ (event.currentTarget);
    const form = new FormData(node);
    const days = Number(form.get("life"));
    const name = String(form.get("name") ?? "").trim();
    const make = async () => made(await account().makeToken(bot, { name, scopes: [scope], expires_in: days ? days * DAY : null }));
    if (!name) refuse({ name: t("field.empty") });
    if (!name || !(await run(make))) focusWrong(node);
  };
  const { fields, error } = saving;
  const scopes = administers && bot === null ? ["read", "write", "admin"] : ["read", "write"];
  return html`<form class="form making" onSubmit=${create} noValidate onKeyDown=${onEnter} ...${forgiving(fields, refuse)}>
    <h3>${t("settings.tokens.new")}</h3>
    <div class="field"><label for="token-name">${t("settings.tokens.name")}</label>
      <input id="token-name" name="name" maxlength=${LINE_LENGTH} required autofocus autocomplete="off" dir="auto" placeholder=${t("settings.tokens.example")} aria-invalid=${fields.name ? "true" : undefined} aria-describedby=${fields.name ? "token-name-fault" : undefined} />
      <${Fault} id="token-name-fault" text=${fields.name} /></div>
    <div class="field"><span class="label" aria-hidden="true">${t("settings.tokens.scope")}</span>
      <${Radios} legend=${t("settings.tokens.scope")} name="scope" value=${scope} choose=${setScope} options=${scopes.map((value) => ({ value, label: t(`settings.scope.${value}`), hint: t(`settings.scope.about.${value}`) }))} />
      <${Fault} id="token-scope-fault" text=${fields.scopes} /></div>
    <div class="field"><label for="token-life">${t("settings.life")}</label>
      <select id="token-life" name="life" defaultValue="90">${LIVES.map((days) => html`<option key=${days} value=${days} selected=${days === 90}>${days ? t("settings.days", { count: days }) : t("settings.life.never")}</option>`)}</select>
      <${Fault} id="token-life-fault" text=${fields.expires_in} /></div>
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${saving.phase === "saving"}>${t("action.create")}</button>
    </div>
  </form>`;
}

/** Each scope includes those before it. @param {string[]} scopes */
function widest(scopes) {
  return ["admin", "write", "read"].find((one) => scopes.includes(one)) ?? "read";
}
