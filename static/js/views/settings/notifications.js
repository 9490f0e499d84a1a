/** What this browser tells of while one looks elsewhere, and what to do if it may not. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { notify, sound } from "parley/views/choices.js";
import { askPermission, permission, ring } from "parley/views/notifier.js";
import { Radios, Section } from "parley/views/settings/section.js";

export function NotificationsTab() {
  const [asking, setAsking] = useState(false);
  const may = permission.value;
  const choose = async (/** @type {any} */ value) => {
    notify.value = value;
    if (value !== "off" && permission.value === "default") await request();
  };
  const request = async () => {
    setAsking(true);
    await askPermission();
    setAsking(false);
  };
  return html`
    <${Section} id="set-notify" title=${t("settings.notify")} lead=${t("settings.notify.lead")}>
      <${Radios} legend=${t("settings.notify")} name="notify" value=${notify.value} choose=${choose} disabled=${may === "none"}
        options=${notify.values.map((value) => ({ value, label: t(`settings.notify.${value}`), hint: t(`settings.notify.about.${value}`) }))} />
      <div data-testid="permission" data-permission=${may} role="status">
        ${may === "none" && html`<p class="notice warning">${t("settings.notify.unknown")}</p>`}
        ${may === "denied" && html`<p class="notice warning">${t("settings.notify.denied")}</p>`}
        ${may === "default" && notify.value !== "off" && html`<div class="notice settings-problem"><span>${t(asking ? "settings.notify.asking" : "settings.notify.ask")}</span>${!asking && html`<button type="button" class="button small" onClick=${request}>${t("settings.notify.allow")}</button>`}</div>`}
        ${may === "granted" && notify.value !== "off" && html`<p class="help">${t("settings.notify.works")}</p>`}
      </div>
    </${Section}>
    <${Section} id="set-sound" title=${t("settings.sound")} lead=${t("settings.here")}>
      <div class="check-row"><label class="check wide"><input type="checkbox" checked=${sound.value === "on"} onChange=${() => { sound.value = sound.value === "on" ? "off" : "on"; if (sound.value === "on") ring(); }} />
        <span>${t("settings.sound.on")}</span></label>
        <button type="button" class="button small" onClick=${ring}>${t("settings.sound.try")}</button></div>
    </${Section}>
    <${Section} id="set-always" title=${t("settings.always")} lead=${t("settings.always.lead")} />`;
}
