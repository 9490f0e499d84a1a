"""What a client holds, and the rules of folding frames into it (those of static/js/store/reduce.js).

On a healthy connection the chain is unbroken, so what a careful client would repair is a `Violation` here.
"""

from dataclasses import dataclass, field
from typing import Any


class Violation(AssertionError):
    """A promise of the engine was broken."""


@dataclass
class RoomView:
    """A room from the moment it was entered; entered anew it is a new one."""

    entry: dict[str, Any]
    cursor: int
    since: int
    name_rev: int = 0
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    stints: dict[str, dict[str, Any]] = field(default_factory=dict)
    loaded: bool = False
    reset: bool = False
    got: set[str] = field(default_factory=set)
    """Ids of the frames that came on this connection."""

    @classmethod
    def entered(cls, entry: dict[str, Any]) -> "RoomView":
        return cls(dict(entry), entry["rev"], entry["rev"])

    def upsert(self, row: dict[str, Any]) -> None:
        held = self.messages.get(row["seq"])
        if held is None or held["rev"] < row["rev"]:
            self.messages[row["seq"]] = row

    def stint(self, stint: dict[str, Any]) -> None:
        held = self.stints.get(stint["user"])
        if held and (held["rev"] >= stint["rev"] or held["joined_rev"] > stint["joined_rev"]):
            return
        self.stints[stint["user"]] = stint

    def refresh(self, entry: dict[str, Any]) -> None:
        """The same stint, read again."""
        before, self.entry = self.entry, dict(entry)
        if self.name_rev > entry["rev"]:
            self.entry["name"] = before["name"]
        for name in ("last_seq", "read_seq"):
            self.entry[name] = max(before[name], entry[name])


class View:
    """Everything one device holds."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.epoch: str | None = None
        self.rev = 0
        self.rooms: dict[str, RoomView] = {}

    def cursors(self) -> dict[str, int]:
        return {room: view.cursor for room, view in self.rooms.items() if view.loaded}

    def ready(self, payload: dict[str, Any]) -> None:
        if self.epoch != payload["epoch"]:
            self.rooms.clear()
        self.epoch = payload["epoch"]
        self.rev = payload["user"]["rev"]
        entries = {entry["id"]: entry for entry in payload["rooms"]}
        for room in list(self.rooms):
            if room not in entries or payload.get("resume", {}).get(room) == "gone":
                del self.rooms[room]
        for room, entry in entries.items():
            held = self.rooms.get(room)
            if held is None or payload.get("resume", {}).get(room, "reset") == "reset":
                self.rooms[room] = RoomView.entered(entry)
            else:
                held.got.clear()
                held.refresh(entry)

    def user_state(self, payload: dict[str, Any]) -> None:
        if payload["rev"] <= self.rev:
            return
        if payload["prev"] > self.rev:
            raise Violation(f"user.state covers ({payload['prev']}, {payload['rev']}], the cursor is {self.rev}")
        self.rev = payload["rev"]
        for entry in payload.get("rooms", ()):
            held = self.rooms.get(entry["id"])
            if held is None or held.entry["joined_rev"] != entry["joined_rev"]:
                self.rooms[entry["id"]] = RoomView.entered(entry)
            else:
                # What follows the entry's head comes after it, also what came before.
                held.got.clear()
                held.refresh(entry)
        for room in payload.get("left", ()):
            self.rooms.pop(room, None)
        for position in payload.get("read", ()):
            if position["room"] in self.rooms:
                entry = self.rooms[position["room"]].entry
                for name in ("last_seq", "read_seq"):
                    entry[name] = max(entry[name], position[name])

    def room_frame(self, kind: str, frame_id: str, payload: dict[str, Any]) -> None:
        view = self.rooms.get(payload["room"])
        if view is None:
            return
        if kind == "room.reset":
            rev = payload["rev"]
            self.rooms[payload["room"]] = RoomView(view.entry, rev, rev, view.name_rev, reset=True)
            return
        prev, rev = payload["prev"], payload["rev"]
        if kind != "room.synced":
            if frame_id in view.got:
                raise Violation(f"{kind} {frame_id} came twice on one connection")
            view.got.add(frame_id)
        if rev <= view.cursor:
            return
        if prev > view.cursor:
            raise Violation(f"{kind} of room {payload['room']} covers ({prev}, {rev}], the cursor is {view.cursor}")
        view.cursor = rev
        if kind.startswith("message."):
            message = payload["message"]
            view.upsert(message)
            view.entry["last_seq"] = max(view.entry["last_seq"], message["seq"])
            if message["author"] == self.user:
                view.entry["read_seq"] = max(view.entry["read_seq"], message["seq"])
        elif kind.startswith("member."):
            stint = payload["membership"]
            view.stint(stint)
            if stint["user"] == self.user and stint["left_rev"] is None:
                view.entry["role"] = stint["role"]
        elif kind == "room.updated":
            view.entry["name"], view.name_rev = payload["settings"]["name"], payload["settings"]["rev"]

    def page(self, room: str, page: dict[str, Any]) -> bool:
        """Merge what was read; False if it is older than what is held."""
        view = self.rooms.get(room)
        if view is None:
            return True
        if page["rev"] < view.since:
            return False
        for row in page["messages"]:
            view.upsert(row)
        for stint in page["members"]:
            view.stint(stint)
        if view.reset and page["entry"]["joined_rev"] == view.entry["joined_rev"]:
            view.refresh(page["entry"])
            view.entry["role"] = view.stints[self.user]["role"]
        view.loaded = True
        return True
