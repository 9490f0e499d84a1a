/**
 * One's picture: chosen or dropped, looked at as others will see it, then sent. What the server would refuse is said
 * before anything is sent. The preview is drawn, not linked: the page's policy lets no other picture in.
 */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar } from "parley/views/avatar.js";
import { account } from "parley/views/settings/door.js";
import { ask } from "parley/views/settings/asking.js";
import { PICTURE_BYTES, PICTURE_PIXELS, PICTURE_SIDE, PICTURE_TYPES } from "parley/views/settings/limits.js";
import { faultsOf, SaveWord, useSaving } from "parley/views/settings/saving.js";

const EDGE = 192;

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function Picture({ me }) {
  const chooser = useRef(/** @type {HTMLInputElement | null} */ (null));
  const choose = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {{ file: File, bitmap: ImageBitmap } | null} */ (null));
  const [part, setPart] = useState(/** @type {number | null} */ (null));
  const [fault, setFault] = useState("");
  const [over, setOver] = useState(false);
  const [saving, run] = useSaving();
  const abort = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => () => chosen?.bitmap.close(), [chosen]);

  const take = async (/** @type {File | undefined} */ file) => {
    if (!file || part !== null) return;
    setFault("");
    if (!PICTURE_TYPES.includes(file.type)) return setFault(t("settings.picture.type"));
    if (file.size > PICTURE_BYTES) return setFault(t("settings.picture.bytes"));
    try {
      const bitmap = await createImageBitmap(file);
      if (bitmap.width * bitmap.height > PICTURE_PIXELS) setFault(t("settings.picture.pixels"));
      else if (Math.min(bitmap.width, bitmap.height) < PICTURE_SIDE) setFault(t("settings.picture.small"));
      else return setChosen({ file, bitmap });
      bitmap.close();
    } catch {
      setFault(t("settings.picture.broken"));
    }
  };
  const send = async () => {
    if (!chosen) return;
    abort.current = new AbortController();
    const { signal } = abort.current;
    setFault("");
    setPart(0);
    const done = await run(async () => {
      try {
        await account().setPicture(chosen.file, setPart, signal);
      } catch (problem) {
        if (!signal.aborted) {
          const { fields, error } = faultsOf(problem);
          setFault(fields.picture ?? error);
        }
        throw problem;
      }
    });
    setPart(null);
    if (done) drop();
  };
  const drop = () => {
    setChosen(null);
    setFault("");
    requestAnimationFrame(() => choose.current?.focus());
  };
  const remove = () =>
    ask({ title: t("settings.picture.remove.title"), body: t("settings.picture.remove.body"), action: t("settings.picture.remove"), run: () => account().removePicture() });
  const dragged = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setOver(event.type !== "dragleave" && event.type !== "drop");
    if (event.type === "drop") take(event.dataTransfer.files[0]);
  };
  return html`<div class=${over ? "picture over" : "picture"} onDragEnter=${dragged} onDragOver=${dragged} onDragLeave=${dragged} onDrop=${dragged}>
    <div class="picture-frame">${chosen
      ? html`<${Preview} bitmap=${chosen.bitmap} />`
      : me.picture
        ? html`<img class="picture-now" src=${me.picture.replace("96.webp", "512.webp")} width="96" height="96" alt=${t("settings.picture.now")} />`
        : html`<${Avatar} id=${me.id} name=${me.name} />`}</div>
    <div class="picture-side">
      <input class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept=${PICTURE_TYPES.join()} ref=${chooser}
        onChange=${(/** @type {Event} */ event) => { const field = /** @type {HTMLInputElement} */ (event.currentTarget); take(field.files?.[0]); field.value = ""; }} />
      ${chosen
        ? html`<p class="picture-name" dir="auto">${chosen.file.name}</p>
          ${part === null
            ? html`<div class="actions start"><button type="button" class="button primary" onClick=${send}>${saving.phase === "failed" ? t("action.retry") : t("settings.picture.use")}</button>
              <button type="button" class="button" onClick=${drop}>${t("action.cancel")}</button></div>`
            : html`<div class="picture-progress"><progress max="1" value=${part} aria-label=${t("settings.picture.sending")}></progress>
              <button type="button" class="button small" onClick=${() => abort.current?.abort()}>${t("action.cancel")}</button></div>`}`
        : html`<div class="actions start"><button type="button" class="button" ref=${choose} onClick=${() => chooser.current?.click()}>${t("settings.picture.choose")}</button>
          ${me.picture && html`<button type="button" class="button plain" onClick=${remove}>${t("settings.picture.remove")}</button>`}</div>`}
      <p class="help">${t("settings.picture.limits")}</p>
      ${fault && html`<p class="error-text" role="alert">${fault}</p>`}
      ${part === null && saving.phase !== "failed" && html`<${SaveWord} state=${saving} />`}
    </div>
  </div>`;
}

/** Its middle, as a square: what the server keeps. @param {{ bitmap: ImageBitmap }} props */
function Preview({ bitmap }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useLayoutEffect(() => {
    const side = Math.min(bitmap.width, bitmap.height);
    canvas.current?.getContext("2d")?.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, EDGE, EDGE);
  }, [bitmap]);
  return html`<canvas class="picture-now" ref=${canvas} width=${EDGE} height=${EDGE} role="img" aria-label=${t("settings.picture.preview")}></canvas>`;
}
