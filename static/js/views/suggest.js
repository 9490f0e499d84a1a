/**
 * Suggestions while one writes: people, rooms, emoji, commands. One for each text field that has them:
 *
 *     const suggest = useSuggest(box, room, { commands: true, run: (name) => … });
 *     <textarea ref=${box} onInput=${(event) => suggest.look(event)} onKeyDown=${(event) => suggest.onKey(event) || …}>
 *     <${Suggestions} suggest=${suggest} />
 *
 * Nothing is drawn between compositionstart and compositionend: `look` waits for the end, and so does what the server
 * has found meanwhile.
 */

import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing } from "parley/lib/ime.js";
import { closedAt, triggerAt } from "parley/lib/trigger.js";
import { client } from "parley/views/client.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/lib/trigger.js").Trigger} Trigger */
/** `run`: what choosing it with Enter does, instead of writing `insert` for more.
 * @typedef {{ key: string, insert: string, body: () => any, run?: () => void }} Option */
/** `chosen`: -1 as long as the person has not said that she means one.
 * @typedef {{ trigger: Trigger, options: Option[], chosen: number }} List */

const PAUSE_MS = 150;
const GAP_PX = 6;
const EDGE_PX = 8;
const WIDEST_PX = 440;
/** Room for the list: on a small screen with its keyboard open there is not more. */
const HIGHEST_PX = 340;
/** After these a word needs no space before it. */
const CLOSES = /^[\s\p{P}]/u;

let count = 0;

/** What suggestions and formats are made of, once it is there. @type {typeof import("parley/views/suggest/sources.js") | null} */
let sources = null;
/** @type {Promise<typeof import("parley/views/suggest/sources.js")> | null} */
let loading = null;

/**
 * At once if it is there, so that the next key finds it done.
 * @param {(module: NonNullable<typeof sources>) => void} use
 */
export function withSources(use) {
  if (sources) use(sources);
  else loadSources().then(use, () => {});
}

