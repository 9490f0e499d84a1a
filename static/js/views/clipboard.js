/** Copying, also where pages come over plain http and browsers keep their clipboard to themselves. */

import { t } from "parley/lib/i18n.js";
import { toast } from "parley/views/derived.js";

/**
 * @param {string} text
 * @param {string} [said]
 */
export async function copy(text, said = t("message.copied")) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else if (!byHand(text)) return;
    toast(said);
  } catch {
    // not allowed: the person sees that nothing is said
  }
}

/** @param {string} text */
function byHand(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
