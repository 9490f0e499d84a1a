/** What can be done about a member: what the reader may not is not there. */

import { t } from "parley/lib/i18n.js";
import { when } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, sentence, toast } from "parley/views/derived.js";
import { personOf } from "parley/views/person.js";
import { isMuted, UNTIL_LIFTED } from "parley/views/postable.js";
import { isLastOwner, rightsOf } from "parley/views/rights.js";

const MINUTE = 60_000;
/** How long somebody is muted. */
export const MUTES = /** @type {const} */ ([
  ["mute.minutes", 10 * MINUTE],
  ["mute.hour", 60 * MINUTE],
  ["mute.day", 24 * 60 * MINUTE],
  ["mute.open", Infinity],
]);

/**
 * @param {string} id of the room
 * @param {string} user
 * @returns {import("parley/views/popover.js").Entry[]}
 */
export function memberEntries(id, user) {
  const { rooms, logs, me, people } = client.state.value;
  const room = rooms[id];
  const stints = logs[id]?.stints ?? {};
  const stint = stints[user];
  if (!room || !stint || stint.left_rev != null) return [];
  const person = personOf(user) ?? stint.user;
  const { name } = person;
  const rights = rightsOf(room, me);
  const over = rights.over(stint);
  const members = Object.values(stints).filter((one) => one.left_rev == null);
  /** @type {import("parley/views/popover.js").Entry[]} */
  const entries = [];
  if (user !== client.me && !person.deactivated) {
    entries.push({ label: t("person.message"), icon: "send", run: () => attempt(async () => arrive(client.entered(await client.rest.openDirect(user)))) });
  }
  // Who is gone leads nothing any more.
  const given = ["owner", "moderator", "member"].filter((role) => !person.deactivated || role === "member" || role === stint.role);
  if (rights.roles && given.length > 1 && !isLastOwner(members, user, people)) {
    const give = (/** @type {string} */ role) =>
      attempt(async () => {
        await client.rest.changeMember(id, user, { role });
        toast(t("members.role-given", { name, role: t(`role.${role}`) }));
      });
    entries.push({
      label: t("members.role"), icon: "people", note: t(`role.${stint.role}`),
      entries: () => given.map((role) => ({ label: t(`role.${role}`), checked: stint.role === role, run: () => stint.role !== role && give(role) })),
    });
  }
  if (!over) return entries;
  if (entries.length) entries.push("line");
  const until = stint.muted_until ?? 0;
  if (isMuted(stint)) {
    entries.push({ label: t("mute.lift"), icon: "sound", note: until < UNTIL_LIFTED ? when(until) : "", run: () => mute(null) });
  } else {
    entries.push({
      label: t("mute.do"), icon: "mute",
      entries: () => MUTES.map(([key, ms]) => ({ label: t(key), run: () => mute(ms === Infinity ? UNTIL_LIFTED : Date.now() + ms) })),
    });
  }
  const mute = (/** @type {number | null} */ muted_until) =>
    attempt(async () => {
      await client.rest.changeMember(id, user, { muted_until });
      toast(t(muted_until === null ? "mute.lifted" : "mute.done", { name }));
    });
  entries.push({ label: t("members.remove"), icon: "leave", danger: true, run: () => (dialog.value = { name: "remove", room: id, person }) });
  entries.push({ label: t("ban.do"), icon: "ban", danger: true, run: () => (dialog.value = { name: "ban", room: id, person }) });
  return entries;
}

/** @param {() => Promise<unknown>} deed */
async function attempt(deed) {
  try {
    await deed();
  } catch (error) {
    toast(sentence(error));
  }
}
