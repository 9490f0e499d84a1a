import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadReadings, matches } from "parley/lib/pinyin.js";

const LIST = new URL("../../node_modules/pinyin-match/src/traditional_dict.js", import.meta.url);
const load = () => loadReadings(() => import(`data:text/javascript,${encodeURIComponent(readFileSync(LIST, "utf8"))}`));
const rank = (text, query) => matches(text, query)?.rank ?? null;
/** What would be marked. */
const marked = (text, query) => matches(text, query)?.ranges.map(([start, end]) => text.slice(start, end)) ?? null;

test("until the readings are there, names match as they are written; a failure is tried again", async () => {
  assert.equal(rank("王芳", "wf"), null);
  assert.equal(rank("王芳", "芳"), 2);
  await assert.rejects(loadReadings(() => Promise.reject(new Error("offline"))), /offline/);
  await load();
  assert.equal(rank("王芳", "wf"), 3);
});

test("汉字 are found by whole readings, initials, a mixture, and as far as one has typed", async () => {
  await load();
  for (const query of ["w", "wf", "wangf", "wfang", "wangfang", "wang fang", "wang'fan", "王f", "WF", "ｗｆ", "王芳"]) assert.notEqual(rank("王芳", query), null, query);
  for (const query of ["wg", "fw", "wnf", "fangw", "wangfangx"]) assert.equal(rank("王芳", query), null, query);
  for (const query of ["cg", "chg", "chag", "chaguan"]) assert.deepEqual(marked("茶馆", query), ["茶馆"], query);
  assert.deepEqual(marked("午后的茶馆", "cg"), ["茶馆"]);
  assert.equal(rank("午后的茶馆", "cg"), 4);
});

test("every reading of a character counts, also rare names and ü", async () => {
  await load();
  for (const [text, query] of [["单雄信", "shan"], ["单雄信", "danx"], ["曾轶可", "zyk"], ["吕布", "lvbu"], ["吕布", "lubu"], ["吕布", "lüb"], ["策略", "celve"], ["王玥", "wangyue"], ["陶喆", "taoz"], ["陳綺貞", "cqz"]]) {
    assert.notEqual(rank(text, query), null, `${text} ${query}`);
  }
});

test("other names are found by a part, by the initials of their words, whatever the accents", () => {
  assert.equal(rank("Alice Novak", "ali"), 0);
  assert.equal(rank("Alice Novak", "nov"), 1);
  assert.equal(rank("Alice Novak", "ova"), 2);
  assert.equal(rank("Alice Novak", "an"), 3);
  assert.equal(rank("design-review", "dr"), 3);
  assert.equal(rank("design-review", "dere"), null);
  assert.deepEqual(marked("José Ñandú", "NANDU"), ["Ñandú"]);
  assert.deepEqual(marked("Anna and ann", "an"), ["An"]);
  assert.deepEqual(marked("👩‍💻 茶馆 team", "te"), ["te"]);
  assert.deepEqual(matches("x", " "), { rank: 0, ranges: [] });
});

test("a thousand names are asked within the time of a key, also by a query made to be hard", async () => {
  await load();
  const names = Array.from({ length: 1000 }, (_, n) => (n % 2 ? `熬奥澳凹熬奥澳凹第${n}` : `a-o-a-o-a-o-${n}`));
  for (const query of ["aoaoaoaoaoaoaoaoaoaoaoaoaoaoaoaoaoaoaoax", "w", "n1"]) {
    for (const name of names) matches(name, query);
    const started = performance.now();
    for (const name of names) matches(name, query);
    assert.ok(performance.now() - started < 100, `${query}: ${performance.now() - started} ms`);
  }
});
