"""What a client holds, and how frames are folded into it: the rules of docs/protocol.md, kept strictly.

Within one connection the chain of every room is unbroken and nothing comes twice, so a gap or a repeated change is
noted as the server's fault; tests assert that there were none.
"""

from typing import Any

Frame = dict[str, Any]


class RoomView:
    """A room as its reader's client holds it."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.entry = dict(entry)
        self.cursor: int = entry["rev"]
        self.messages: dict[int, dict[str, Any]] = {}
        self.members: dict[str, dict[str, Any]] = {}
        self.resets: list[str] = []

    @property
    def texts(self) -> list[str | None]:
        """The texts held, in order of seq; None for a tombstone."""
        return [None if message.get("deleted") else message["text"] for _, message in sorted(self.messages.items())]

    def upsert(self, message: dict[str, Any]) -> None:
        held = self.messages.get(message["seq"])
        if held is None or held["rev"] < message["rev"]:
            self.messages[message["seq"]] = message
        self.entry["last_seq"] = max(self.entry["last_seq"], message["seq"])

    def member(self, membership: dict[str, Any]) -> None:
        user = membership["user"]["id"]
        held = self.members.get(user)
        if "left_rev" in membership:
            if held is None or held["joined_rev"] <= membership["joined_rev"]:
                self.members.pop(user, None)
        elif held is None or held["rev"] < membership["rev"]:
            self.members[user] = membership

    def reset(self, rev: int, reason: str) -> None:
        self.resets.append(reason)
        self.cursor = rev
        self.messages.clear()
        self.members.clear()


class View:
    """Everything one client holds; survives its connections."""

    def __init__(self) -> None:
        self.me: dict[str, Any] = {}
        self.rev = 0
        self.epoch: str | None = None
        self.rooms: dict[str, RoomView] = {}
        self.gaps: list[Frame] = []
        self.repeats: list[Frame] = []

    @property
    def cursors(self) -> dict[str, int]:
        """What to say in `hello`."""
        return {room: held.cursor for room, held in self.rooms.items()}

    def ready(self, payload: dict[str, Any]) -> None:
        """`ready` is whole: rooms it does not name are gone."""
        self.me, self.rev, self.epoch = payload["user"], payload["user"]["rev"], payload["epoch"]
        entries = {entry["id"]: entry for entry in payload["rooms"]}
        if not payload.get("more"):
            for room in self.rooms.keys() - entries.keys():
                del self.rooms[room]
        self.entries(payload["rooms"], payload["resume"])

    def entries(self, rooms: list[dict[str, Any]], resume: dict[str, str]) -> None:
        for entry in rooms:
            held = self.rooms.get(entry["id"])
            if held is None or resume.get(entry["id"]) == "gone":
                self.rooms[entry["id"]] = RoomView(entry)
            else:
                held.entry = dict(entry)

    def apply(self, frame: Frame) -> None:
        kind, payload = frame["type"], frame["payload"]
        if kind == "ready":
            self.ready(payload)
        elif kind == "ready.rooms":
            self.entries(payload["rooms"], {})
        elif kind == "room.reset":
            if payload["room"] in self.rooms:
                self.rooms[payload["room"]].reset(payload["rev"], payload["reason"])
        elif kind == "user.state":
            if self._next(frame, self.rev):
                self.rev = payload["rev"]
                self._user_state(payload)
        elif "rev" in payload and "prev" in payload:
            room = self.rooms.get(payload["room"])
            if room is not None and self._next(frame, room.cursor):
                room.cursor = payload["rev"]
                self._room_frame(room, kind, payload)

    def _next(self, frame: Frame, cursor: int) -> bool:
        prev, rev = frame["payload"]["prev"], frame["payload"]["rev"]
        if prev > cursor:
            self.gaps.append(frame)
        elif rev <= cursor and frame["type"] != "room.synced":
            self.repeats.append(frame)
        return bool(prev <= cursor < rev)

    def _room_frame(self, room: RoomView, kind: str, payload: dict[str, Any]) -> None:
        if kind.startswith("message."):
            room.upsert(payload["message"])
        elif kind.startswith("member."):
            room.member(payload["membership"])
        elif kind == "room.updated":
            room.entry |= {name: payload["settings"][name] for name in ("name", "topic", "archived")}

    def _user_state(self, payload: dict[str, Any]) -> None:
        self.me = payload.get("me", self.me)
        for entry in payload.get("rooms", ()):
            held = self.rooms.get(entry["id"])
            if held is None or held.entry["joined_rev"] != entry["joined_rev"]:
                self.rooms[entry["id"]] = RoomView(entry)
            else:
                held.entry = dict(entry)
        for room in payload.get("left", ()):
            self.rooms.pop(room, None)
        for read in payload.get("read", ()):
            if (held := self.rooms.get(read["room"])) is not None:
                held.entry |= {"read_seq": read["read_seq"], "unread": read["unread"]}
