/** What concerns the safety of the account is asked on pages of the server's own; here is what there is. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { Icon } from "parley/views/icons.js";

const PAGES = [
  { name: "password", href: "/accounts/password/change/" },
  { name: "email", href: "/accounts/email/" },
  { name: "steps", href: "/accounts/2fa/" },
];

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function AccountTab({ me }) {
  return html`<ul class="doors">${PAGES.map(({ name, href }) => html`<li key=${name}><a href=${href}>
    <span class="settings-name">${t(`settings.door.${name}`)}<span class="help">${name === "email" ? t("settings.door.email.about", { email: me.email }) : t(`settings.door.${name}.about`)}</span></span><${Icon} name="next" /></a></li>`)}</ul>
    <p class="help">${t("settings.door.asked")}</p>`;
}
