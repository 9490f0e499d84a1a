/** How often a link was used, and how often it still can be: of a room's and of an invitation the same words. */

import { t } from "parley/lib/i18n.js";

/**
 * @param {number} uses
 * @param {number | null | undefined} left none: as often as one likes
 */
export function usesOf(uses, left) {
  return [uses ? t("link.used", { count: uses }) : t("link.unused"), left == null ? t("link.unbounded") : t("link.left", { count: left })].join(t("dot"));
}
