/** Who one is to the others: picture, name, status, and the zone one's clock is in. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { NAME_LENGTH } from "parley/views/settings/limits.js";
import { account } from "parley/views/settings/door.js";
import { TextField } from "parley/views/settings/field.js";
import { Picture } from "parley/views/settings/picture.js";
import { Section } from "parley/views/settings/section.js";
import { Status } from "parley/views/settings/status.js";
import { Zone } from "parley/views/settings/zone.js";

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function ProfileTab({ me }) {
  return html`
    <${Section} id="set-picture" title=${t("settings.picture")}><${Picture} me=${me} /></${Section}>
    <${Section} id="set-name-title" title=${t("settings.name")}>
      <${TextField} id="set-name" name="name" label=${t("settings.name.full")} value=${me.name} limit=${NAME_LENGTH} autocomplete="name" needed
        help=${t("settings.name.help")} save=${(/** @type {string} */ name) => account().change({ name })} />
    </${Section}>
    <${Section} id="set-status-title" title=${t("settings.status")} lead=${t("settings.status.lead")}><${Status} me=${me} /></${Section}>
    <${Section} id="set-zone-title" title=${t("settings.zone")} lead=${t("settings.zone.lead")}><${Zone} me=${me} /></${Section}>
    <${Section} id="set-known" title=${t("settings.known")}>
      <dl class="facts">
        <div><dt>${t("settings.handle")}</dt><dd dir="auto">@${me.handle}</dd></div>
        <div><dt>${t("settings.email")}</dt><dd><span dir="auto">${me.email}</span> <a href="/accounts/email/">${t("settings.email.change")}</a></dd></div>
      </dl>
    </${Section}>`;
}
