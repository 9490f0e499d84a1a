/** Links that let people into a room: how long each is good and for how many, and an end to it. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { when } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { dialog, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { usesOf } from "parley/views/rooms/link-uses.js";
import { linksMade } from "parley/views/rooms/links-made.js";

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function Links({ room }) {
  const [links, setLinks] = useState(/** @type {import("parley/net/rest.js").RoomLink[] | null} */ (null));
  const [error, setError] = useState("");
  const load = () => client.rest.links(room.id).then((list) => { setLinks(list); setError(""); }, (problem) => setError(sentence(problem)));
  useEffect(() => void load(), [room.id, linksMade.value]);
  const revoke = async (/** @type {string} */ id) => {
    try {
      await client.rest.revokeLink(room.id, id);
      setLinks((now) => now && now.filter((link) => link.id !== id));
      toast(t("link.revoked"));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  return html`<section class="pane-section"><h3>${t("link.title")}</h3>
    ${error && html`<p class="error-text" role="alert">${error} <button type="button" class="link-button" onClick=${load}>${t("action.retry")}</button></p>`}
    ${links?.length === 0 && html`<p class="help">${t("link.none")}</p>`}
    ${links && links.length > 0 && html`<ul class="plain-list">${links.map((link) => {
      return html`<li key=${link.id} class="line"><span class="line-text"><span dir="auto">${t("link.by", { name: link.by.name, when: when(link.created_at) })}</span>
        <span class="help">${[usesOf(link.uses, link.uses_left), link.expires_at ? t("link.until", { until: when(link.expires_at) }) : t("link.forever")].join(t("dot"))}</span></span>
        <button type="button" class="button small" onClick=${() => revoke(link.id)}>${t("link.revoke")}</button></li>`;
    })}</ul>`}
    <button type="button" class="button small" onClick=${() => (dialog.value = { name: "link", room: room.id })}><${Icon} name="link" />${t("link.make")}</button>
  </section>`;
}
