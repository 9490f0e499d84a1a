/**
 * The right pane of a room: beside the messages on a wide screen, over them on a middling one, a screen of its own on a
 * phone. What stands in it is loaded when it is first opened: each is a module of a `title` and a `Body`.
 */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { dialog } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { closePopover } from "parley/views/popover.js";
import { hasPaneBeneath, paneOpened, route, showPane } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {{ title: (room: Room, what: string) => string, Body: any }} Content */

/** By the first word of the pane's name, `what` being the rest. @type {Record<string, () => Promise<Content>>} */
const LOADERS = {
  members: () => import("parley/views/pane/members.js"),
  info: () => import("parley/views/pane/info.js"),
  person: () => import("parley/views/pane/person.js"),
  history: () => import("parley/views/history.js"),
};
/** Those two are one pane: what there is to know of a room. */
const TABS = ["members", "info"];
const OVERLAY = "(max-width: 1199px)";
const PATIENCE_MS = 200;

/** @type {Map<string, Content>} */
const loaded = new Map();

/** What is shown, so that a room switch leaves the focus alone; at first what the page was opened with. */
let shown = { room: "", pane: route.peek().pane };

/**
 * What the address says, in words of this room: a pair has no list of members.
 * @param {Room} room
 * @returns {[name: string, what: string]}
 */
function asked(room) {
  const [, name = "", what = ""] = /^([a-z]+)(?::(.*))?$/.exec(route.value.pane) ?? [];
  return [name === "members" && room.kind === "direct" ? "info" : name, what];
}

/** Make ready what will be asked for soon. @param {string} name */
export function expectPane(name) {
  if (!loaded.has(name)) LOADERS[name]?.().then((content) => loaded.set(name, content), () => {});
}

/** @param {{ room: Room }} props */
export function Pane({ room }) {
  const [name, what] = asked(room);
  return name in LOADERS ? html`<${Open} room=${room} name=${name} what=${what} />` : null;
}

/** @param {{ room: Room, name: string, what: string }} props */
function Open({ room, name, what }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [state, setState] = useState({ slow: false, failed: false, nth: 0 });
  const content = loaded.get(name);
  const { pane } = route.value;
  useEffect(() => {
    if (loaded.has(name)) return;
    let here = true;
    const timer = setTimeout(() => here && setState((now) => ({ ...now, slow: true })), PATIENCE_MS);
    LOADERS[name]()
      .then((module) => loaded.set(name, module))
      .then(
        () => here && setState(({ nth }) => ({ slow: false, failed: false, nth: nth + 1 })),
        () => here && setState((now) => ({ ...now, failed: true })),
      )
      .finally(() => clearTimeout(timer));
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [name, state.nth]);
  useLayoutEffect(() => {
    const carried = shown.pane === pane && shown.room !== room.id && !(shown.room === "" && matchMedia(OVERLAY).matches);
    const tab = document.activeElement?.getAttribute("role") === "tab";
    shown = { room: room.id, pane };
    if (!carried && !tab) box.current?.focus({ preventScroll: true });
  }, [pane]);
  useLayoutEffect(() => () => {
    // Not when another room comes with the same pane.
    if (route.value.pane) return;
    shown = { room: "-", pane: "" };
    const back = paneOpened.by?.isConnected ? paneOpened.by : document.getElementById("composer-text");
    const inside = document.activeElement === document.body || document.activeElement?.closest(".pane");
    paneOpened.by = null;
    if (inside && !matchMedia("(pointer: coarse)").matches) back?.focus({ preventScroll: true });
  }, []);
  const close = () => {
    closePopover({ focus: false });
    showPane("");
  };
  useLayoutEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      const inside = box.current?.contains(document.activeElement);
      if (event.key !== "Escape" || ownsKey(event) || event.defaultPrevented || dialog.value) return;
      if (!inside && !matchMedia(OVERLAY).matches) return;
      event.preventDefault();
      close();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const tabs = TABS.includes(name) && room.kind !== "direct";
  const title = content?.title(room, what) ?? "";
  const deep = !TABS.includes(name) && hasPaneBeneath();
  const again = () => setState(({ nth }) => ({ slow: false, failed: false, nth: nth + 1 }));
  return html`<div class="pane-veil" onClick=${close}></div>
    <aside class="pane" id="pane" ref=${box} aria-label=${title || t("landmark.pane")} data-landmark data-pane=${name} tabindex="-1">
      <header class="pane-head">
        ${deep
          ? html`<button type="button" class="tool" aria-label=${t("pane.back")} title=${t("pane.back")} onClick=${() => history.back()}><${Icon} name="back" /></button>`
          : html`<button type="button" class="tool pane-out" aria-label=${t("action.back.room")} onClick=${close}><${Icon} name="back" /></button>`}
        ${tabs ? html`<${Tabs} room=${room} name=${name} />` : html`<h2 class="pane-title">${title}</h2>`}
        <button type="button" class="tool pane-close" aria-label=${t("pane.close")} title=${t("pane.close")} onClick=${close}><${Icon} name="close" /></button>
      </header>
      <div class="pane-body" key=${`${name} ${what}`} role=${tabs ? "tabpanel" : undefined} id="pane-body" aria-label=${tabs ? title : undefined}>
        ${content
          ? html`<${content.Body} room=${room} what=${what} />`
          : state.failed
            ? html`<div class="empty" role="alert"><p>${t("error.disconnected")}</p><button type="button" class="button" onClick=${again}>${t("action.retry")}</button></div>`
            : state.slow && html`<${Skeleton} />`}
      </div>
    </aside>`;
}

/** @param {{ room: Room, name: string }} props */
function Tabs({ room, name }) {
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || ownsKey(event)) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length];
    turn(next);
    document.getElementById(`pane-tab-${next}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("landmark.pane")} onKeyDown=${onKeyDown}>${TABS.map((one) => html`<button
    type="button" key=${one} id=${`pane-tab-${one}`} class="tab" role="tab" aria-selected=${one === name ? "true" : "false"} aria-controls="pane-body"
    tabindex=${one === name ? 0 : -1} onPointerEnter=${() => expectPane(one)} onClick=${() => turn(one)}>${t(one === "members" ? "pane.members" : room.kind === "group" ? "pane.info.group" : "pane.info")}</button>`)}</div>`;
}

/** A tab is no step: back leads out of the pane. @param {string} name */
function turn(name) {
  showPane(name, { replace: true });
}

/** The shape of a list that is on its way. */
export function Skeleton() {
  return html`<div class="pane-skeleton" role="status"><span class="visually-hidden">${t("loading")}</span>
    ${[1, 2, 3, 4, 5].map((one) => html`<div key=${one} class="ghost-row" aria-hidden="true"><i></i><i></i></div>`)}</div>`;
}
