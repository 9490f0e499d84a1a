"""`converges()`: fold the events of a service call into what a client held before, and compare with a fresh read.

The rules of folding are those of tests/vectors/README.md, written down once more, as plainly as possible.
"""

import json
import os
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec

from accounts.models import User
from chat import payloads
from chat.events import RoomEvent, UserState
from chat.models import Message
from chat.selectors import log
from chat.selectors.rooms import members
from realtime.product import Identity
from realtime.protocol.frames import Event, Payload
from tests.accounts import heard
from tests.alone import alone

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
WRITE = os.environ.get("VECTORS") == "write"

Json = dict[str, Any]


# ---- what a client holds ------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """As it looks to somebody who decoded it from JSON."""
    return json.loads(msgspec.json.encode(value))


def fresh(reader: User, *, loaded: Iterable[str] | None = None) -> Json:
    """What a client holds that starts now and reads everything (or only these rooms' messages and members)."""
    greeting = alone(log.greetings, Identity(user=str(reader.pk), device=""))
    me = plain(greeting.user)
    snapshot: Json = {"rev": me.pop("rev"), "me": me, "rooms": {}}
    for entry in greeting.rooms:
        room = plain(entry)
        room["cursor"] = room.pop("rev")
        room["loaded"] = loaded is None or entry.id in loaded
        room["messages"], room["members"] = {}, {}
        if room["loaded"]:
            rows = Message.objects.filter(room_id=int(entry.id)).select_related("author").order_by("seq")
            room["messages"] = {str(row.seq): plain(payloads.message(row)) for row in rows}
            room["members"] = {
                str(row.user_id): plain(payloads.membership(row)) for row in members(int(entry.id)).order_by("user_id")
            }
        snapshot["rooms"][entry.id] = room
    return snapshot


# ---- what its sockets are sent ------------------------------------------------------------------------------------


def frame(payload: Payload, frame_id: str) -> Json:
    return {"id": frame_id, "ts": 0, "type": payload.type, "payload": plain(payload)}


def sent(reader: User, held: Iterable[str], events: Iterable[Event]) -> list[Json]:
    """The frames that a hub writes to a socket of the reader's that is in these rooms.

    A socket enters a room with the word of its person's own log, at the head that this names.
    """
    me, frames = str(reader.pk), []
    rooms = dict.fromkeys(held, 0)
    for event in events:
        if isinstance(event, RoomEvent):
            if rooms.get(event.room, event.rev) < event.rev:
                frames.append(frame(event, event.frame_id))
            if event.leaves == me:
                rooms.pop(event.room, None)
        elif isinstance(event, UserState) and event.user == me:
            rooms = {room.id: room.rev for room in event.rooms} | rooms
            frames.append(frame(event, event.frame_id))
    return frames


# ---- folding ------------------------------------------------------------------------------------------------------


def fold(snapshot: Json, frames: Iterable[Json]) -> Json:
    """The snapshot with the frames applied. Raises AssertionError at a gap."""
    state = deepcopy(snapshot)
    for room in state["rooms"].values():
        _counted(room, room["last_seq"], room["cursor"], room)
    for one in frames:
        payload = one["payload"]
        if one["type"] == "user.state":
            if _follows(payload, state["rev"]):
                state["rev"] = payload["rev"]
                _apply_state(state, payload)
        elif (room := state["rooms"].get(payload["room"])) and _follows(payload, room["cursor"]):
            room["cursor"] = payload["rev"]
            _apply_room(state["me"]["id"], room, one["type"], payload)
    for room in state["rooms"].values():
        del room["counted"]
    return state


def _follows(payload: Json, cursor: int) -> bool:
    if payload["rev"] <= cursor:
        return False
    assert payload["prev"] <= cursor, f"a gap: {payload['prev']} > {cursor}"
    return True


def _apply_room(me: str, room: Json, kind: str, payload: Json) -> None:
    if kind.startswith("message."):
        _apply_message(me, room, payload["message"], payload["rev"])
    elif kind.startswith("member."):
        stint = payload["membership"]
        user = stint["user"]["id"]
        held = room["members"].get(user)
        if "left_rev" in stint:
            if held and held["joined_rev"] <= stint["joined_rev"]:
                del room["members"][user]
            if "people" in room:
                _set(room, people=[person for person in room["people"] if person["id"] != user])
            return
        if held is None or held["rev"] < stint["rev"]:
            room["members"][user] = stint
        if user == me:
            room["role"] = stint["role"]
            _set(room, muted_until=stint.get("muted_until"))
    elif kind == "room.updated":
        settings = payload["settings"]
        room |= {name: settings[name] for name in ("name", "topic", "archived")}
        _set(room, **{name: settings.get(name) for name in ("announcement", "mention_room")})


DEFAULTS = {"mention_room": "auto", "notify": "all"}


def _set(room: Json, **values: Any) -> None:
    """What has its default is left out."""
    for name, value in values.items():
        room.pop(name, None)
        if value not in (None, [], 0, "") and value != DEFAULTS.get(name):
            room[name] = value


def _apply_message(me: str, room: Json, message: Json, rev: int) -> None:
    seq, counted = message["seq"], room["counted"]
    held = room["messages"].get(str(seq))
    others = message["author"]["id"] != me
    gone = message.get("deleted", False) and not (held or {}).get("deleted", False)
    if (
        others
        and gone
        and room["read_seq"] < seq <= counted["seq"]
        and rev > counted["rev"]
        and counted["unread"] < 100
    ):
        counted["unread"] -= 1
    if (
        held is not None
        and held["rev"] < message["rev"]
        and room["read_seq"] < seq <= counted["seq"]
        and rev > counted["rev"]
        and counted["mentions"] < 100
    ):
        counted["mentions"] += _addresses(me, message) - _addresses(me, held)
    if held is None or held["rev"] < message["rev"]:
        room["messages"][str(seq)] = message
    room["last_seq"] = max(room["last_seq"], seq)
    if not others and seq > counted["seq"]:
        room["read_seq"] = max(room["read_seq"], seq)
    _count(me, room)
    _drop_draft(me, room)


