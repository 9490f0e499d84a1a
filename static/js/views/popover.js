/**
 * A menu, or a small panel, that hangs on what opened it; on a phone it comes up from below. One is open at a time.
 *
 *     openMenu(button, { label, entries: () => [{ label, icon: "reply", run: () => … }, "line", …] })
 *     openMenu(link, { label, entries, at: { x: event.clientX, y: event.clientY } })    // where the pointer is
 *     openPanel(button, { label, view: () => html`…` })                                 // anything else; Tab goes through it
 *
 * The button says `aria-haspopup="menu"` (a panel's "dialog"); `aria-expanded` is set here. `entries` and `view` are
 * asked at each drawing, so they may read signals. What `run` does happens after the menu is gone and the focus back.
 */

import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { Icon } from "parley/views/icons.js";
import { cover, follow } from "parley/views/route.js";

/**
 * `entries`, `view`: what stands below it, in its own place, with a way back. `checked`: one of several (a radio);
 * `stays`: the menu stays open. `note`: quiet words after the label, such as its key. `over`: what stands above its
 * `entries` or `view`, if that is not the label.
 * @typedef {{ label: string, over?: string, id?: string, icon?: string, note?: string, lang?: string, danger?: boolean, disabled?: boolean,
 *   checked?: boolean, stays?: boolean, href?: string, run?: () => void, entries?: () => Entry[], view?: () => any }} Choice
 * @typedef {Choice | "line" | { title: string }} Entry
 * @typedef {{ anchor: HTMLElement, label: string, at?: { x: number, y: number }, entries?: () => Entry[], view?: () => any,
 *   head?: () => any, onClose?: () => void }} Popover
 */

const GAP_PX = 4;
const EDGE_PX = 8;
const PHONE = "(max-width: 767px)";

/** @type {import("@preact/signals").Signal<Popover | null>} */
export const popover = signal(null);

/**
 * Opened a second time by the same button, it closes. `head`: what stands above the choices and is none.
 * @param {HTMLElement} anchor
 * @param {{ label: string, entries: () => Entry[], at?: { x: number, y: number }, head?: () => any, onClose?: () => void }} what
 */
export function openMenu(anchor, what) {
  show({ anchor, ...what });
}

/**
 * @param {HTMLElement} anchor
 * @param {{ label: string, view: () => any, at?: { x: number, y: number }, onClose?: () => void }} what
 */
export function openPanel(anchor, what) {
  show({ anchor, ...what });
}

/** @param {Popover} next */
function show(next) {
  const again = popover.value?.anchor === next.anchor && !next.at;
  closePopover({ focus: again });
  if (!again) popover.value = next;
}

/** @param {{ focus?: boolean }} [how] whether what opened it takes the focus again */
export function closePopover({ focus = true } = {}) {
  const open = popover.value;
  if (!open) return;
  popover.value = null;
  if (focus && open.anchor.isConnected) open.anchor.focus({ preventScroll: true });
  open.onClose?.();
}

/** The place of the one that is open: in the frame, or in the dialog before it. */
export function Popovers() {
  const open = popover.value;
  return open && html`<${Hanging} key=${keyOf(open)} open=${open} />`;
}

let count = 0;
/** @type {WeakMap<Popover, number>} */
const numbers = new WeakMap();

/** @param {Popover} open */
function keyOf(open) {
  const known = numbers.get(open) ?? (count += 1);
  numbers.set(open, known);
  return known;
}

