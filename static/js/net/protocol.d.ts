// Written by `manage.py protocol` from the frames' declarations. Do not edit.

/** The command was carried out and is durable where it promises to be. */
export interface Ack {
  room?: string;
  seq?: number;
  rev?: number;
  duplicate?: boolean;
}

/** Who wrote a message. */
export interface Author {
  id: string;
  name: string;
}

/** Always before a close. `retry_ms` is a floor for the client's next attempt; `resume`: cursors stay good. */
export interface Bye {
  code: number;
  reason: string;
  retry_ms: number;
  resume: boolean;
}

/** A sign of life; answered by `pong`. */
export interface ClientPing {
}

/** The answer to the server's `ping`. */
export interface ClientPong {
}

/** A device of one's own: a `browser`, a program that signed in (`token`), or an API token (`api`). */
export interface DeviceState {
  id: string;
  kind: string;
  label: string;
  created_at: number;
  last_seen_at: number;
  ended: boolean;
}

/** Keep what the composer holds, for one's other devices; an empty text throws it away. Sending needs no call. */
export interface DraftSet {
  room: string;
  text: string;
  reply_to?: number | null;
}

/**
 * What one has begun to write in a room; without text it was thrown away.
 *
 * `seq` was the room's last message when it was stored: an own message after that makes the draft void.
 */
export interface DraftState {
  room: string;
  seq: number;
  text?: string;
  reply_to?: number;
}

/** The command was refused. The same shape as REST's errors. */
export interface ErrorFrame {
  code: string;
  message: string;
  retry: boolean;
  retry_ms?: number;
  fields?: { [key: string]: string[] };
}

/** A socket silent for `interval_s` is pinged; silent for `interval_s × misses` + 5 s it is closed (4001). */
export interface Heartbeat {
  interval_s: number;
  misses: number;
}

/** First, once, within ten seconds. `presence`: as `presence.set`, so who hides is never seen for a moment. */
export interface Hello {
  ticket?: string | null;
  client?: string;
  network?: "auto" | "lan" | "lossy" | "mobile";
  presence?: "away" | "invisible" | "online";
  epoch?: string | null;
  cursors?: { [key: string]: number };
}

/** A person as she sees herself. `rev` is the head of her own log (only in `ready`). */
export interface Me {
  id: string;
  handle: string;
  name: string;
  email: string;
  language: string;
  time_zone: string;
  role: string;
  picture: string;
  status: string;
  status_until: number | null;
  bot: boolean;
  may_invite: boolean;
  rev: number;
}

/** A stint began. */
export interface MemberJoined {
  prev: number;
  rev: number;
  room: string;
  membership: Membership;
}

/** A stint ended. */
export interface MemberLeft {
  prev: number;
  rev: number;
  room: string;
  membership: Membership;
}

/** The role of an open stint changed, or until when it is muted. */
export interface MemberUpdated {
  prev: number;
  rev: number;
  room: string;
  membership: Membership;
}

/**
 * A stint: open until it has a `left_rev`, which comes with the `reason`.
 *
 * Who is muted may not post before `muted_until` has passed; nothing is sent when it has.
 */
export interface Membership {
  user: Person;
  role: string;
  joined_rev: number;
  rev: number;
  left_rev?: number;
  reason?: "banned" | "left" | "removed";
  muted_until?: number;
}

/**
 * A message, or its tombstone (`deleted`: without text and html). `reply_to` is a seq of the same room.
 *
 * `mentions` are the people it addresses, `mentions_room` that it addresses everybody in the room; in `html` they are
 * `<span class="mention" data-user="…">` with an id, `room` or `here`.
 */
export interface Message {
  seq: number;
  rev: number;
  client_id: string;
  author: Author;
  text: string;
  html: string;
  created_at: number;
  reply_to?: number;
  edited_at?: number;
  deleted?: boolean;
  mentions?: string[];
  mentions_room?: boolean;
}

/** Somebody said something. */
export interface MessageCreated {
  prev: number;
  rev: number;
  room: string;
  message: Message;
}

/** Leave a tombstone in a message's place. */
export interface MessageDelete {
  room: string;
  seq: number;
}

/** A message became a tombstone. */
export interface MessageDeleted {
  prev: number;
  rev: number;
  room: string;
  message: Message;
}

/** Replace the text of an own message. */
export interface MessageEdit {
  room: string;
  seq: number;
  text: string;
}