def _addresses(me: str, message: Json) -> bool:
    others = message["author"]["id"] != me and not message.get("deleted", False)
    return others and (message.get("mentions_room", False) or me in message.get("mentions", []))


def _own_after(me: str, room: Json, seq: int) -> list[int]:
    return [one["seq"] for one in room["messages"].values() if one["author"]["id"] == me and one["seq"] > seq]


def _drop_draft(me: str, room: Json) -> None:
    """An own message after it makes a draft void."""
    if "draft" in room and _own_after(me, room, room["draft"]["seq"]):
        del room["draft"]


def _apply_state(state: Json, payload: Json) -> None:
    me = state["me"]["id"]
    if given := payload.get("me"):
        state["me"] = {name: value for name, value in given.items() if name != "rev"}
    for entry in payload.get("rooms", []):
        _enter(state["rooms"], me, entry)
    for room_id in payload.get("left", []):
        state["rooms"].pop(room_id, None)
    for position in payload.get("read", []):
        if room := state["rooms"].get(position["room"]):
            _position(me, room, position)
    for preferences in payload.get("preferences", []):
        if room := state["rooms"].get(preferences["room"]):
            _set(room, **{name: preferences.get(name) for name in PREFERENCES})
    for draft in payload.get("drafts", []):
        if room := state["rooms"].get(draft["room"]):
            _set(room, draft=draft if draft.get("text") else None)
            _drop_draft(me, room)


PREFERENCES = ("favourite", "folder", "notify", "place")
OPTIONAL = (*PREFERENCES, "announcement", "mention_room", "muted_until", "people", "draft")


def _enter(rooms: Json, me: str, entry: Json) -> None:
    known = rooms.get(entry["id"])
    if known and known["joined_rev"] == entry["joined_rev"]:
        known |= {name: entry[name] for name in ("kind", "name", "topic", "archived", "role")}
        _set(known, **{name: entry.get(name) for name in OPTIONAL})
        _drop_draft(me, known)
        _position(me, known, {"rev": entry["rev"], **entry})
        return
    room = {name: value for name, value in entry.items() if name != "rev"}
    room |= {"cursor": entry["rev"], "loaded": False, "messages": {}, "members": {}}
    _counted(room, entry["last_seq"], entry["rev"], entry)
    rooms[entry["id"]] = room


def _position(me: str, room: Json, position: Json) -> None:
    rewinds, known = position.get("rewinds", 0), room.get("rewinds", 0)
    if rewinds < known:
        return
    _counted(room, position["last_seq"], position["rev"], position)
    if rewinds > known:
        _set(room, rewinds=rewinds)
        room["read_seq"] = max([0, *_own_after(me, room, position["last_seq"])])
    room["read_seq"] = max(room["read_seq"], position["read_seq"])
    room["last_seq"] = max(room["last_seq"], position["last_seq"])
    _count(me, room)


def _counted(room: Json, seq: int, rev: int, counts: Json) -> None:
    room["counted"] = {"seq": seq, "rev": rev, "unread": counts["unread"], "mentions": counts.get("mentions", 0)}


def _count(me: str, room: Json) -> None:
    counted = room["counted"]
    within = room["read_seq"] <= counted["seq"]
    beyond = max(room["read_seq"], counted["seq"])
    held = [one for one in room["messages"].values() if one["seq"] > beyond]
    unread = sum(one["author"]["id"] != me and not one.get("deleted") for one in held)
    mentions = sum(_addresses(me, one) for one in held)
    room["unread"] = min(100, within * counted["unread"] + unread)
    _set(room, mentions=min(100, within * counted["mentions"] + mentions))


# ---- the comparison, and the files --------------------------------------------------------------------------------


def converges(
    verb: str,
    name: str,
    reader: User,
    act: Callable[[], object],
    *,
    frames: Callable[[Json], list[Json]] | None = None,
) -> Json:
    """Fold what `act` published (or these `frames`) into what the reader held; it must be what she reads afresh.

    Answers what the client holds then. The triple goes to (or must be in) `tests/vectors/<verb>.json`.
    """
    old = fresh(reader)
    with heard() as events:
        act()
    given = frames(old) if frames else sent(reader, old["rooms"], events)
    folded = fold(old, given)
    loaded = [room_id for room_id, room in folded["rooms"].items() if room["loaded"]]
    now = fresh(reader, loaded=loaded)
    for room in folded["rooms"].values():
        if not room["loaded"]:
            room["messages"], room["members"] = {}, {}
    assert folded == now
    record(verb, {"name": name, "reader": str(reader.pk), "old": old, "events": given, "fresh": now})
    return folded


def record(verb: str, case: Json) -> None:
    """Keep the case, or compare it with the one that is kept."""
    path = VECTORS / f"{verb}.json"
    stored = json.loads(path.read_text()) if path.exists() else {"verb": verb, "cases": []}
    cases = {one["name"]: one for one in stored["cases"]}
    if not WRITE:
        assert cases.get(case["name"]) == case, f"{path.name} is out of date: VECTORS=write pytest tests/db"
        return
    cases[case["name"]] = case
    stored["cases"] = [cases[key] for key in sorted(cases)]
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
