import assert from "node:assert/strict";
import { test } from "node:test";
import { changes, wordsIn } from "parley/lib/diff.js";

const marked = (before, after, language = "en") =>
  changes(before, after, language).map(({ kind, text }) => ({ same: text, gone: `[-${text}-]`, new: `{+${text}+}` })[kind]).join("");

test("a changed word is gone and new where it stood", () => {
  assert.equal(marked("we meet at ten", "we meet at eleven"), "we meet at [-ten-]{+eleven+}");
  assert.equal(marked("same", "same"), "same");
  assert.equal(marked("", "all new"), "{+all new+}");
  assert.equal(marked("a b c", "a c"), "a [-b -]c");
});

test("several words next to each other are one change, not a puzzle", () => {
  assert.equal(marked("the red old house", "the blue new house"), "the [-red old-]{+blue new+} house");
});

test("汉字 change by words although there are no spaces", () => {
  assert.ok(wordsIn("我们明天开会", "zh-Hans").length < 6);
  assert.equal(marked("我们明天开会", "我们后天开会", "zh-Hans"), "我们[-明天-]{+后天+}开会");
});

test("both wordings can be read back, and the longest messages take no time", () => {
  const before = Array.from({ length: 1300 }, (_, index) => `word${index}`).join(" ");
  const after = Array.from({ length: 1300 }, (_, index) => (index % 2 ? `word${index}` : `other${index}`)).join(" ");
  const started = performance.now();
  const parts = changes(before, after, "en");
  assert.ok(performance.now() - started < 500);
  const only = (kind) => parts.filter((part) => part.kind !== kind).map(({ text }) => text).join("");
  assert.equal(only("new"), before);
  assert.equal(only("gone"), after);
});
