/** Which keys do what. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { sendKeys, singleKeys } from "parley/views/choices.js";
import { dialog } from "parley/views/derived.js";
import { Radios, Section } from "parley/views/settings/section.js";

export function KeysTab() {
  const mod = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
  return html`
    <${Section} id="set-send" title=${t("settings.send")} lead=${t("settings.here")}>
      <${Radios} legend=${t("settings.send")} name="send" value=${sendKeys.value} choose=${(/** @type {any} */ value) => (sendKeys.value = value)}
        options=${sendKeys.values.map((value) => ({ value, label: t(`settings.send.${value}`, { mod }), hint: t(`settings.send.about.${value}`, { mod }) }))} />
    </${Section}>
    <${Section} id="set-single" title=${t("settings.single")} lead=${t("settings.here")}>
      <label class="check wide"><input type="checkbox" checked=${singleKeys.value === "on"} aria-describedby="set-single-help" onChange=${() => (singleKeys.value = singleKeys.value === "on" ? "off" : "on")} />
        <span>${t("settings.single.on")}</span></label>
      <p class="help" id="set-single-help">${t("settings.single.help")}</p>
    </${Section}>
    <div class="actions start"><button type="button" class="button" onClick=${() => (dialog.value = { name: "keys" })}>${t("settings.keys.sheet")}</button></div>`;
}
