/** Something that is read from the server: not there yet, there, or not to be had. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { sentence } from "parley/views/derived.js";

/**
 * What was read stays while it is read again; whoever changes it in between says so with `set`.
 * @template T
 * @param {() => Promise<T>} load
 * @param {unknown} [cause] read again when it is another one
 */
export function useResource(load, cause) {
  const [state, setState] = useState({ value: /** @type {T | null} */ (null), error: "" });
  const nth = useRef(0);
  const reload = async () => {
    nth.current += 1;
    const mine = nth.current;
    try {
      const value = await load();
      if (mine === nth.current) setState({ value, error: "" });
    } catch (problem) {
      if (mine === nth.current) setState((now) => ({ ...now, error: sentence(problem) }));
    }
  };
  useEffect(() => {
    reload();
    return () => void (nth.current += 1);
  }, [cause]);
  return {
    ...state,
    reload,
    /** @param {(value: T) => T} change */
    set: (change) => setState((now) => (now.value === null ? now : { ...now, value: change(now.value) })),
  };
}

/**
 * Whenever one comes back to this tab: of some things the server tells nobody.
 * @param {() => unknown} act
 */
export function useReturn(act) {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const back = () => void (document.visibilityState === "visible" && latest.current());
    addEventListener("focus", back);
    document.addEventListener("visibilitychange", back);
    return () => {
      removeEventListener("focus", back);
      document.removeEventListener("visibilitychange", back);
    };
  }, []);
}

/**
 * What stands in its place until it is there.
 * @param {{ error: string, reload: () => void }} props
 */
export function Waiting({ error, reload }) {
  if (!error) return html`<div class="settings-wait" role="status"><span class="visually-hidden">${t("loading")}</span><i></i><i></i><i></i></div>`;
  return html`<div class="notice error settings-problem" role="alert"><span>${error}</span><button type="button" class="button small" onClick=${reload}>${t("action.retry")}</button></div>`;
}