/** @param {{ open: Popover }} props */
function Hanging({ open }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  /** What was chosen on the way to what is shown, by `idOf`. */
  const [path, setPath] = useState(/** @type {string[]} */ ([]));
  const from = useRef("");
  const trail = follows(open, path);
  const here = trail[trail.length - 1];
  const deep = trail.length > 1;

  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return;
    node.showPopover?.();
    open.anchor.setAttribute("aria-expanded", "true");
    // On a phone it is a sheet over the page.
    const uncover = matchMedia(PHONE).matches ? cover(closePopover) : null;
    return () => {
      uncover?.();
      open.anchor.setAttribute("aria-expanded", "false");
    };
  }, []);
  useLayoutEffect(() => void (box.current && place(box.current, open)));
  useLayoutEffect(() => {
    const node = box.current;
    const back = from.current && stops(node).find((one) => one.dataset.choice === from.current);
    const first = back || node?.querySelector("input, textarea, [aria-checked=true]:not(:disabled)") || stops(node)[0] || node;
    from.current = "";
    /** @type {HTMLElement | null} */ (first)?.focus({ preventScroll: true });
  }, [path.join("\n")]);
  // Before the first drawing is seen, not after: a press may follow what opened it within a frame.
  useLayoutEffect(() => {
    const away = (/** @type {Event} */ event) => {
      const target = /** @type {Node} */ (event.target);
      if (box.current?.contains(target) || open.anchor.contains(target)) return;
      closePopover({ focus: false });
    };
    const moved = (/** @type {Event} */ event) => {
      if (!(event.target instanceof Node) || !box.current?.contains(event.target)) closePopover({ focus: false });
    };
    const resized = () => (matchMedia(PHONE).matches || here.view ? box.current && place(box.current, open) : closePopover());
    document.addEventListener("pointerdown", away, true);
    addEventListener("wheel", moved, { capture: true, passive: true });
    addEventListener("popstate", moved);
    addEventListener("resize", resized);
    return () => {
      document.removeEventListener("pointerdown", away, true);
      removeEventListener("wheel", moved, true);
      removeEventListener("popstate", moved);
      removeEventListener("resize", resized);
    };
  }, [open, here]);

  const back = () => {
    from.current = path[path.length - 1] ?? "";
    setPath(path.slice(0, -1));
  };
  /** @param {Choice} choice */
  const choose = (choice) => {
    if (choice.disabled) return;
    if (choice.entries || choice.view) return setPath([...path, idOf(choice)]);
    if (!choice.stays) closePopover();
    choice.run?.();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event)) return event.stopPropagation();
    const list = stops(box.current);
    const at = list.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const writes = /** @type {Element} */ (event.target).matches("input, textarea, select");
    /** @param {number} index */
    const to = (index) => list[(index + list.length) % list.length]?.focus();
    if (event.key === "Escape") deep ? back() : closePopover();
    else if (event.key === "Tab" && here.entries) return closePopover();
    else if (writes || !here.entries || event.altKey || event.ctrlKey || event.metaKey) return;
    else if (event.key === "ArrowDown") to(at + 1);
    else if (event.key === "ArrowUp") to(at < 0 ? -1 : at - 1);
    else if (event.key === "Home") to(0);
    else if (event.key === "End") to(-1);
    else if (event.key === "ArrowLeft" && deep) back();
    else if (event.key === "ArrowRight" && list[at]?.hasAttribute("aria-haspopup")) list[at].click();
    else if (event.key.length === 1 && event.key !== " ") {
      const letter = event.key.toLocaleLowerCase();
      const order = [...list.slice(at + 1), ...list.slice(0, at + 1)];
      order.find((one) => (one.querySelector(".choice-label")?.textContent ?? "").toLocaleLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const menu = Boolean(here.entries);
  return html`<div ref=${box} class="popover" popover="manual" tabindex="-1" role=${menu ? "menu" : "dialog"} aria-label=${here.over ?? here.label}
      onKeyDown=${onKeyDown} onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}
      onFocusOut=${(/** @type {FocusEvent} */ event) => !menu && event.relatedTarget instanceof Node && !box.current?.contains(event.relatedTarget) && closePopover({ focus: false })}>
    ${deep
      ? html`<button type="button" class="choice back-row" tabindex="-1" role=${menu ? "menuitem" : undefined} onClick=${back}><${Icon} name="back" /><span class="choice-label" dir="auto">${here.over ?? here.label}</span></button>`
      : open.head && html`<div class="popover-head" role=${menu ? "presentation" : undefined}>${open.head()}</div>`}
    ${menu ? (here.entries?.() ?? []).map((entry, index) => html`<${Line} key=${entryKey(entry, index)} entry=${entry} choose=${choose} />`) : here.view?.()}
  </div>`;
}

/** @param {{ entry: Entry, choose: (choice: Choice) => void }} props */
function Line({ entry, choose }) {
  if (entry === "line") return html`<div class="popover-line" role="separator"></div>`;
  if ("title" in entry) return html`<div class="popover-title" role="presentation">${entry.title}</div>`;
  const { label, icon, note, lang, danger, disabled, checked, href } = entry;
  const more = Boolean(entry.entries || entry.view);
  const body = html`<span class="choice-icon">${checked ? html`<${Icon} name="check" />` : icon ? html`<${Icon} name=${icon} />` : null}</span>
    <span class="choice-label" dir="auto" lang=${lang}>${label}</span>
    ${note && html`<span class="choice-note" dir="auto">${note}</span>`}${more && html`<${Icon} name="next" />`}`;
  const shared = {
    class: danger ? "choice danger" : "choice",
    tabIndex: -1,
    role: checked === undefined ? "menuitem" : "menuitemradio",
    "aria-checked": checked === undefined ? undefined : checked ? "true" : "false",
    "aria-haspopup": entry.entries ? "menu" : entry.view ? "dialog" : undefined,
    "data-choice": idOf(entry),
    onPointerMove: (/** @type {PointerEvent} */ event) => /** @type {HTMLElement} */ (event.currentTarget).focus({ preventScroll: true }),
  };
  if (href === undefined) return html`<button type="button" ...${shared} disabled=${disabled} onClick=${() => choose(entry)}>${body}</button>`;
  const inside = !href.startsWith("/admin/");
  return html`<a ...${shared} href=${href} onClick=${(/** @type {MouseEvent} */ event) => { closePopover({ focus: false }); if (inside) follow(event, href); }}>${body}</a>`;
}

/**
 * The menus on the way to what is shown, itself the last; what is no longer there ends it.
 * @param {Popover} open
 * @param {string[]} path
 * @returns {{ label: string, over?: string, entries?: () => Entry[], view?: () => any }[]}
 */
function follows(open, path) {
  /** @type {{ label: string, over?: string, entries?: () => Entry[], view?: () => any }[]} */
  const trail = [open];
  for (const id of path) {
    const choices = trail[trail.length - 1].entries?.() ?? [];
    const next = choices.find((entry) => typeof entry === "object" && "label" in entry && idOf(entry) === id);
    if (!next) break;
    trail.push(/** @type {Choice} */ (next));
  }
  return trail;
}

/** @param {Choice} choice */
function idOf(choice) {
  return choice.id ?? choice.label;
}

/**
 * @param {Entry} entry
 * @param {number} index
 */
function entryKey(entry, index) {
  return typeof entry === "object" && "label" in entry ? idOf(entry) : index;
}

/**
 * @param {HTMLElement | null} node
 * @returns {HTMLElement[]}
 */
function stops(node) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (node?.querySelectorAll(".choice:not(:disabled)") ?? [])];
}