/** Say something. Sent again with the same `client_id` it gets the first ack again. */
export interface MessageSend {
  room: string;
  client_id: string;
  text: string;
  reply_to?: number | null;
}

/** A message was edited. */
export interface MessageUpdated {
  prev: number;
  rev: number;
  room: string;
  message: Message;
}

/**
 * A person as others see her.
 *
 * `picture` is the address of her picture, 96 pixels square ("" without one; `512.webp` instead of `96.webp` is the
 * large one), another one for each picture. `status` counts until `status_until`, if that is given. Who is
 * `deactivated` stays in her rooms but says nothing any more.
 */
export interface Person {
  id: string;
  handle: string;
  name: string;
  picture?: string;
  status?: string;
  status_until?: number;
  bot?: boolean;
  deactivated?: boolean;
}

/**
 * A person one shares a room with looks different now: name, picture, status, deactivated.
 *
 * After each `ready` a client reads the people it holds again, by ids.
 */
export interface PersonUpdated {
  person: Person;
}

/**
 * How one keeps a room in one's list. `place` orders the rooms of a folder, smaller first.
 *
 * Notifications of `all` messages, of `mentions` only, or of nothing (`none`: the room is muted).
 */
export interface Preferences {
  room: string;
  favourite?: boolean;
  folder?: string;
  notify?: "all" | "mentions" | "none";
  place?: number;
}

/** How a watched person is. `unknown`: the presence store is away. Ask again after `ttl_ms`. */
export interface Presence {
  user: string;
  state: "away" | "offline" | "online" | "unknown";
  ttl_ms: number;
}

/** How this socket's person wants to be seen; `away` counts for this socket only. */
export interface PresenceSet {
  state: "away" | "invisible" | "online";
}

/** The people whose presence this socket wants to follow; replaces the earlier list. */
export interface PresenceWatch {
  users: string[];
}

/** Everything up to `seq` was read. Never moves back, never past the last message. */
export interface ReadMark {
  room: string;
  seq: number;
}

/**
 * How far one has read in a room; `unread` and `mentions` were counted up to `last_seq`, when the room's head was
 * `rev`. `rewinds`: see RoomEntry.
 */
export interface ReadPosition {
  room: string;
  rev: number;
  read_seq: number;
  last_seq: number;
  unread: number;
  mentions?: number;
  rewinds?: number;
}

/** What follows `seq` is unread again. Never moves forward. */
export interface ReadRewind {
  room: string;
  seq: number;
}

/** The answer to `hello`. `rooms` is paged: with `more` set, `ready.rooms` frames follow. */
export interface Ready {
  connection: string;
  user: Me;
  epoch: string;
  heartbeat: Heartbeat;
  limits: { [key: string]: number };
  rooms: RoomEntry[];
  resume: { [key: string]: "gone" | "ok" | "reset" };
  more?: boolean;
}

/** More rooms of a `ready` that was too large for one frame. */
export interface ReadyRooms {
  rooms: RoomEntry[];
  more?: boolean;
}

/** Somebody has read up to `read_seq`: in rooms of at most 20 people, for who has the room on screen. */
export interface Receipt {
  room: string;
  user: string;
  read_seq: number;
}

/**
 * A room in one person's list, with her position in it; the only room shape that depends on the reader.
 *
 * `rev` is the head to take as a cursor. `unread` (at most 100) counts others' undeleted messages after `read_seq`
 * up to `last_seq`, `mentions` (at most 100) those of them that address her or the room. `rewinds` says how often she
 * set the position back: a greater one replaces a held position, an equal one only moves it forward.
 * `counterpart` is the other person of a direct conversation (oneself, in notes to oneself), `people` are the others
 * of a group. The description is in RoomSettings only.
 */
export interface RoomEntry {
  id: string;
  kind: string;
  name: string;
  topic: string;
  archived: boolean;
  role: string;
  joined_rev: number;
  rev: number;
  last_seq: number;
  read_seq: number;
  unread: number;
  counterpart?: Person;
  people?: Person[];
  announcement?: boolean;
  mention_room?: "auto" | "leaders" | "members";
  muted_until?: number;
  mentions?: number;
  rewinds?: number;
  favourite?: boolean;
  folder?: string;
  notify?: "all" | "mentions" | "none";
  place?: number;
  draft?: DraftState;
}

/** The room on screen, or null: typing and presence only flow for what is on screen. */
export interface RoomFocus {
  room: string | null;
}

