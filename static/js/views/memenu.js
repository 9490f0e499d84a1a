/** The menu about oneself, loaded when it is first opened. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { density, theme } from "parley/views/choices.js";
import { dialog, sentence, toast } from "parley/views/derived.js";
import { keysOf, KEYS, signsOf } from "parley/views/keys.js";
import { openMenu } from "parley/views/popover.js";
import { statusOf } from "parley/views/person.js";
import { Status } from "parley/views/settings/status.js";

/** @typedef {import("parley/views/popover.js").Entry} Entry */
/** @typedef {{ languages: [string, string][], language: string, staff: boolean }} About */

/**
 * @param {HTMLElement} anchor
 * @param {About} about
 */
export function openMyMenu(anchor, about) {
  openMenu(anchor, { label: t("menu.label"), head: Head, entries: () => entries(about) });
}

function Head() {
  const { me } = client.state.value;
  return me && html`<p class="menu-who"><strong dir="auto">${me.name}</strong><span class="handle" dir="auto">@${me.handle}</span></p>`;
}

/**
 * @param {About} about
 * @returns {Entry[]}
 */
function entries({ languages, language, staff }) {
  const { me } = client.state.value;
  if (!me) return [];
  const status = statusOf({ ...me, status_until: me.status_until ?? undefined });
  const sheet = KEYS.find((key) => key.id === "sheet");
  return [
    { id: "status", label: status || t("menu.status"), icon: "mood", view: () => html`<div class="status-panel"><${StatusForm} /></div>`, over: t("menu.status") },
    "line",
    { label: t("menu.theme"), icon: "theme", note: t(`theme.${theme.value}`), entries: looks },
    { label: t("menu.language"), icon: "language", note: languages.find(([code]) => code === language)?.[1], entries: () => languages.map(([code, label]) => ({ label, lang: code, checked: code === language, run: () => speak(code, language) })) },
    { label: t("menu.settings"), icon: "settings", href: "/settings/" },
    ...(me.may_invite ? [/** @type {Entry} */ ({ label: t("menu.invite"), icon: "invite", href: "/settings/invitations/" })] : []),
    { label: t("menu.keys"), icon: "keys", note: sheet && signsOf(keysOf(sheet)[0]).join(" "), run: () => (dialog.value = { name: "keys" }) },
    ...(staff ? [/** @type {Entry} */ ({ label: t("menu.admin"), icon: "shield", href: "/admin/" })] : []),
    "line",
    { label: t("menu.sign-out"), icon: "leave", run: leave },
  ];
}

function StatusForm() {
  const { me } = client.state.value;
  return me && html`<${Status} me=${me} />`;
}

/** @returns {Entry[]} */
function looks() {
  return [
    ...theme.values.map((name) => ({ label: t(`theme.${name}`), checked: theme.value === name, stays: true, run: () => void (theme.value = name) })),
    "line",
    { title: t("settings.density") },
    ...density.values.map((name) => ({ label: t(`settings.density.${name}`), checked: density.value === name, stays: true, run: () => void (density.value = name) })),
  ];
}

/**
 * @param {string} code
 * @param {string} language
 */
async function speak(code, language) {
  if (code === language) return;
  try {
    await client.rest.setLanguage(code);
    location.reload();
  } catch (error) {
    toast(sentence(error));
  }
}

async function leave() {
  /** @type {HTMLElement} */ (document.getElementById("app")).inert = true;
  await client.leave();
  /** @type {HTMLFormElement} */ (document.getElementById("sign-out")).submit();
}
