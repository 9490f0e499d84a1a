import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { useLanguage } from "parley/lib/i18n.js";
import { clock, day, dayName, useZone } from "parley/lib/time.js";
import { bucket, codePoints, excerpt, initials } from "parley/lib/text.js";
import { isComposing, isLateEnter, ownsKey, watchCompositions } from "parley/lib/ime.js";
import { NO_ROWS, newestRows, rowAt, rowUpsert, runAround } from "parley/store/rows.js";
import { listing } from "parley/views/listing.js";
import { distance } from "parley/views/settings/spans.js";
import { ALICE, BOB, message } from "./cast.js";

const MINUTE = 60_000;
const at = (seq, minutes, more = {}) => message(seq, seq, { created_at: 1_700_000_000_000 + minutes * MINUTE, ...more });
const heads = (days) => days.flatMap((day) => day.entries).map((entry) => (entry.kind === "divider" ? "new" : entry.head));

test("messages of one author within five minutes are one group", () => {
  assert.deepEqual(heads(listing([at(1, 0), at(2, 4), at(3, 10), at(4, 11, { author: ALICE })], [], "1", null)), [true, false, true, true]);
});

test("the divider stands before the first new message of somebody else", () => {
  const rows = [at(1, 0), at(2, 1, { author: ALICE }), at(3, 2), at(4, 3)];
  assert.deepEqual(heads(listing(rows, [], "1", 1)), [true, true, "new", true, false]);
  assert.deepEqual(heads(listing(rows, [], "1", 4)).includes("new"), false);
});

test("a pending message keeps its key and its place in the group when its row comes", () => {
  const first = at(1, 0, { author: ALICE });
  const item = { client_id: "c2", room: "7", text: "x", reply_to: null, at: first.created_at + MINUTE, tab: "", state: "sending", error: "" };
  const [before] = listing([first], [item], "1", null);
  const [after] = listing([first, at(2, 1, { author: ALICE })], [], "1", null);
  assert.deepEqual(before.entries.map((entry) => [entry.key, entry.head]), after.entries.map((entry) => [entry.key, entry.head]));
});

test("a clock set back opens no earlier day below a later one", () => {
  const rows = [at(1, 0), at(2, 2 * 24 * 60), at(3, 0)];
  assert.equal(listing(rows, [], "1", null).length, 2);
});

test("rows: newer revs replace, runs end at holes, the newest run is what is kept", () => {
  let rows = NO_ROWS;
  for (const seq of [1, 2, 3, 126, 127, 128, 129, 130]) rows = rowUpsert(rows, message(seq, seq));
  assert.equal(rowUpsert(rows, message(3, 2)), rows);
  assert.equal(rowAt(rowUpsert(rows, message(3, 200, { text: "n" })), 3).text, "n");
  assert.deepEqual(runAround(rows, 128), [126, 130]);
  assert.deepEqual(runAround(rows, 2), [1, 3]);
  assert.equal(runAround(rows, 50), null);
  assert.equal(newestRows(rows, 3).size, 3);
  assert.equal(rowAt(newestRows(rows, 3), 127), undefined);
});

test("length is counted in code points", () => {
  assert.equal(codePoints("a汉👩‍💻"), 5);
  assert.equal("a汉👩‍💻".length, 7);
  assert.equal(excerpt("a\n\n b", 10), "a b");
  assert.equal(excerpt("汉字汉字", 2), "汉字…");
});

test("initials read well in both scripts", () => {
  assert.equal(initials("Alice Novak"), "AN");
  assert.equal(initials("王芳"), "王芳");
  assert.equal(initials("欧阳娜娜"), "娜娜");
  assert.equal(initials(""), "?");
  assert.ok(bucket("anything", 8) < 8);
});

