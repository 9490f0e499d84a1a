/** The edge between the list and the rest: it can be moved, and stays where it was left on this device. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";

const KEY = "parley.sidebar";
const LEAST_PX = 200;
const MOST_PX = 400;
const USUAL_PX = 260;
const STEP_PX = 16;

/** @param {number} width */
const bounded = (width) => Math.round(Math.max(LEAST_PX, Math.min(MOST_PX, width)));

export function Edge() {
  const [width, setWidth] = useState(() => bounded(Number(shelfGet(KEY)) || USUAL_PX));
  const grip = useRef(/** @type {{ x: number, from: number } | null} */ (null));
  const last = useRef(width);
  useLayoutEffect(() => {
    last.current = width;
    document.documentElement.style.setProperty("--sidebar", `${width}px`);
  }, [width]);
  /** @param {number} next */
  const keep = (next) => {
    const kept = bounded(next);
    setWidth(kept);
    shelfSet(KEY, kept === USUAL_PX ? null : String(kept));
  };
  const onPointerDown = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    grip.current = { x: event.clientX, from: last.current };
  };
  const onPointerMove = (/** @type {PointerEvent} */ event) => {
    if (grip.current) setWidth(bounded(grip.current.from + event.clientX - grip.current.x));
  };
  const release = () => {
    if (!grip.current) return;
    grip.current = null;
    keep(last.current);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = { ArrowLeft: width - STEP_PX, ArrowRight: width + STEP_PX, Home: LEAST_PX, End: MOST_PX, Enter: USUAL_PX }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    keep(next);
  };
  return html`<div class="edge" role="separator" aria-orientation="vertical" aria-label=${t("sidebar.width")} aria-valuemin=${LEAST_PX} aria-valuemax=${MOST_PX} aria-valuenow=${width}
    aria-valuetext=${t("sidebar.width.value", { count: width })} tabindex="0" onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${release} onPointerCancel=${release}
    onLostPointerCapture=${release} onDblClick=${() => keep(USUAL_PX)} onKeyDown=${onKeyDown}></div>`;
}
