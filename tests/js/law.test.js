import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SCRIPTS = new URL("../../static/js/", import.meta.url);
/** The style page stands above the views, as the page itself does. */
const ORDER = ["lib", "net", "store", "views", "styles", "styles.js", "app.js"];
const VENDOR = ["preact", "preact/hooks", "htm/preact", "@preact/signals"];
/** No code: a list, which any layer may read. */
const LISTS = ["pinyin-match/readings"];
/** Layers in which Preact itself has no business: they run without a page. */
const PURE = ["lib", "net"];
const files = readdirSync(SCRIPTS, { recursive: true }).filter((name) => name.endsWith(".js"));
const layer = (name) => name.split("/")[0];

/** Every specifier a source imports, with or without names, dynamically too; types do not count. */
function imports(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["'`]([^"'`]+)["'`]/g)].map((found) => found[1]);
}

/** What is wrong with a file's imports. */
function faults(name, text) {
  const wrong = [];
  for (const specifier of imports(text)) {
    const own = specifier.startsWith("parley/") ? specifier.slice("parley/".length) : null;
    if (specifier.startsWith("parley/locale/")) {
      if (!["app.js", "styles.js"].includes(name)) wrong.push(`${specifier}: only the page chooses a language`);
    } else if (own === null) {
      if (LISTS.includes(specifier)) continue;
      if (!VENDOR.includes(specifier)) wrong.push(`${specifier} is no module of the import map`);
      else if (PURE.includes(layer(name))) wrong.push(`${layer(name)} knows no ${specifier}`);
      else if (layer(name) === "store" && specifier !== "@preact/signals") wrong.push(`store draws nothing: ${specifier}`);
    } else {
      if (!existsSync(new URL(own, SCRIPTS))) wrong.push(`${specifier} does not exist`);
      if (ORDER.indexOf(layer(own)) > ORDER.indexOf(layer(name))) wrong.push(`${layer(name)} imports ${layer(own)}`);
    }
  }
  return wrong;
}

test("imports go lib ← net ← store ← views ← app.js, by bare names only", () => {
  assert.ok(files.length > 20);
  for (const name of files) {
    if (name.startsWith("locale/")) continue;
    assert.deepEqual(faults(name, readFileSync(new URL(name, SCRIPTS), "utf8")), [], name);
  }
});

test("a planted violation of the law is found", () => {
  assert.equal(faults("net/x.js", 'import { apply } from "parley/store/reduce.js";').length, 1);
  assert.equal(faults("lib/x.js", 'import "preact";').length, 1);
  assert.equal(faults("store/x.js", 'import { html } from "htm/preact";').length, 1);
  assert.equal(faults("views/x.js", 'import { x } from "./memo.js";').length, 1);
  assert.equal(faults("views/x.js", 'await import("parley/app.js");').length, 1);
});

test("the server's HTML enters the page at exactly one place", () => {
  const doors = files.filter((name) => /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|outerHTML|document\.write/.test(readFileSync(new URL(name, SCRIPTS), "utf8")));
  assert.deepEqual(doors, ["views/markup.js"]);
});

test("the first load is at most sixty files", () => {
  const found = new Set(VENDOR);
  const open = ["parley/app.js", "parley/views/frame.js", "parley/locale/en.js"];
  while (open.length) {
    const name = open.pop();
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(new URL(name.slice("parley/".length), SCRIPTS), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    open.push(...[...text.matchAll(/(?:\bfrom|^import)\s*["']([^"']+)["']/gm)].map((one) => one[1]));
  }
  assert.ok(found.has("parley/views/sidebar.js") && found.size <= 60, `${found.size} files`);
});

test("the lock file names no registry and pins everything exactly", () => {
  const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));
  for (const [name, entry] of Object.entries(lock.packages)) {
    assert.equal(entry.resolved, undefined, name);
    if (name) assert.match(entry.integrity, /^sha512-/, name);
  }
  const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  for (const version of Object.values({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/);
});
