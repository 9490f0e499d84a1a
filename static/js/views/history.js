/** What a message said before, the newest wording first, each with what it changed: a content of the right pane. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { changes } from "parley/lib/diff.js";
import { languageTag, t } from "parley/lib/i18n.js";
import { moment, when } from "parley/lib/time.js";
import { rowAt } from "parley/store/rows.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { sentence } from "parley/views/derived.js";
import { personOf } from "parley/views/person.js";
import { follow, pathOf, route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */

/** A wording and when it was written. @typedef {{ text: string, at: number }} Version */

const PATIENCE_MS = 200;

export function title() {
  return t("message.history");
}

/** @param {{ room: Room, what: string }} props `what`: the message's seq */
export function Body({ room, what }) {
  const seq = Number(what);
  const log = client.state.value.logs[room.id];
  const row = log && rowAt(log.rows, seq);
  const [found, setFound] = useState(/** @type {{ text: string, until: number }[] | null} */ (null));
  const [error, setError] = useState("");
  const [slow, setSlow] = useState(false);
  const [nth, setNth] = useState(0);
  const live = client.status.value.phase === "live";
  // Another edit is another rev of the row, and another version to read.
  useEffect(() => {
    let here = true;
    const timer = setTimeout(() => here && setSlow(true), PATIENCE_MS);
    setError("");
    const read = async () => {
      if (!row) await client.load(room.id, { around: seq, limit: 1 });
      return client.rest.history(room.id, seq);
    };
    read()
      .then(
        (edits) => here && setFound(edits),
        (problem) => here && setError(sentence(problem)),
      )
      .finally(() => clearTimeout(timer));
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [room.id, seq, row?.rev, nth]);
  useEffect(() => {
    if (live && error) setNth(nth + 1);
  }, [live]);
  if (error) return html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${() => setNth(nth + 1)}>${t("action.retry")}</button></div>`;
  if (row?.deleted) return html`<div class="empty"><p>${t("history.deleted")}</p></div>`;
  if (!row || !found) return slow ? html`<div class="history" role="status" aria-label=${t("loading")}>${[72, 56, 64].map((width) => html`<div class=${`bone w${width}`}></div>`)}</div>` : null;
  const versions = versionsOf(row, found);
  const name = personOf(row.author.id)?.name ?? row.author.name;
  const back = pathOf(room.id, seq, route.value.pane);
  return html`<div class="history">
    <a class="history-of" href=${back} onClick=${(/** @type {MouseEvent} */ event) => follow(event, back)}><${Avatar} id=${row.author.id} name=${name} small /><span dir="auto">${name}</span><time datetime=${new Date(row.created_at).toISOString()} title=${moment(row.created_at)}>${when(row.created_at)}</time></a>
    ${found.length === 0 && html`<p class="help">${t("history.none")}</p>`}
    <ol class="versions">${versions.map(({ text, at }, index) => html`<li key=${versions.length - index} class="version">
      <h3><time datetime=${new Date(at).toISOString()} title=${moment(at)}>${when(at)}</time>${index === 0 ? html`<span class="chip">${t("history.now")}</span>` : index === versions.length - 1 ? html`<span class="chip">${t("history.first")}</span>` : null}</h3>
      <p class="wording" dir="auto">${index + 1 < versions.length ? html`<${Changed} before=${versions[index + 1].text} after=${text} />` : text}</p>
    </li>`)}</ol>
  </div>`;
}

/** @param {{ before: string, after: string }} props */
function Changed({ before, after }) {
  return changes(before, after, languageTag()).map(({ kind, text }) => (kind === "same" ? text : kind === "gone" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`));
}

/**
 * The newest first. A wording was written when the one before it ended.
 * @param {import("parley/store/shapes.js").Message} row
 * @param {{ text: string, until: number }[]} edits the oldest first
 * @returns {Version[]}
 */
function versionsOf(row, edits) {
  const all = edits.map(({ text }, index) => ({ text, at: index ? edits[index - 1].until : row.created_at }));
  return [...all, { text: row.text, at: edits.length ? edits[edits.length - 1].until : row.created_at }].reverse();
}
