import assert from "node:assert/strict";
import { test } from "node:test";
import { useLanguage } from "parley/lib/i18n.js";
import { useZone } from "parley/lib/time.js";
import en from "parley/locale/en.js";
import zh from "parley/locale/zh-hans.js";
import { UNTIL_LIFTED, whyNot, whyNotSentence } from "parley/views/postable.js";
import { BOB, entry, ME } from "./cast.js";

const NOW = Date.UTC(2026, 2, 4, 12, 0);
const MEMBER = { ...ME, role: "member" };
const room = (more) => ({ counterpart: null, ...entry(more) });
const key = (more, me = MEMBER, people = {}) => whyNot(room(more), me, people, NOW)?.key ?? null;

test("a member writes in an ordinary room", () => {
  assert.equal(key({}), null);
});

test("in an announcement room only those who lead it write, and a guest leads nothing", () => {
  for (const [role, me, expected] of [
    ["member", MEMBER, "composer.not.announcement"],
    ["moderator", MEMBER, null],
    ["owner", MEMBER, null],
    ["moderator", { ...ME, role: "guest" }, "composer.not.announcement"],
  ]) {
    assert.equal(key({ announcement: true, role }, me), expected, `${role}, ${me.role}`);
  }
  assert.equal(key({ announcement: true, role: "member" }, { ...ME, role: "owner" }), "composer.not.announcement", "running the workspace is not leading the room");
});

test("who is muted is told until when, and may write again when it has passed", () => {
  assert.deepEqual(whyNot(room({ muted_until: NOW + 1 }), MEMBER, {}, NOW), { key: "composer.not.muted", name: "", until: NOW + 1 });
  assert.equal(key({ muted_until: NOW }), null);
  assert.equal(key({ muted_until: UNTIL_LIFTED }), "composer.not.muted.open");
});

test("nobody writes in an archived room, or to somebody whose account was closed", () => {
  assert.equal(key({ archived: true, role: "owner", muted_until: NOW + 1 }), "room.archived.long");
  const direct = { kind: "direct", name: "", counterpart: BOB };
  assert.equal(key(direct), null);
  assert.equal(key(direct, MEMBER, { [BOB.id]: { ...BOB, deactivated: true } }), "composer.not.deactivated");
  assert.equal(key({ ...direct, counterpart: { ...BOB, deactivated: true } }, MEMBER, { [BOB.id]: BOB }), null, "she was let in again since");
});

test("the reason is a sentence in either language", () => {
  useZone("Asia/Shanghai");
  const muted = whyNot(room({ muted_until: NOW + 3_600_000 }), MEMBER, {}, NOW);
  useLanguage("en", en);
  assert.equal(whyNotSentence(muted, NOW), "You have been muted in this room until 21:00.");
  useLanguage("zh-Hans", zh);
  assert.match(whyNotSentence({ ...muted, until: NOW + 86_400_000 }, NOW), /直至 3月5日 20:00。/);
});
