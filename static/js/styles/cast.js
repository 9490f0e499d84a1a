/** Who and what the style page shows: a client that talks to nobody, with people and rooms in every state. */

import { apply, emptyState } from "parley/store/reduce.js";
import { Client } from "parley/store/client.js";

const DAY_MS = 86_400_000;
const NOW = Date.now();

/** @typedef {import("parley/store/shapes.js").Message} Message */

export const me = {
  rev: 1,
  id: "1", handle: "alice", name: "Alice Novak", email: "alice@example.org", language: "en", time_zone: "Europe/Prague",
  role: "owner", picture: "", status: "☕ Back at three", status_until: null, bot: false, may_invite: true,
};

const dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 96 96'%3E%3Crect width='96' height='96' fill='%23e9b872'/%3E%3Ccircle cx='48' cy='38' r='18' fill='%23623f1c'/%3E%3Cpath d='M14 96c0-22 14-36 34-36s34 14 34 36z' fill='%23623f1c'/%3E%3C/svg%3E";

/** @type {Record<string, import("parley/store/shapes.js").Person>} */
export const people = {
  alice: { id: "1", handle: "alice", name: "Alice Novak", status: "☕ Back at three" },
  bob: { id: "2", handle: "bob", name: "Bob Lindqvist", picture: dot, status: "🚆 On the train until four" },
  carol: { id: "3", handle: "carol", name: "Carol Okafor" },
  fang: { id: "4", handle: "王芳", name: "王芳", status: "🏠 今天在家办公" },
  robot: { id: "5", handle: "build", name: "Build", bot: true },
  gone: { id: "6", handle: "dan", name: "Dan Left", deactivated: true },
  long: { id: "7", handle: "wolfeschlegelsteinhausen", name: "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff, the Elder of Philadelphia" },
};

const room = { name: "", topic: "", archived: false, role: "member", joined_rev: 1, rev: 500, last_seq: 0, read_seq: 0, unread: 0 };

/** By what they show. */
export const rooms = {
  plain: { ...room, id: "11", kind: "public", name: "general", topic: "What everybody should know", role: "owner" },
  unread: { ...room, id: "12", kind: "public", name: "design", last_seq: 7, unread: 7 },
  mentioned: { ...room, id: "13", kind: "private", name: "release", last_seq: 120, unread: 100, mentions: 2, favourite: true },
  muted: { ...room, id: "14", kind: "public", name: "lunch", last_seq: 30, unread: 30, notify: /** @type {const} */ ("none") },
  archived: { ...room, id: "15", kind: "public", name: "2025", archived: true },
  long: { ...room, id: "16", kind: "public", name: "中文茶馆与一个非常非常长的名字的聊天室，看看它在哪里结束", topic: "随便聊聊，什么都可以，一直写到这一行放不下为止，看看省略号在哪里，再多写一点点" },
  drafted: { ...room, id: "17", kind: "private", name: "minutes", draft: { room: "17", seq: 0, text: "Begun on the phone" } },
  silenced: { ...room, id: "18", kind: "public", name: "support", muted_until: NOW + 3 * 3_600_000 },
  announced: { ...room, id: "19", kind: "public", name: "announcements", announcement: true },
  direct: { ...room, id: "21", kind: "direct", counterpart: people.fang },
  directUnread: { ...room, id: "22", kind: "direct", counterpart: people.bob, last_seq: 3, unread: 3 },
  directGone: { ...room, id: "23", kind: "direct", counterpart: people.gone },
  group: { ...room, id: "24", kind: "group", people: [people.bob, people.fang] },
};

let seq = 0;

/**
 * @param {string} who
 * @param {string} html
 * @param {Partial<Message>} [more]
 * @returns {Message}
 */
export function message(who, html, more = {}) {
  seq += 1;
  const { id, name } = people[who];
  const text = html.replace(/<[^>]+>/g, "");
  return { seq, rev: seq, client_id: `c${seq}`, author: { id, name }, text, html, created_at: NOW - 3_600_000 + seq * 60_000, ...more };
}

/** A conversation with everything a message can be. */
export const conversation = [
  message("bob", "<p>Yesterday's last words.</p>", { created_at: NOW - DAY_MS }),
  message("alice", "<p>An own message, <strong>bold</strong>, <em>italic</em>, <del>struck</del>, <code>code</code> and <a href=\"https://example.org/\">a link</a>.</p>"),
  message("alice", "<p>The next of the same author is part of the group.</p>"),
  message("fang", "<p><strong>加粗。</strong>后文接着写，标点，。）都在该在的地方。</p>", { edited_at: NOW }),
  message("bob", "<p><span class=\"mention\" data-user=\"1\">@alice</span> have you seen this?</p>", { mentions: ["1"], reply_to: 4 }),
  message("bob", "<p><span class=\"mention\" data-user=\"room\">@room</span> The meeting begins.</p>", { mentions_room: true }),
  message("carol", "<blockquote><p>What was quoted</p></blockquote><ul><li>one</li><li>two</li></ul><ol><li>first</li><li>second</li></ol>"),
  message("robot", "<pre><code class=\"language-python\"><span class=\"k\">def</span> <span class=\"nf\">send</span>(text: <span class=\"nb\">str</span>) -&gt; Ack:\n    <span class=\"k\">return</span> post(<span class=\"s\">\"/messages/\"</span>)  <span class=\"c1\"># once</span></code></pre>"),
  message("long", `<p>${"一个很长的段落。".repeat(14)}</p>`),
  message("long", `<p>${"unbroken".repeat(24)}</p>`),
  message("carol", "", { deleted: true, text: "" }),
  message("fang", "<p>👍</p>"),
];

