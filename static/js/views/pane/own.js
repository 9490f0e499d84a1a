/** How one keeps a room in one's own list; nobody else sees it. */

import { html } from "htm/preact";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { FOLDER_LENGTH, prefer as keep } from "parley/store/keeping.js";
import { client } from "parley/views/client.js";
import { said } from "parley/views/pane/field.js";

const LEVELS = /** @type {const} */ (["all", "mentions", "none"]);

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function Own({ room }) {
  const id = useId();
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [error, setError] = useState("");
  const folders = useMemo(() => [...new Set(Object.values(client.state.value.rooms).map((one) => one.folder ?? "").filter(Boolean))].sort(), [client.state.value.rooms]);
  // Shown at once; taken back if it is refused.
  const prefer = async (/** @type {import("parley/store/keeping.js").Wish} */ wish) => {
    setError("");
    try {
      await keep(client, room.id, wish);
    } catch (problem) {
      setError(said(problem));
    }
  };
  const file = () => {
    const folder = (box.current?.value ?? "").trim();
    if (folder !== (room.folder ?? "")) prefer({ folder });
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || ownsKey(event)) return;
    event.preventDefault();
    file();
  };
  const notify = room.notify ?? "all";
  return html`<section class="pane-section"><h3>${t("own.title")}</h3>
    <label class="check"><input type="checkbox" checked=${Boolean(room.favourite)}
      onClick=${(/** @type {Event} */ event) => { event.preventDefault(); prefer({ favourite: !room.favourite }); }} /><span>${t("own.favourite")}</span></label>
    <fieldset class="levels"><legend>${t("own.notify")}</legend>${LEVELS.map((level) => html`<label key=${level} class="check"><input type="radio" name=${`${id}-notify`}
      checked=${notify === level} onChange=${() => prefer({ notify: level })} /><span>${t(`own.notify.${level}`)}</span></label>`)}</fieldset>
    <div class="field"><label for=${`${id}-folder`}>${t("own.folder")}</label>
      <input id=${`${id}-folder`} key=${room.folder ?? ""} ref=${box} list=${`${id}-folders`} maxlength=${FOLDER_LENGTH} dir="auto" autocomplete="off" placeholder=${t("own.folder.none")}
        defaultValue=${room.folder ?? ""} aria-invalid=${error ? "true" : undefined} onKeyDown=${onKeyDown} onBlur=${file} />
      <datalist id=${`${id}-folders`}>${folders.map((one) => html`<option key=${one} value=${one}></option>`)}</datalist></div>
    ${error && html`<p class="error-text" role="alert">${error}</p>`}
  </section>`;
}
