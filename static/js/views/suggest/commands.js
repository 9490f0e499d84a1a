/** What a message may begin with to do something instead of being said. Each is also a button somewhere. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { matches } from "parley/lib/pinyin.js";
import { prefer } from "parley/store/keeping.js";
import { client } from "parley/views/client.js";
import { dialog, toast } from "parley/views/derived.js";
import { rightsOf } from "parley/views/rights.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {import("parley/views/suggest.js").Option} Option */
/**
 * `takes`: words follow, and what they are. `run` may refuse with a sentence for the person.
 * @typedef {{ name: string, takes: boolean, may: (room: Room) => boolean, run: (room: Room, words: string) => Promise<void> }} Command
 */

export class Refused extends Error {
  name = "Refused";
}

/** @param {Room} room */
const rights = (room) => rightsOf(room, client.state.value.me);

/** @type {Command[]} */
const COMMANDS = [
  {
    name: "status",
    takes: true,
    may: () => true,
    async run(_room, words) {
      await client.rest.call("PATCH", "me/", { body: { status: words, status_until: null } });
      toast(t(words ? "command.status.done" : "command.status.none"));
    },
  },
  {
    name: "topic",
    takes: true,
    may: (room) => room.kind !== "direct" && !room.archived && rights(room).update,
    async run(room, words) {
      await client.rest.call("PATCH", `rooms/${room.id}/`, { body: { topic: words } });
      toast(t(words ? "command.topic.done" : "command.topic.none"));
    },
  },
  {
    name: "invite",
    takes: true,
    may: (room) => rights(room).add,
    async run(room, words) {
      const handles = words.split(/[\s,，、]+/).map((word) => word.replace(/^[@＠]/, "")).filter(Boolean);
      if (!handles.length) throw new Refused(t("command.invite.whom"));
      for (const handle of handles) {
        const person = await called(handle);
        if (!person) throw new Refused(t("command.invite.nobody", { handle }));
        await client.rest.addMember(room.id, person.id);
        toast(t("room.added", { name: person.name }));
      }
    },
  },
  {
    name: "mute",
    takes: false,
    may: (room) => room.notify !== "none",
    async run(room) {
      await prefer(client, room.id, { notify: "none" });
      toast(t("command.mute.done"));
    },
  },
  {
    name: "unmute",
    takes: false,
    may: (room) => room.notify === "none",
    async run(room) {
      await prefer(client, room.id, { notify: "all" });
      toast(t("command.unmute.done"));
    },
  },
  {
    name: "leave",
    takes: false,
    may: (room) => rights(room).leave,
    async run(room) {
      dialog.value = { name: "leave", room };
    },
  },
];

/** @param {string} handle */
async function called(handle) {
  const people = await client.rest.findPeople(handle, new AbortController().signal);
  const key = handle.normalize("NFKC").toLowerCase();
  return people.find((person) => person.handle.normalize("NFKC").toLowerCase() === key);
}

/**
 * @param {Room} room
 * @param {string} query
 * @param {(command: string) => void} run for one that takes no words
 * @returns {Option[]}
 */
export function findCommands(room, query, run) {
  return COMMANDS.filter((command) => command.may(room))
    .map((command) => ({ command, match: matches(command.name, query) ?? matches(t(`command.${command.name}`), query) }))
    .filter(({ match, command }) => match && (match.rank <= 1 || command.name.startsWith(query)))
    .map(({ command: { name, takes } }) => ({
      key: `command ${name}`,
      insert: takes ? `/${name} ` : `/${name}`,
      run: takes ? undefined : () => run(name),
      body: () => html`<span class="suggest-command"><span class="suggest-name">/${name}</span>${takes && html`<span class="handle">${t(`command.${name}.words`)}</span>`}</span><span class="suggest-note">${t(`command.${name}`)}</span>`,
    }));
}

/**
 * The command that a text is. Whoever means the words themselves begins with a space or with `\/`.
 * @param {Room} room
 * @param {string} text
 * @returns {(() => Promise<void>) | null} null: words, such as "/leave it to me"
 * @throws {Refused} there is no such command, or not for her here: a slip is not to be read by everybody
 */
export function commandIn(room, text) {
  const [, name, words] = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(text.trimEnd()) ?? [];
  const command = COMMANDS.find((one) => one.name === name && one.may(room));
  if (!command) throw new Refused(t("command.unknown", { name }));
  if (!command.takes && words?.trim()) return null;
  return () => command.run(room, (words ?? "").trim());
}