/** @returns {Client} */
export function makeClient() {
  let state = emptyState(me);
  const entries = Object.values(rooms).map((entry) => (entry.id === "11" ? { ...entry, last_seq: seq, read_seq: 5, unread: seq - 5 } : entry));
  state = apply(state, { type: "ready", payload: { user: me, epoch: "style", rooms: entries, resume: {} } });
  state = apply(state, { type: "people", payload: { people: Object.values(people) } });
  state = apply(state, { type: "page", payload: { room: "11", rev: 500, messages: conversation } });
  const roles = { alice: "owner", bob: "moderator" };
  const members = Object.entries(people).map(([key, user], index) => ({
    user, role: roles[/** @type {"alice"} */ (key)] ?? "member", joined_rev: index + 1, rev: index + 1, ...(key === "carol" ? { muted_until: NOW + DAY_MS } : {}),
  }));
  for (const id of ["11", "24"]) state = apply(state, { type: "members", payload: { room: id, members } });
  const client = new Client({ state, version: "styles", csrf: "", url: "ws://127.0.0.1:9/" });
  client.status.value = { phase: "live", reason: 0, retryAt: 0 };
  client.greeted.value = true;
  for (const [user, shown] of /** @type {const} */ ([["2", "away"], ["3", "offline"], ["4", "online"]])) client.whispers.seen({ user, state: shown, ttl_ms: DAY_MS });
  client.whispers.typed({ room: "11", user: "2", active: true, ttl_ms: DAY_MS });
  client.whispers.typed({ room: "11", user: "4", active: true, ttl_ms: DAY_MS });
  client.rest.call = answer;
  return client;
}

const settingsOf = (/** @type {any} */ { id, kind, name, topic, archived, announcement }) => ({ id, kind, name, topic, archived, announcement, rev: 1 });
const token = { id: "1", name: "Backup", prefix: "ply_1a2b", scopes: ["read"], device: "9", created_at: NOW - 40 * DAY_MS, expires_at: NOW + 50 * DAY_MS, last_used_at: NOW - DAY_MS };
const invitation = { id: "1", prefix: "Kx7", state: "open", role: "member", email: "", rooms: ["11"], uses: 2, uses_left: 8, created_by: people.alice, created_at: NOW - DAY_MS, expires_at: NOW + 6 * DAY_MS };

/** @type {Record<string, any>} */
const ANSWERS = {
  "people/": { people: Object.values(people), next: null },
  "rooms/browse/": { rooms: [{ room: settingsOf(rooms.plain), joined: true, members: 7 }, { room: settingsOf(rooms.long), joined: false, members: 120 }], next: null },
  "mentions/": { mentions: [{ room: "11", unread: true, message: conversation[4] }, { room: "11", unread: false, message: conversation[5] }], next: null },
  "me/devices/": {
    current: "1",
    devices: [["1", "browser", "Firefox, Debian"], ["2", "browser", "Safari, iPhone"], ["9", "api", "Backup"]].map(([id, kind, label]) => ({ id, kind, label, created_at: NOW - 30 * DAY_MS, last_seen_at: NOW - Number(id) * 3_600_000, ended: false })),
  },
  "me/tokens/": { tokens: [token] },
  "bots/": { bots: [{ person: people.robot, role: "member", active: true, owner: people.alice }], next: null },
  "bots/5/tokens/": { tokens: [] },
  "invitations/": { invitations: [invitation, { ...invitation, id: "2", state: "used", uses_left: 0, role: "guest", email: "carol@example.org" }], next: null },
  "rooms/11/": { room: { ...settingsOf(rooms.plain), description: "Where everything begins. 一切从这里开始。" }, entry: null, created_at: NOW - 90 * DAY_MS },
  "rooms/11/links/": { links: [] },
  "rooms/11/bans/": { bans: [], next: null },
  "rooms/11/receipts/": { read: {} },
  "rooms/11/messages/": { rev: 500, messages: conversation },
  "people/2/rooms/": { rooms: ["11", "12"] },
};

/**
 * What the API would say; nothing is ever changed.
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>}
 */
async function answer(method, path) {
  if (method === "GET" && path in ANSWERS) return ANSWERS[path];
  return new Promise(() => {});
}
