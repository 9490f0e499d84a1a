import assert from "node:assert/strict";
import { test } from "node:test";
import { closedAt, triggerAt } from "parley/lib/trigger.js";

/** What a text with the caret at `|` asks for: the sign and what was typed after it. */
function asks(text) {
  const caret = text.indexOf("|");
  const found = triggerAt(text.replace("|", ""), caret);
  return found && found.sign + found.query;
}

test("a sign counts at the start, after a space, after punctuation, and after 汉字, かな, カナ and 한글", () => {
  for (const before of ["", " ", "\n", "(", "，", "。", "“", "_", "你好", "ひらがな", "カタカナー", "한글", "𠮷", "々"]) {
    for (const sign of ["@", "＠", "#", "＃", ":"]) {
      assert.equal(asks(`${before}${sign}a|`), `${{ "＠": "@", "＃": "#" }[sign] ?? sign}a`, `${before}${sign}`);
    }
  }
  assert.equal(asks("说：开心|"), ":开心");
});

test("a sign after a letter or a digit that words are made of is a plain sign", () => {
  for (const before of ["mail", "x1", "10", "é", "ж", "α", "٣", "a_"]) {
    for (const sign of ["@", "＠", "#", "：", ":"]) assert.equal(asks(`${before}${sign}a|`), null, `${before}${sign}`);
  }
  for (const text of ["@@a|", "npm/@scope|", "##x|", "std::vec|", "&#39|"]) assert.equal(asks(text), null, text);
});

test("a second colon closes an emoji's name, where the first could begin one", () => {
  const closes = (text) => closedAt(text, text.length)?.query ?? null;
  assert.equal(closes(":tada:"), "tada");
  assert.equal(closes("ok (:+1:"), "+1");
  assert.equal(closedAt("ok :tada: then", 9)?.start, 3);
  for (const text of ["::", "10:30:", "std::vec:", "mail:to:", "比分:100:", "：tada:", ":tada：", ":ta da:", "`:tada:", "@tada:"])
    assert.equal(closes(text), null, text);
});

test("the query ends with what cannot belong to it, and begins at the sign nearest to the caret", () => {
  assert.equal(asks("@|"), "@");
  assert.equal(asks("@alice.n-1_|"), "@alice.n-1_");
  assert.equal(asks("@王芳|"), "@王芳");
  assert.equal(asks("@alice |"), null);
  assert.equal(asks("@alice,|"), null);
  assert.equal(asks("@alice|bob"), null, "in the middle of a word");
  assert.equal(asks("@alice|你好"), "@alice");
  assert.equal(asks(":+1|"), ":+1");
  assert.equal(asks("@+1|"), null);
  assert.equal(asks("@alice :ta|"), ":ta");
  assert.equal(asks(`@${"a".repeat(60)}|`), null);
});

test("commands stand at the very beginning only", () => {
  assert.equal(asks("/|"), "/");
  assert.equal(asks("/sta|"), "/sta");
  assert.equal(asks("/状态|"), "/状态");
  for (const text of [" /sta|", "a\n/sta|", "and/or|", "/etc/pass|", "/status ok|"]) assert.equal(asks(text), null, text);
});

test("in code a sign is a sign", () => {
  assert.equal(asks("`@a|"), null);
  assert.equal(asks("`x` @a|"), "@a");
  assert.equal(asks("```\n@app|"), null);
  assert.equal(asks("```\nx\n```\n@app|"), "@app");
});

test("a sign that may be plain punctuation is loose: nothing is chosen before the person says so", () => {
  const loose = (text) => triggerAt(text, text.length).loose;
  assert.equal(loose("地址：北京"), true);
  assert.equal(loose("“北京”：好"), true);
  assert.equal(loose("好:开心"), true);
  assert.equal(loose("第#3"), true);
  assert.equal(loose(":开心"), false);
  assert.equal(loose("：开心"), false);
  assert.equal(loose("你好@王"), false, "whoever writes @ means somebody");
});
