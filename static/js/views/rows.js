/**
 * A long list of rows of one height, of which only those in view are in the page: a thousand cost what thirty cost. One
 * of them is in the order of the keys; arrows, Home and End move through all.
 */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ownsKey } from "parley/lib/ime.js";

const BEYOND = 8;
/** Before there is one to measure. */
const GUESS_PX = 52;

/**
 * `keyOf`: null for a row that is a heading. `draw`: what stands in the row; its first button or link is what keys reach,
 * the others are reached from it by the arrow to the right. `onEnd`: the end comes into view.
 * @template T
 * @param {{ items: T[], keyOf: (item: T) => string | null, draw: (item: T, tabIndex: 0 | -1) => any, label: string,
 *   onEnd?: () => void, children?: any }} props
 */
export function Rows({ items, keyOf, draw, label, onEnd, children }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [view, setView] = useState({ top: 0, height: 800 });
  const [size, setSize] = useState(GUESS_PX);
  const [active, setActive] = useState("");
  const wanted = useRef("");
  const keys = items.map(keyOf);
  const reach = keys.includes(active) ? active : (keys.find((key) => key !== null) ?? "");

  useLayoutEffect(() => {
    const node = scroller.current;
    if (!node) return;
    const measure = () => {
      const row = list.current?.querySelector("li");
      if (row?.offsetHeight) setSize(row.getBoundingClientRect().height);
      setView({ top: Math.max(0, node.scrollTop - (list.current?.offsetTop ?? 0)), height: node.clientHeight });
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(node);
    return () => watcher.disconnect();
  }, [items.length > 0]);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const row = rowNode(wanted.current);
    wanted.current = "";
    stopsIn(row)[0]?.focus();
    row?.scrollIntoView({ block: "nearest" });
  });

  const first = Math.max(0, Math.floor(view.top / size) - BEYOND);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / size) + BEYOND);
  useEffect(() => {
    if (onEnd && last >= items.length && items.length) onEnd();
  }, [last, items.length, onEnd]);
  const rowNode = (/** @type {string} */ key) => /** @type {HTMLElement | null} */ (list.current?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? null);
  // What has the focus stays in the page, however far one scrolls.
  const held = keys.indexOf(reach);
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, nth) => first + nth);
  if (held >= 0 && (held < first || held >= last)) shown.push(held);

  /** @param {number} to */
  const move = (to) => {
    const key = keys[to];
    if (key == null) return;
    const node = scroller.current;
    if (node && !rowNode(key)) node.scrollTop = (list.current?.offsetTop ?? 0) + to * size - node.clientHeight / 2;
    wanted.current = key;
    setActive(key);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-key]"));
    if (!row) return;
    const at = keys.indexOf(row.dataset.key ?? "");
    const order = keys.map((key, index) => (key === null ? -1 : index)).filter((index) => index >= 0);
    const nth = order.indexOf(at);
    const stops = stopsIn(row);
    const inRow = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === "ArrowDown") move(order[Math.min(nth + 1, order.length - 1)]);
    else if (event.key === "ArrowUp") move(order[Math.max(nth - 1, 0)]);
    else if (event.key === "Home") move(order[0]);
    else if (event.key === "End") move(order[order.length - 1]);
    else if (event.key === "ArrowRight") stops[Math.min(inRow + 1, stops.length - 1)]?.focus();
    else if (event.key === "ArrowLeft") stops[Math.max(inRow - 1, 0)]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onScroll = (/** @type {Event} */ event) => {
    const node = /** @type {HTMLElement} */ (event.currentTarget);
    const top = Math.max(0, node.scrollTop - (list.current?.offsetTop ?? 0));
    if (Math.abs(top - view.top) >= size || node.clientHeight !== view.height) setView({ top, height: node.clientHeight });
  };
  let place = 0;
  const places = keys.map((key) => (key === null ? 0 : (place += 1)));
  return html`<div class="long-list" ref=${scroller} onScroll=${onScroll}>
    ${children}
    <ul ref=${list} class="long-rows" role="list" aria-label=${label} style=${{ height: `calc(${items.length} * var(--list-row))` }} onKeyDown=${onKeyDown}
      onFocusIn=${(/** @type {FocusEvent} */ event) => {
        const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-key]"))?.dataset.key;
        if (key && key !== active) setActive(key);
      }}>${shown.map((index) => {
      const key = keys[index];
      return html`<li key=${key ?? `heading ${index}`} data-key=${key ?? undefined}
        aria-setsize=${key === null ? undefined : place} aria-posinset=${key === null ? undefined : places[index]}
        style=${{ transform: `translateY(calc(${index} * var(--list-row)))` }}>${draw(items[index], key === reach ? 0 : -1)}</li>`;
    })}</ul>
  </div>`;
}

/**
 * @param {HTMLElement | null} row
 * @returns {HTMLElement[]}
 */
function stopsIn(row) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (row?.querySelectorAll("button:not(:disabled), a[href]") ?? [])];
}
