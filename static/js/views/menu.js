/** One's own corner: name, language, appearance, the way out. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { Avatar, PresenceDot } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";

/** @param {{ languages: [string, string][], language: string, staff: boolean }} props */
export function Menu({ languages, language, staff }) {
  const { me } = client.state.value;
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "system");
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!open) return;
    const away = (/** @type {Event} */ event) => {
      if (!frame.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  if (!me) return null;
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (open && event.key === "Escape" && !ownsKey(event)) {
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    }
  };
  const speak = async (/** @type {string} */ code) => {
    if (code === language) return;
    try {
      await client.rest.setLanguage(code);
      location.reload();
    } catch (error) {
      toast(sentence(error));
    }
  };
  const paint = (/** @type {string} */ name) => {
    setTheme(name);
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    document.cookie = `theme=${name}; path=/; max-age=31536000; samesite=lax`;
  };
  const leave = async () => {
    /** @type {HTMLElement} */ (document.getElementById("app")).inert = true;
    await client.leave();
    /** @type {HTMLFormElement} */ (document.getElementById("sign-out")).submit();
  };
  const choices = (/** @type {[string, string][]} */ list, /** @type {string} */ now, /** @type {(value: string) => void} */ choose, /** @type {boolean} */ spoken) =>
    html`<div class="choices">${list.map(([value, label]) => html`<button type="button" class="button small plain" lang=${spoken ? value : undefined}
      aria-pressed=${value === now ? "true" : "false"} onClick=${() => choose(value)}>${label}</button>`)}</div>`;
  return html`<section class="me" aria-label=${t("menu.label")} ref=${frame} onKeyDown=${onKeyDown}>
    ${open && html`<div class="menu" >
      <p class="menu-who"><strong dir="auto">${me.name}</strong><span class="handle" dir="auto">@${me.handle}</span></p>
      <div class="menu-row" role="group" aria-label=${t("menu.language")}><span class="menu-title">${t("menu.language")}</span>${choices(languages, language, speak, true)}</div>
      <div class="menu-row" role="group" aria-label=${t("menu.theme")}><span class="menu-title">${t("menu.theme")}</span>${choices([["system", t("theme.system")], ["light", t("theme.light")], ["dark", t("theme.dark")]], theme, paint, false)}</div>
      ${staff && html`<a class="menu-item" href="/admin/">${t("menu.admin")}</a>`}
      <button type="button" class="menu-item" onClick=${leave}>${t("menu.sign-out")}</button>
    </div>`}
    <button type="button" class="me-button" ref=${button} aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)}>
      <span class="room-face" aria-hidden="true"><${Avatar} id=${me.id} name=${me.name} small /><${PresenceDot} user=${me.id} /></span>
      <span class="me-name"><span dir="auto">${me.name}</span><span class="handle" dir="auto">@${me.handle}</span></span>
      <span class="visually-hidden">${t("menu.label")}</span>
      <${Icon} name="more" />
    </button>
  </section>`;
}