test("a key pressed while composing, or just after, belongs to the input method", async () => {
  const page = new EventTarget();
  watchCompositions(page);
  const key = { isComposing: false, keyCode: 13 };
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(ownsKey(key), false);
  page.dispatchEvent(new Event("compositionstart"));
  assert.equal(isComposing(), true);
  assert.equal(ownsKey(key), true);
  page.dispatchEvent(new Event("compositionend"));
  assert.equal(isComposing(), false);
  assert.equal(ownsKey(key), true, "within the grace time");
  assert.equal(isLateEnter({ ...key, key: "Enter" }), true);
  assert.equal(isLateEnter({ ...key, key: "Enter", keyCode: 229 }), false);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(ownsKey(key), false);
  assert.equal(ownsKey({ isComposing: false, keyCode: 229 }), true);
  assert.equal(ownsKey({ isComposing: true, keyCode: 13 }), true);
});

/** WCAG 2's contrast of two #rrggbb colours. */
function contrast(a, b) {
  const light = (hex) => {
    const [r, g, blue] = [1, 3, 5].map((start) => {
      const part = parseInt(hex.slice(start, start + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [x, y] = [light(a), light(b)].sort((one, other) => other - one);
  return (x + 0.05) / (y + 0.05);
}

test("text has AA contrast in both themes, and every colour stands once with both its values", () => {
  const css = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
  const colours = [...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)];
  const blocks = [2, 3].map((theme) => Object.fromEntries(colours.map((found) => [found[1], found[theme]])));
  assert.equal(Object.keys(blocks[0]).length, colours.length, "one colour stands twice");
  assert.equal(css.match(/#[0-9a-f]{3,8}\b/g)?.length, 2 * colours.length, "a colour without its other value");
  assert.ok(colours.length > 30);
  const pairs = [];
  for (const ink of ["ink", "ink-soft", "ink-quiet", "link"]) for (const ground of ["canvas", "surface", "raised", "hover"]) pairs.push([ink, ground]);
  for (const ink of ["ink", "ink-soft"]) for (const ground of ["sunken", "accent-soft", "mark", "danger-soft"]) pairs.push([ink, ground]);
  for (const code of ["comment", "keyword", "string", "number", "name", "error"]) pairs.push([`code-${code}`, "code-canvas"]);
  pairs.push(["accent-ink", "accent"], ["accent-ink", "accent-hover"], ["danger-ink", "danger"], ["danger", "canvas"], ["danger", "danger-soft"], ["danger", "raised"], ["warn", "warn-soft"], ["canvas", "ink"]);
  for (const [index, theme] of blocks.entries()) {
    for (const [ink, ground] of pairs) {
      const ratio = contrast(theme[ink], theme[ground]);
      assert.ok(ratio >= 4.5, `theme ${index}: ${ink} on ${ground} is ${ratio.toFixed(2)}`);
    }
    for (const line of ["line-strong", "online", "away", "offline", "focus"]) assert.ok(contrast(theme[line], theme.surface) >= 3, `theme ${index}: ${line}`);
  }
});

test("a day is a date in the reader's zone, in either language", () => {
  useZone("Asia/Shanghai");
  for (const tag of ["en", "zh-Hans"]) {
    useLanguage(tag, {});
    assert.equal(day(Date.UTC(2026, 0, 31, 20)), "2026-02-01");
    assert.equal(clock(Date.UTC(2026, 0, 31, 16, 5)), "00:05");
  }
  assert.match(dayName(Date.UTC(2020, 4, 1), Date.UTC(2026, 0, 1)), /2020/);
});

test("what is left is rounded: seven days less a moment are seven days", () => {
  const [hour, day] = [60 * MINUTE, 24 * 60 * MINUTE];
  useLanguage("en", { "settings.now": "just now" });
  const said = (gap) => distance(1_700_000_000_000 + gap, 1_700_000_000_000);
  assert.equal(said(30_000), "just now");
  assert.equal(said(7 * day - 2000), "in 7 days");
  assert.equal(said(90 * day - 2000), "in 3 months");
  assert.equal(said(365 * day - 2000), "in 1 year");
  assert.equal(said(4 * hour - 2000), "in 4 hours");
  assert.equal(said(hour - 2000), "in 1 hour");
  assert.equal(said(day - 2000), "tomorrow");
  assert.equal(said(-2 * MINUTE - 2000), "2 minutes ago");
});