/**
 * Below what opened it if there is room, else above, and always on the screen; a phone's style sheet needs none of it.
 * @param {HTMLElement} node
 * @param {Popover} open
 */
function place(node, { anchor, at }) {
  const { style } = node;
  if (matchMedia(PHONE).matches) {
    style.left = style.top = style.maxHeight = style.minWidth = "";
    return;
  }
  const box = at ? { left: at.x, right: at.x, top: at.y, bottom: at.y } : anchor.getBoundingClientRect();
  style.maxHeight = "";
  const { offsetWidth: width, offsetHeight: height } = node;
  const gap = at ? 0 : GAP_PX;
  const below = innerHeight - box.bottom - gap - EDGE_PX;
  const above = box.top - gap - EDGE_PX;
  const up = height > below && above > below;
  const left = box.left + width > innerWidth - EDGE_PX ? box.right - width : box.left;
  style.left = `${Math.round(Math.max(EDGE_PX, Math.min(left, innerWidth - EDGE_PX - width)))}px`;
  style.top = `${Math.round(up ? Math.max(EDGE_PX, box.top - gap - height) : box.bottom + gap)}px`;
  style.maxHeight = `${Math.floor(up ? above : below)}px`;
  // Another level may be narrower: what is under the pointer stays under it.
  style.minWidth = `${width}px`;
}