export function loadSources() {
  loading ??= import("parley/views/suggest/sources.js").then(
    (module) => (sources = module),
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

export class Suggest {
  /**
   * @param {{ current: HTMLTextAreaElement | null }} box
   * @param {Room} room
   * @param {{ commands?: boolean, run?: (name: string) => void }} [how]
   */
  constructor(box, room, how = {}) {
    this.box = box;
    this.room = room;
    this.how = how;
    this.id = `suggest-${(count += 1)}`;
    /** @type {import("@preact/signals").Signal<List | null>} */
    this.list = signal(null);
    /** Where Esc was pressed: there it stays closed. */
    this.dismissed = -1;
    /** What the server found beyond what is held. @type {Map<string, any>} */
    this.beyond = new Map();
    /** Asked already, with an answer. @type {Set<string>} */
    this.asked = new Set();
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {any} */
    this.pause = null;
    this.wanted = "";
    this.sign = "";
    /** Whether the readings of 汉字 are known to have been there when this was last drawn. */
    this.read = false;
    /** The module with the emoji, once one was looked for. @type {typeof import("parley/views/suggest/emoji.js") | null} */
    this.emoji = null;
    this.here = true;
  }

  /**
   * The text or the caret is another one.
   * @param {InputEvent} [event] what was done to the text
   */
  look(event) {
    const field = this.box.current;
    if (!field || isComposing() || !this.here) return;
    // Typed, not pasted or brought back by undoing.
    const closed = event?.inputType === "insertText" ? closedAt(field.value, field.selectionStart) : null;
    if (closed && closed.start !== this.dismissed) this.write(closed).catch(() => {});
    const trigger = field.selectionStart === field.selectionEnd ? triggerAt(field.value, field.selectionStart) : null;
    if (!trigger || (trigger.sign === "/" && !this.how.commands)) {
      this.dismissed = -1;
      return this.close();
    }
    if (trigger.start === this.dismissed) return;
    if (!sources) return void loadSources().then(() => this.look(), () => {});
    this.dismissed = -1;
    if (trigger.sign !== this.sign) this.close();
    this.sign = trigger.sign;
    this.show(trigger, this.find(trigger));
    this.ask(trigger);
  }

  /**
   * @param {Trigger} trigger
   * @returns {Option[]}
   */
  find({ sign, query }) {
    if (!sources) return [];
    if (sign === "@") return sources.findPeople(this.room, query, this.beyond.values());
    if (sign === "#") return sources.findRooms(query, this.beyond.values());
    if (sign === "/") return sources.findCommands(this.room, query, (name) => this.how.run?.(name));
    return this.emoji?.findEmoji(query) ?? [];
  }

  /**
   * @param {Trigger} trigger
   * @param {Option[]} options
   */
  show(trigger, options) {
    const before = this.list.peek();
    if (!options.length) {
      this.list.value = null;
      return;
    }
    // Who moved to one keeps it, whatever is found around it.
    const same = before && before.trigger.start === trigger.start && before.trigger.query === trigger.query;
    const held = same && before.chosen >= 0 ? options.findIndex(({ key }) => key === before.options[before.chosen].key) : -1;
    this.list.value = { trigger, options, chosen: held >= 0 ? held : trigger.loose ? -1 : 0 };
  }

  /**
   * What is not held is fetched, after a pause; who goes on typing is not answered any more.
   * @param {Trigger} trigger
   */
  ask({ sign, query }) {
    const key = `${sign}${query}`;
    if (key === this.wanted) return;
    this.stop();
    this.wanted = key;
    if (sign === "@" || sign === "#") sources?.loadReadings().then(() => this.learned(), () => {});
    if (sign === ":") {
      this.loadEmoji().then(() => this.again(key), () => {});
      return;
    }
    if (sign === "/" || !query || this.asked.has(key)) return;
    if (sign === "@" && (this.room.kind === "direct" || this.room.kind === "group")) return;
    const asking = (this.asking = new AbortController());
    this.pause = setTimeout(async () => {
      try {
        const found = sign === "@" ? await client.rest.findPeople(query, asking.signal) : await client.rest.findRooms(query, asking.signal);
        this.asked.add(key);
        for (const one of found) this.beyond.set(one.id, one);
        this.again(key);
      } catch {
        // what is held is suggested all the same
      }
    }, PAUSE_MS);
  }

  /** @param {string} key what the answer is to */
  again(key) {
    if (key === this.wanted) this.look();
  }

  learned() {
    if (this.read) return;
    this.read = true;
    sources?.widen();
    this.look();
  }

  async loadEmoji() {
    if (this.emoji?.isLoaded()) return;
    const module = await import("parley/views/suggest/emoji.js");
    await module.load();
    this.emoji = module;
  }

  /**
   * Write the emoji in place of its name, unless more was typed meanwhile.
   * @param {Trigger} trigger
   */
  async write({ start, end, query }) {
    await this.loadEmoji();
    const sign = this.emoji?.signOf(query);
    const field = this.box.current;
    if (!sign || !sources || !field || isComposing() || field.selectionEnd !== end || field.value.slice(start, end) !== `:${query}:`) return;
    sources.insert(field, start, end, sign);
  }

  stop() {
    clearTimeout(this.pause);
    this.asking?.abort();
    this.asking = null;
    this.wanted = "";
  }

  /** The field is another text, not written by hand. */
  reset() {
    this.dismissed = -1;
    this.close();
  }

  close() {
    this.stop();
    this.beyond.clear();
    this.asked.clear();
    if (this.list.peek()) this.list.value = null;
  }

  /**
   * @param {KeyboardEvent} event that belongs to no input method
   * @returns {boolean} whether it was for the list
   */
  onKey(event) {
    const list = this.list.peek();
    if (!list || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const { options, chosen, trigger } = list;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") this.choose(chosen < 0 ? (key === "ArrowDown" ? 0 : -1) : chosen + (key === "ArrowDown" ? 1 : -1));
    else if (key === "Escape") {
      this.dismissed = trigger.start;
      this.close();
    } else if (key === "Tab") this.take(options[Math.max(chosen, 0)], false);
    else if (key === "Enter" && chosen >= 0) this.take(options[chosen], true);
    else {
      if (key === "Enter") this.close();
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {number} index */
  choose(index) {
    const list = this.list.peek();
    if (!list) return;
    const { length } = list.options;
    this.list.value = { ...list, chosen: (index + length) % length };
  }

  /**
   * @param {Option} option
   * @param {boolean} run whether it may do what it stands for at once
   */
  take(option, run) {
    const field = this.box.current;
    const list = this.list.peek();
    if (!field || !list) return;
    const { start, end } = list.trigger;
    const spaced = option.insert.endsWith(" ") && CLOSES.test(field.value.slice(end));
    this.close();
    this.dismissed = start;
    sources?.insert(field, start, end, spaced ? option.insert.slice(0, -1) : option.insert);
    this.close();
    if (run) option.run?.();
  }
}

/**
 * @param {{ current: HTMLTextAreaElement | null }} box
 * @param {Room} room
 * @param {{ commands?: boolean, run?: (name: string) => void }} [how]
 * @returns {Suggest}
 */
export function useSuggest(box, room, how) {
  const held = useRef(/** @type {Suggest | null} */ (null));
  const suggest = (held.current ??= new Suggest(box, room, how));
  suggest.room = room;
  suggest.how = how ?? {};
  useEffect(() => {
    suggest.here = true;
    // The caret went elsewhere: what is open follows or closes; nothing opens by itself.
    const moved = () => {
      if (suggest.list.peek() && document.activeElement === box.current) suggest.look();
    };
    document.addEventListener("selectionchange", moved);
    // While nothing else is to be done, so that the first sign is answered at once.
    const idle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ go) => setTimeout(go, 2000));
    idle(() => loadSources().catch(() => {}), { timeout: 10_000 });
    return () => {
      document.removeEventListener("selectionchange", moved);
      suggest.here = false;
      suggest.close();
    };
  }, []);
  return suggest;
}

/** @param {{ suggest: Suggest }} props */
export function Suggestions({ suggest }) {
  const list = suggest.list.value;
  const panel = useRef(/** @type {HTMLElement | null} */ (null));
  const { id, box } = suggest;
  useLayoutEffect(() => describe(box.current, id, list));
  useLayoutEffect(() => {
    const node = panel.current;
    const field = box.current;
    if (!node || !field) return;
    node.showPopover?.();
    const again = () => place(node, field);
    const away = (/** @type {Event} */ event) => {
      const target = /** @type {Node} */ (event.target);
      if (!node.contains(target) && !field.contains(target)) suggest.close();
    };
    const blurred = () => suggest.close();
    field.addEventListener("blur", blurred);
    document.addEventListener("pointerdown", away, true);
    addEventListener("scroll", again, { capture: true, passive: true });
    addEventListener("resize", again);
    visualViewport?.addEventListener("resize", again);
    visualViewport?.addEventListener("scroll", again);
    return () => {
      field.removeEventListener("blur", blurred);
      document.removeEventListener("pointerdown", away, true);
      removeEventListener("scroll", again, true);
      removeEventListener("resize", again);
      visualViewport?.removeEventListener("resize", again);
      visualViewport?.removeEventListener("scroll", again);
    };
  }, [list !== null]);
  useLayoutEffect(() => {
    if (!panel.current || !box.current) return;
    place(panel.current, box.current);
    panel.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [list]);
  if (!list) return null;
  const label = t(`suggest.label.${{ "@": "people", "#": "rooms", ":": "emoji", "/": "commands" }[list.trigger.sign]}`);
  return html`<ul class="suggest" id=${id} role="listbox" aria-label=${label} popover="manual" ref=${panel} data-testid="suggestions"
      onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${list.options.map((option, index) => html`<li key=${option.key} id=${`${id}-${index}`} class="suggest-option" role="option" aria-selected=${index === list.chosen ? "true" : "false"}
        onPointerMove=${(/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && index !== list.chosen && moves(event) && suggest.choose(index)} onClick=${() => suggest.take(option, true)}>${option.body()}</li>`)}
  </ul>`;
}

/**
 * A pointer that rests where the list comes up chooses nothing.
 * @param {PointerEvent} event
 */
function moves(event) {
  return event.movementX !== 0 || event.movementY !== 0;
}

/**
 * What the field is while a list is open, for those who do not see it.
 * @param {HTMLTextAreaElement | null} field
 * @param {string} id
 * @param {List | null} list
 */
function describe(field, id, list) {
  if (!field) return;
  const open = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-expanded": "true",
    "aria-controls": id,
    "aria-activedescendant": list && list.chosen >= 0 ? `${id}-${list.chosen}` : null,
  };
  for (const [name, value] of Object.entries(open)) {
    const next = list ? value : null;
    if (next === field.getAttribute(name)) continue;
    if (next === null) field.removeAttribute(name);
    else field.setAttribute(name, next);
  }
}

/**
 * Above the field, or below it if there is more room; so the line one writes in is never covered, and what a phone's
 * keyboard leaves of the screen is never left.
 * @param {HTMLElement} node
 * @param {HTMLTextAreaElement} field
 */
function place(node, field) {
  const around = field.closest(".composer-row") ?? field;
  const box = around.getBoundingClientRect();
  const seen = visualViewport ?? { offsetLeft: 0, offsetTop: 0, width: innerWidth, height: innerHeight };
  const above = box.top - seen.offsetTop - GAP_PX - EDGE_PX;
  const below = seen.offsetTop + seen.height - box.bottom - GAP_PX - EDGE_PX;
  const { style } = node;
  const width = Math.min(WIDEST_PX, box.width, seen.width - 2 * EDGE_PX);
  style.width = `${Math.round(width)}px`;
  style.maxHeight = "";
  const wanted = Math.min(node.scrollHeight + 2, HIGHEST_PX);
  const up = above >= wanted || above >= below;
  const height = Math.max(0, Math.min(wanted, up ? above : below));
  const left = Math.max(seen.offsetLeft + EDGE_PX, Math.min(box.left, seen.offsetLeft + seen.width - EDGE_PX - width));
  style.maxHeight = `${Math.floor(height)}px`;
  style.left = `${Math.round(left)}px`;
  style.top = `${Math.round(up ? box.top - GAP_PX - height : box.bottom + GAP_PX)}px`;
}
