"""Every command and every frame, each with a sample: for the docs, the JS types and the test that reads both."""

from uuid import UUID

from accounts.payloads import DeviceState, Me, Person
from chat import commands, events
from chat.payloads import (
    Author,
    DraftState,
    Membership,
    Message,
    Preferences,
    ReadPosition,
    RoomEntry,
    RoomSettings,
)
from realtime.protocol import frames

_alice = Person(id="1", handle="alice", name="Alice")
_bob = Person(id="2", handle="小波", name="Bob 王小波")
_me = Me(
    id="1",
    handle="alice",
    name="Alice",
    email="alice@example.org",
    language="zh-hans",
    time_zone="Asia/Shanghai",
    role="owner",
    rev=31,
)
_client_id = "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11"
_message = Message(
    seq=12,
    rev=40,
    client_id=_client_id,
    author=Author(id="1", name="Alice"),
    text="**好。**谢谢",
    html="<p><strong>好。</strong>谢谢</p>",
    created_at=1_780_000_000_000,
    reply_to=11,
)
_edited = Message(
    seq=12,
    rev=41,
    client_id=_client_id,
    author=Author(id="1", name="Alice"),
    text="@小波 ok",
    html='<p><span class="mention" data-user="2">@小波</span> ok</p>',
    created_at=1_780_000_000_000,
    edited_at=1_780_000_060_000,
    mentions=["2"],
)
_tombstone = Message(
    seq=12,
    rev=42,
    client_id=_client_id,
    author=Author(id="1", name="Alice"),
    text="",
    html="",
    created_at=1_780_000_000_000,
    deleted=True,
)
_joined = Membership(user=_bob, role="member", joined_rev=43, rev=43)
_moderator = Membership(user=_bob, role="moderator", joined_rev=43, rev=44)
_left = Membership(user=_bob, role="moderator", joined_rev=43, rev=45, left_rev=45, reason="banned")
_settings = RoomSettings(
    id="7", kind="public", name="设计 design", topic="Shapes", archived=False, rev=46, description="圆 and square"
)
_room = RoomEntry(
    id="7",
    kind="public",
    name="设计 design",
    topic="Shapes",
    archived=False,
    role="owner",
    joined_rev=2,
    rev=46,
    last_seq=12,
    read_seq=10,
    unread=1,
    mentions=1,
    favourite=True,
    notify="mentions",
    draft=DraftState(room="7", seq=12, text="好"),
)
_group = RoomEntry(
    id="9",
    kind="group",
    name="",
    topic="",
    archived=False,
    role="member",
    joined_rev=2,
    rev=4,
    last_seq=0,
    read_seq=0,
    unread=0,
    people=[_bob, Person(id="3", handle="carol", name="Carol")],
)
_direct = RoomEntry(
    id="8",
    kind="direct",
    name="",
    topic="",
    archived=False,
    role="member",
    joined_rev=2,
    rev=3,
    last_seq=0,
    read_seq=0,
    unread=0,
    counterpart=_bob,
)
_device = DeviceState(
    id="5",
    kind="browser",
    label="Firefox, Linux",
    created_at=1_780_000_000_000,
    last_seen_at=1_780_000_500_000,
    ended=True,
)

COMMANDS: tuple[frames.Command, ...] = (
    frames.Hello(client="web 1.0", network="auto", epoch="5f1d6c0a9be2e7c4", cursors={"7": 39}),
    commands.MessageSend(room="7", client_id=UUID(_client_id), text="**好。**谢谢", reply_to=11),
    commands.MessageEdit(room="7", seq=12, text="ok"),
    commands.MessageDelete(room="7", seq=12),
    commands.ReadMark(room="7", seq=12),
    commands.ReadRewind(room="7", seq=10),
    commands.RoomPrefer(room="7", favourite=True, folder="工作", notify="mentions", place=3),
    commands.DraftSet(room="7", text="好", reply_to=11),
    frames.Sync(room="7", since=39, limit=200),
    frames.RoomFocus(room="7"),
    frames.TypingStart(room="7"),
    frames.TypingStop(room="7"),
    frames.PresenceSet(state="away"),
    frames.PresenceWatch(users=["1", "2"]),
    frames.ClientPing(),
    frames.ClientPong(),
)

FRAMES: tuple[frames.Payload, ...] = (
    frames.Ready(
        connection="c1f0",
        user=_me,
        epoch="5f1d6c0a9be2e7c4",
        heartbeat=frames.Heartbeat(interval_s=30, misses=3),
        limits={"text": 8000},
        rooms=[_room, _direct, _group],
        resume={"7": "ok", "9": "gone"},
    ),
    frames.ReadyRooms(rooms=[_direct]),
    events.MessageCreated(room="7", prev=39, rev=40, message=_message),
    events.MessageUpdated(room="7", prev=40, rev=41, message=_edited),
    events.MessageDeleted(room="7", prev=41, rev=42, message=_tombstone),
    events.MemberJoined(room="7", prev=42, rev=43, membership=_joined),
    events.MemberUpdated(room="7", prev=43, rev=44, membership=_moderator),
    events.MemberLeft(room="7", prev=44, rev=45, membership=_left),
    events.RoomUpdated(room="7", prev=45, rev=46, settings=_settings),
    events.UserState(
        user="1",
        prev=30,
        rev=31,
        devices=[_device],
        me=_me,
        rooms=[_direct],
        left=["9"],
        read=[ReadPosition(room="7", rev=46, read_seq=10, last_seq=12, unread=1)],
        preferences=[Preferences(room="7", favourite=True, folder="工作", notify="mentions", place=3)],
        drafts=[DraftState(room="7", seq=12, text="好", reply_to=11)],
    ),
    frames.RoomSynced(room="7", prev=39, rev=46),
    frames.RoomReset(room="7", rev=46, reason="too_far_behind"),
    events.Receipt(room="7", user="2", read_seq=12),
    events.PersonUpdated(person=_bob),
    frames.Typing(room="7", user="2", active=True, ttl_ms=6000),
    frames.Presence(user="2", state="online", ttl_ms=60_000),
    frames.Ack(room="7", seq=12, rev=40),
    frames.ErrorFrame(code="rate_limited", message="Too many messages.", retry=True, retry_ms=800),
    frames.ServerPing(now=1_780_000_000_000, heads={"7": 46}),
    frames.ServerPong(now=1_780_000_000_000, heads={}),
    frames.Bye(code=4012, reason="restart", retry_ms=1500, resume=True),
)
