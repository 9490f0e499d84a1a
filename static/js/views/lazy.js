/**
 * What the first view does without. The views that most visits do not need are modules of their own, loaded when they are
 * first opened; what every visit needs soon comes in one piece right after the first drawing (`behind`).
 */

import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { follow } from "parley/views/route.js";
import { Icon } from "parley/views/icons.js";

/** Each module has a component `View`. @type {Record<string, () => Promise<{ View: any }>>} */
const LOADERS = {
  browse: () => import("parley/views/browse.js"),
  drafts: () => import("parley/views/drafts.js"),
  join: () => import("parley/views/join.js"),
  mentions: () => import("parley/views/mentions.js"),
  outside: () => import("parley/views/outside.js"),
  people: () => import("parley/views/people.js"),
  settings: () => import("parley/views/settings.js"),
};

const AGAIN_MS = 3000;

/** Null until it is there. @type {import("@preact/signals").Signal<typeof import("parley/views/behind.js") | null>} */
export const behind = signal(null);

export function loadBehind() {
  import("parley/views/behind.js").then(
    (module) => (behind.value = module),
    () => setTimeout(loadBehind, AGAIN_MS),
  );
}

/**
 * At once if it is there, else when it comes.
 * @param {(module: typeof import("parley/views/behind.js")) => void} run
 */
export function withBehind(run) {
  const now = behind.peek();
  if (now) return run(now);
  const stop = behind.subscribe((module) => {
    if (!module) return;
    queueMicrotask(() => stop());
    run(module);
  });
}

/** @type {Map<string, any>} */
const loaded = new Map();

/**
 * @param {{ name: string, [more: string]: any }} props all are handed on
 */
export function Lazy(props) {
  const { name } = props;
  const [state, setState] = useState({ slow: false, failed: false, nth: 0 });
  const View = loaded.get(name);
  useEffect(() => {
    if (loaded.has(name)) return;
    let here = true;
    const timer = setTimeout(() => here && setState((now) => ({ ...now, slow: true })), 200);
    LOADERS[name]()
      .then((module) => loaded.set(name, module.View))
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
  if (View) return html`<${View} ...${props} />`;
  const again = () => setState(({ nth }) => ({ slow: false, failed: false, nth: nth + 1 }));
  return html`<main class="room nothing" id="main" data-landmark tabindex="-1">
    <a class="tool back corner" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
    ${state.failed && html`<div class="empty" role="alert"><p>${t("error.disconnected")}</p><button type="button" class="button" onClick=${again}>${t("action.retry")}</button></div>`}
    ${state.slow && !state.failed && html`<p class="help" role="status">${t("loading")}</p>`}
  </main>`;
}

/** @param {string} name */
export function isLazy(name) {
  return name in LOADERS;
}
