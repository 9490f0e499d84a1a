import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { t, useLanguage } from "parley/lib/i18n.js";
import en from "parley/locale/en.js";
import zh from "parley/locale/zh-hans.js";

const SCRIPTS = new URL("../../static/js/", import.meta.url);
const sources = readdirSync(SCRIPTS, { recursive: true })
  .filter((name) => name.endsWith(".js") && !name.startsWith("locale/"))
  .map((name) => ({ name, text: readFileSync(new URL(name, SCRIPTS), "utf8") }));
const forms = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
/** Signs that are the same in both languages. */
const NO_HAN = new Set(["comma", "dot", "name.and", "announce", "notify.in", "settings.of", "message.label", "room.not-added"]);

test("both catalogues have the same keys", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

test("every key that is used exists, and every one that exists is used", () => {
  const used = new Set();
  const prefixes = [];
  for (const { name, text } of sources) {
    for (const [, key] of text.matchAll(/["'`]([a-z]+(?:[.-][a-z-]+)*)["'`]/g)) if (key in en) used.add(key);
    for (const [, key] of text.matchAll(/\bt\("([^"]+)"/g)) assert.ok(key in en, `${name} uses ${key}`);
    for (const [, prefix] of text.matchAll(/\bt\(`([a-z.]+)\$\{/g)) prefixes.push(prefix);
  }
  const unused = Object.keys(en).filter((key) => !used.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
  assert.deepEqual(unused, []);
});

test("Chinese entries contain Han and the same parameters", () => {
  const parameters = (entry) => [...new Set(forms(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
  for (const [key, entry] of Object.entries(zh)) {
    for (const text of forms(entry)) assert.ok(NO_HAN.has(key) || /\p{Script=Han}/u.test(text), `${key}: ${text}`);
    assert.deepEqual(parameters(entry), parameters(en[key]), key);
  }
});

test("Chinese has one word for a room and one for the reader, in the page and on the server", () => {
  const root = new URL("../../", import.meta.url);
  const served = ["accounts", "chat", "realtime"].map((app) => readFileSync(new URL(`${app}/locale/zh_Hans/LC_MESSAGES/django.po`, root), "utf8"));
  const page = Object.values(zh).flatMap(forms).join("\n");
  for (const text of [page, ...served]) assert.doesNotMatch(text, /房间|您/);
  for (const text of [page, served[1]]) assert.match(text, /聊天室/);
});

test("each language has exactly the plural forms it needs", () => {
  for (const [tag, words] of [["en", en], ["zh-Hans", zh]]) {
    const needed = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.slice().sort();
    for (const [key, entry] of Object.entries(words)) {
      if (typeof entry !== "string") assert.deepEqual(Object.keys(entry).sort(), needed, `${tag} ${key}`);
    }
  }
});

test("Chinese has a space before and after a Latin name or a number, and none around a Chinese one", () => {
  useLanguage("zh-Hans", zh);
  assert.equal(t("room.added", { name: "Bob Lindqvist" }), "Bob Lindqvist 已加入聊天室。");
  assert.equal(t("room.added", { name: "王芳" }), "王芳已加入聊天室。");
  assert.equal(t("direct.with", { name: "Bob" }), "给 Bob 发私信");
  assert.equal(t("members.remove.title", { name: "Bob", room: "Tea" }), "将 Bob 移出“Tea”？");
  // What a key is called may be a sign: those entries have their spaces themselves.
  const own = /\{(?:send|break|save|key|mod|prefix)\}/g;
  for (const [key, entry] of Object.entries(zh)) {
    for (const text of forms(entry)) assert.doesNotMatch(text.replace(own, ""), /\p{Script=Han} \{|\} \p{Script=Han}/u, key);
  }
});

test("the count chooses the form and is written as the language writes it", () => {
  useLanguage("en", en);
  assert.equal(t("room.members", { count: 1 }), "1 member");
  assert.equal(t("room.members", { count: 1200 }), "1,200 members");
  useLanguage("zh-Hans", zh);
  assert.equal(t("float.new", { count: 12 }), "12 条新消息");
  assert.equal(t("announce", { name: "王芳", text: "{name}" }), "王芳：{name}");
});
