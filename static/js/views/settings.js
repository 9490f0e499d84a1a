/** The settings: a list of tabs and the one that is open, each with its own address. Where it is narrow, one at a time. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { heading } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { follow } from "parley/views/route.js";
import { AccountTab } from "parley/views/settings/account.js";
import { AppearanceTab } from "parley/views/settings/appearance.js";
import { Asking, hush } from "parley/views/settings/asking.js";
import { BotsTab } from "parley/views/settings/bots.js";
import { DevicesTab } from "parley/views/settings/devices.js";
import { InvitationsTab } from "parley/views/settings/invitations.js";
import { KeysTab } from "parley/views/settings/keys.js";
import { NotificationsTab } from "parley/views/settings/notifications.js";
import { ProfileTab } from "parley/views/settings/profile.js";
import { Sign } from "parley/views/settings/signs.js";
import { TokensTab } from "parley/views/settings/tokens.js";

/**
 * `for`: who is shown it; the server refuses the others anyway.
 * @type {{ name: import("parley/views/settings/signs.js").SignName, view: any, for?: (me: import("parley/store/shapes.js").Me) => boolean }[]}
 */
const TABS = [
  { name: "profile", view: ProfileTab },
  { name: "account", view: AccountTab },
  { name: "devices", view: DevicesTab },
  { name: "appearance", view: AppearanceTab },
  { name: "keys", view: KeysTab },
  { name: "notifications", view: NotificationsTab },
  { name: "invitations", view: InvitationsTab, for: (me) => me.may_invite },
  { name: "tokens", view: TokensTab },
  { name: "bots", view: BotsTab, for: (me) => ["owner", "admin"].includes(me.role) },
];

/** @param {string} tab */
const addressOf = (tab) => `/settings/${tab}${tab && "/"}`;

/** @param {{ tab: string, languages: [string, string][], language: string }} props */
export function View({ tab, languages, language }) {
  const { me } = client.state.value;
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const before = useRef(tab);
  const tabs = TABS.filter((one) => me && (!one.for || one.for(me)));
  const open = tabs.find((one) => one.name === (tab || "profile"));
  const title = open ? t(`settings.tab.${open.name}`) : t("settings.missing");
  useLayoutEffect(() => {
    heading.value = tab ? title : t("settings.title");
    if (before.current === tab) return;
    const left = before.current;
    before.current = tab;
    hush();
    if (body.current) body.current.scrollTop = 0;
    // Where there is room for one of them only, what had the focus is gone.
    const lost = /** @type {HTMLElement | null} */ (document.activeElement);
    if (lost && lost !== document.body && lost.offsetParent !== null) return;
    const next = tab ? body.current : /** @type {HTMLElement | null} */ (list.current?.querySelector(`[data-tab="${left}"]`) ?? null);
    next?.focus({ preventScroll: true });
  }, [tab, title]);
  useEffect(() => () => {
    heading.value = "";
    hush();
  }, []);
  if (!me) return null;
  return html`<main class="room settings" id="main" aria-label=${t("settings.title")} data-landmark tabindex="-1" data-open=${tab ? "tab" : "list"}>
    <header class="room-head">
      ${tab
        ? html`<a key="tabs" class="tool settings-back" href=${addressOf("")} aria-label=${t("settings.back")} title=${t("settings.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, addressOf(""))}><${Icon} name="back" /></a>`
        : html`<a key="list" class="tool back" href="/" aria-label=${t("action.back")} title=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>`}
      <div class="room-title"><h1><span class="settings-whole">${t("settings.title")}</span>${tab && html`<span class="settings-one">${title}</span>`}</h1></div>
    </header>
    <div class="settings-columns">
      <nav class="settings-nav" aria-label=${t("settings.title")} ref=${list}><ul>
        ${tabs.map(({ name }) => html`<li key=${name}><a href=${addressOf(name)} data-tab=${name} aria-current=${open?.name === name ? "page" : undefined} onClick=${(/** @type {MouseEvent} */ event) => follow(event, addressOf(name))}>
          <${Sign} name=${name} /><span class="settings-name">${t(`settings.tab.${name}`)}<span class="help">${t(`settings.about.${name}`)}</span></span><${Icon} name="next" /></a></li>`)}
      </ul></nav>
      <div class="settings-body" ref=${body} tabindex="-1"><div class="settings-page" key=${open?.name ?? ""}>
        <h2 class="settings-whole">${title}</h2>
        ${open
          ? html`<${open.view} me=${me} languages=${languages} language=${language} />`
          : html`<p>${t("settings.missing.hint")}</p>`}
      </div></div>
    </div>
    <${Asking} />
  </main>`;
}
