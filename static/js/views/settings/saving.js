/** A change on its way to the server, and an honest word about it beside what was changed. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";

const SAID_MS = 4000;

/** @typedef {{ phase: "" | "saving" | "saved" | "failed", fields: Record<string, string>, error: string }} Saving */

/**
 * `error` is what belongs to no field.
 * @param {unknown} problem
 * @returns {{ fields: Record<string, string>, error: string }}
 */
export function faultsOf(problem) {
  const { fields } = /** @type {{ fields?: Record<string, string[]> | null }} */ (problem ?? {});
  const named = Object.entries(fields ?? {}).filter(([, texts]) => texts?.length);
  return {
    fields: Object.fromEntries(named.map(([name, texts]) => [name, texts.join(" ")])),
    error: named.length ? "" : sentence(problem),
  };
}

/** @type {Saving} */
const NOTHING = { phase: "", fields: {}, error: "" };

/**
 * One change after the other: what became of it; `run` answers whether it was taken; `forget`; `refuse` says what is wrong
 * without asking the server.
 * @returns {[Saving, (change: () => Promise<unknown>) => Promise<boolean>, () => void, (fields: Record<string, string>) => void]}
 */
export function useSaving() {
  const [state, setState] = useState(NOTHING);
  const timer = useRef(/** @type {any} */ (null));
  const here = useRef(true);
  // Two on their way at once could arrive in either order.
  const last = useRef(/** @type {Promise<unknown>} */ (Promise.resolve()));
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      clearTimeout(timer.current);
    };
  }, []);
  /** @param {Saving} next */
  const say = (next) => {
    clearTimeout(timer.current);
    if (!here.current) return;
    setState(next);
    if (next.phase === "saved") timer.current = setTimeout(() => setState(NOTHING), SAID_MS);
  };
  const run = (/** @type {() => Promise<unknown>} */ change) => {
    const turn = last.current.then(() => carryOut(change));
    last.current = turn;
    return turn;
  };
  const carryOut = async (/** @type {() => Promise<unknown>} */ change) => {
    say({ ...NOTHING, phase: "saving" });
    try {
      await change();
      say({ ...NOTHING, phase: "saved" });
      return true;
    } catch (problem) {
      say({ phase: "failed", ...faultsOf(problem) });
      return false;
    }
  };
  return [state, run, () => say(NOTHING), (fields) => say({ phase: "failed", fields, error: "" })];
}

/** The place is always there: what speaks must be there before it has something to say. @param {{ state: Saving }} props */
export function SaveWord({ state: { phase } }) {
  return html`<span class="save-word" role="status" data-phase=${phase}>${phase === "saving" ? t("settings.saving") : phase === "saved" ? html`<${Icon} name="check" />${t("settings.saved")}` : ""}</span>`;
}

/** What is wrong with a field, below it. @param {{ id: string, text: string | undefined }} props */
export function Fault({ id, text }) {
  return text ? html`<p class="error-text" role="alert" id=${id}>${text}</p>` : null;
}