/** Change how one keeps a room in one's list; what is left out stays as it is. */
export interface RoomPrefer {
  room: string;
  favourite?: boolean | null;
  folder?: string | null;
  notify?: "all" | "mentions" | "none" | null;
  place?: number | null;
}

/** Drop all held of the room, take rev as the cursor, read the newest page and the members. */
export interface RoomReset {
  room: string;
  rev: number;
  reason: "below_floor" | "cursor_above_head" | "other_epoch" | "too_far_behind";
}

/**
 * What everybody in a room sees of its settings; a direct conversation has no name, a group may have one.
 *
 * `kind`: public, private, direct or group. In an `announcement` room only those who lead it post. `mention_room`:
 * who may address everybody (`auto`: everybody while there are at most 50 people, otherwise those who lead it).
 */
export interface RoomSettings {
  id: string;
  kind: string;
  name: string;
  topic: string;
  archived: boolean;
  rev: number;
  description?: string;
  announcement?: boolean;
  mention_room?: "auto" | "leaders" | "members";
}

/** Covers (prev, rev]: nothing else changed up to rev. Ends every replay and repair. `more`: ask again from rev. */
export interface RoomSynced {
  room: string;
  prev: number;
  rev: number;
  more?: boolean;
}

/** The room's settings changed. */
export interface RoomUpdated {
  prev: number;
  rev: number;
  room: string;
  settings: RoomSettings;
}

/** Are you there? `heads` carries the head of the room on screen. */
export interface ServerPing {
  now: number;
  heads: { [key: string]: number };
}

/** The answer to the client's `ping`. */
export interface ServerPong {
  now: number;
  heads: { [key: string]: number };
}

/** Ask for what changed in a room after `since`: events in rev order, closed by `room.synced`. */
export interface Sync {
  room: string;
  since: number;
  limit?: number;
}

/** Somebody is writing (`active`) or stopped. Forget it after `ttl_ms`. */
export interface Typing {
  room: string;
  user: string;
  active: boolean;
  ttl_ms: number;
}

/** The person is writing; repeat at most every three seconds. */
export interface TypingStart {
  room: string;
}

/** The person stopped writing. */
export interface TypingStop {
  room: string;
}

/**
 * What changed for one person: also rooms joined or changed (`rooms`), rooms left, read positions, preferences
 * and drafts.
 */
export interface UserState {
  prev: number;
  rev: number;
  user: string;
  devices?: DeviceState[];
  me?: Me;
  disabled?: boolean;
  rooms?: RoomEntry[];
  left?: string[];
  read?: ReadPosition[];
  preferences?: Preferences[];
  drafts?: DraftState[];
}

export interface Commands {
  "draft.set": DraftSet;
  "hello": Hello;
  "message.delete": MessageDelete;
  "message.edit": MessageEdit;
  "message.send": MessageSend;
  "ping": ClientPing;
  "pong": ClientPong;
  "presence.set": PresenceSet;
  "presence.watch": PresenceWatch;
  "read.mark": ReadMark;
  "read.rewind": ReadRewind;
  "room.focus": RoomFocus;
  "room.prefer": RoomPrefer;
  "sync": Sync;
  "typing.start": TypingStart;
  "typing.stop": TypingStop;
}

export interface Frames {
  "ack": Ack;
  "bye": Bye;
  "error": ErrorFrame;
  "member.joined": MemberJoined;
  "member.left": MemberLeft;
  "member.updated": MemberUpdated;
  "message.created": MessageCreated;
  "message.deleted": MessageDeleted;
  "message.updated": MessageUpdated;
  "person.updated": PersonUpdated;
  "ping": ServerPing;
  "pong": ServerPong;
  "presence": Presence;
  "ready": Ready;
  "ready.rooms": ReadyRooms;
  "receipt": Receipt;
  "room.reset": RoomReset;
  "room.synced": RoomSynced;
  "room.updated": RoomUpdated;
  "typing": Typing;
  "user.state": UserState;
}

/** What arrives: `re` names the command it answers. */
export type Frame = {
  [T in keyof Frames]: { id: string; ts: number; type: T; re?: string; payload: Frames[T] };
}[keyof Frames];

export type ErrorCode = "invalid" | "unauthenticated" | "forbidden" | "not_found" | "conflict" | "too_large" | "rate_limited" | "internal" | "unavailable";
export type CloseCode = 4000 | 4001 | 4002 | 4003 | 4008 | 4009 | 4012 | 4013 | 4014 | 4015 | 4500 | 4501 | 4503 | 4504;
