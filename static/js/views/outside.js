/** A room from outside: what whoever may find it reads of it, and the way in. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { RoomFacts } from "parley/views/roomcard.js";
import { follow } from "parley/views/route.js";

/** @typedef {import("parley/net/rest.js").RoomListed} RoomListed */

/** @param {{ id: string, missing: any }} props `missing` stands where she may not find such a room */
export function View({ id, missing }) {
  const [listed, setListed] = useState(/** @type {RoomListed | null | undefined} */ (undefined));
  const [error, setError] = useState("");
  const [late, setLate] = useState(false);
  const [nth, setNth] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => setLate(true), 200);
    client.rest.browseRooms({ id }, abort.signal).then(
      // An address with a zero before the number is not the room's: it would not lead in.
      ({ rooms }) => setListed(rooms.find(({ room }) => room.id === id) ?? null),
      (problem) => abort.signal.aborted || setError(sentence(problem)),
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [id, nth]);
  const again = () => {
    setError("");
    setNth(nth + 1);
  };
  if (listed) return html`<${Door} ...${listed} />`;
  if (listed === null) return missing;
  return html`<main class="room nothing" id="main" data-landmark tabindex="-1">
    <${Back} />
    ${error
      ? html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${again}>${t("action.retry")}</button></div>`
      : late && html`<p class="help" role="status">${t("loading")}</p>`}
  </main>`;
}

/** A public room from outside. Who comes in stays at the address, which may be a message's. @param {RoomListed} props */
export function Door({ room, members }) {
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      client.entered(await client.rest.joinRoom(room.id));
    } catch (problem) {
      toast(sentence(problem));
      setBusy(false);
    }
  };
  return html`<main class="room nothing" id="main" aria-label=${room.name} data-landmark tabindex="-1">
    <${Back} />
    <section class="card join-card">
      <${RoomFacts} room=${room} members=${members} />
      <button type="button" class="button primary wide" disabled=${busy} onClick=${join}>${t("room.join")}</button>
    </section>
  </main>`;
}

function Back() {
  return html`<a class="tool back corner" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>`;
}
