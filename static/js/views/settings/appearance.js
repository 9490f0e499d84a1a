/** How this browser looks to this person, and in which language it speaks. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { density, theme } from "parley/views/choices.js";
import { client } from "parley/views/client.js";
import { sentence } from "parley/views/derived.js";
import { Radios, Section } from "parley/views/settings/section.js";

/** @param {{ languages: [string, string][], language: string }} props */
export function AppearanceTab({ languages, language }) {
  const [error, setError] = useState("");
  const [wanted, setWanted] = useState(language);
  const speak = async (/** @type {string} */ code) => {
    setWanted(code);
    setError("");
    try {
      await client.rest.setLanguage(code);
      location.reload();
    } catch (problem) {
      setWanted(language);
      setError(sentence(problem));
    }
  };
  return html`
    <${Section} id="set-theme" title=${t("settings.theme")} lead=${t("settings.here")}>
      <${Radios} legend=${t("settings.theme")} name="theme" value=${theme.value} choose=${(/** @type {any} */ value) => (theme.value = value)} tiles
        options=${theme.values.map((value) => ({ value, label: t(`theme.${value}`) }))} />
    </${Section}>
    <${Section} id="set-density" title=${t("settings.density")} lead=${t("settings.here")}>
      <${Radios} legend=${t("settings.density")} name="density" value=${density.value} choose=${(/** @type {any} */ value) => (density.value = value)} tiles
        options=${density.values.map((value) => ({ value, label: t(`settings.density.${value}`), hint: t(`settings.density.about.${value}`) }))} />
    </${Section}>
    <${Section} id="set-language" title=${t("menu.language")} lead=${t("settings.language.lead")}>
      <${Radios} legend=${t("menu.language")} name="language" value=${wanted} choose=${speak} tiles disabled=${wanted !== language}
        options=${languages.map(([value, label]) => ({ value, label, lang: value === "zh-hans" ? "zh-Hans" : value }))} />
      ${error && html`<p class="error-text" role="alert">${error}</p>`}
    </${Section}>
    <${Section} id="set-size" title=${t("settings.size")} lead=${t("settings.size.lead", { key: /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl" })} />`;
}
