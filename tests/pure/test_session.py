"""The socket's state machine, without a socket and without a clock."""

import json
from typing import Any, ClassVar

import msgspec
import pytest

from realtime.bell import Encoded
from realtime.limits import Limits
from realtime.protocol import frames
from realtime.protocol.closes import Close
from realtime.session import HEARTBEATS, SILENCE_GRACE_S, Execute, Goodbye, Greet, Session, State

LIMITS = Limits(command_bytes=2000, held_frames=5, held_bytes=1000)


class Say(frames.Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "say"
    text: str


@pytest.fixture
def session() -> Session:
    return Session(0.0, LIMITS, {**frames.ENGINE_COMMANDS, "say": Say}, lambda: {"1": 7})


@pytest.fixture
def live(session: Session) -> Session:
    session.receive(command("hello"), 0.0)
    session.resumed({})
    return session


def command(kind: str, payload: dict[str, Any] | None = None, frame_id: str = "c1") -> str:
    return json.dumps({"id": frame_id, "type": kind, "payload": payload or {}})


def sent(session: Session) -> list[dict[str, Any]]:
    outbox, session.outbox = session.outbox, []
    return [msgspec.json.decode(frame.data) for frame in outbox]


def frame(rev: int, opens: tuple[str, ...] = ()) -> tuple[int, Encoded]:
    return rev, Encoded(json.dumps(rev).encode(), opens)


def test_hello_is_greeted_and_a_command_carried_out(session: Session) -> None:
    wish = session.receive(command("hello", {"network": "mobile", "cursors": {"5": 9}}), 0.0)
    assert isinstance(wish, Greet)
    assert wish.hello.cursors == {"5": 9}
    assert session.state.value == "resuming"
    session.resumed({})
    assert session.state.value == "live"
    assert session.receive(command("say", {"text": "hi"}, "c2"), 1.0) == Execute("c2", Say(text="hi"))


def test_no_hello_within_ten_seconds_is_4002(session: Session) -> None:
    assert session.tick(9.9) is None
    wish = session.tick(10.0)
    assert isinstance(wish, Goodbye)
    assert wish.code == Close.NO_HELLO


def test_other_frames_do_not_put_hello_off(session: Session) -> None:
    session.receive(command("ping"), 9.0)
    wish = session.tick(10.0)
    assert isinstance(wish, Goodbye)
    assert wish.code == Close.NO_HELLO


@pytest.mark.parametrize("network", HEARTBEATS)
def test_a_silent_socket_is_pinged_and_then_given_up(live: Session, network: str) -> None:
    live.heartbeat = beat = HEARTBEATS[network]
    assert live.tick(beat.interval_s - 0.1) is None
    assert sent(live) == []
    assert live.tick(beat.interval_s) is None
    [ping] = sent(live)
    assert (ping["type"], ping["payload"]["heads"]) == ("ping", {"1": 7})
    end = beat.interval_s * beat.misses + SILENCE_GRACE_S
    assert live.tick(end - 0.1) is None
    assert sent(live) == [], "one ping is enough"
    wish = live.tick(end)
    assert isinstance(wish, Goodbye)
    assert wish.code == Close.HEARTBEAT_LOST


def test_any_frame_is_a_sign_of_life(live: Session) -> None:
    for now in range(20, 400, 20):
        live.receive("not even JSON" if now == 40 else command("pong"), float(now))
        assert live.tick(now + 0.5) is None
    assert "ping" not in {answer["type"] for answer in sent(live)}


def test_a_ping_is_answered_at_once(live: Session) -> None:
    assert live.receive(command("ping", frame_id="c9"), 1.0) is None
    [pong] = sent(live)
    assert (pong["type"], pong["re"], pong["payload"]["heads"]) == ("pong", "c9", {"1": 7})


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("{", None),
        ('{"id": "c1", "type": "say", "payload": {"text": "a", "text": "b"}}', None),
        (command("say", {"text": "\ud800"}), None),
        ('{"id": "c1", "type": "say", "payload": {"text": NaN}}', None),
        (b"\x00\x01", None),
        (command("say", {"text": 5}), {"text"}),
        (command("say", {"text": "a\0b"}), {"text"}),
        (command("say", {"text": "a", "color": "red"}), {"color"}),
        (command("shout", {}), {"type"}),
        (command("hello", {}), {"type"}),
        ("[]", {"payload"}),
    ],
)
def test_three_malformed_frames_in_a_row_are_4500_and_one_good_one_forgives(
    live: Session, data: str | bytes, fields: set[str] | None
) -> None:
    good = command("say", {"text": "fine"})
    for bad in (data, data, good, data, data):
        wish = live.receive(bad, 1.0)
        assert wish is None or isinstance(wish, Execute)
    answers = sent(live)
    assert len(answers) == 4
    for answer in answers:
        assert (answer["type"], answer["payload"]["code"]) == ("error", "invalid")
        assert set(answer["payload"].get("fields", ())) == (fields or set())
    wish = live.receive(data, 1.0)
    assert isinstance(wish, Goodbye)
    assert wish.code == Close.PROTOCOL_VIOLATION


def test_hello_again_is_refused_and_the_socket_stays_up(live: Session) -> None:
    assert live.receive(command("hello", frame_id="c7"), 1.0) is None
    [error] = sent(live)
    assert (error["re"], error["payload"]["code"]) == ("c7", "invalid")
    assert live.state is State.LIVE
    assert isinstance(live.receive(command("say", {"text": "still here"}), 1.0), Execute)


def test_a_command_before_hello_is_refused(session: Session) -> None:
    assert session.receive(command("say", {"text": "hi"}), 1.0) is None
    [error] = sent(session)
    assert error["payload"]["code"] == "invalid"
    assert session.state is State.OPEN


@pytest.mark.parametrize("text", ["x" * 3000, "界" * 900])
def test_what_is_too_large_is_refused_as_often_as_it_comes(live: Session, text: str) -> None:
    for _ in range(10):
        assert live.receive(json.dumps({"text": text}, ensure_ascii=False), 1.0) is None
    assert {answer["payload"]["code"] for answer in sent(live)} == {"too_large"}
    assert isinstance(live.receive(command("say", {"text": "small"}), 1.0), Execute)


def test_going_on_against_a_rate_limit_is_4009(live: Session) -> None:
    for place in range(LIMITS.refusals_per_10_s):
        assert live.refused(place / 100) is None
    wish = live.refused(1.5)
    assert isinstance(wish, Goodbye)
    assert wish.code == Close.FLOODING


def test_refusals_far_apart_are_forgiven(live: Session) -> None:
    for place in range(LIMITS.refusals_per_10_s * 3):
        assert live.refused(place * 0.2) is None


# ---- resuming


@pytest.fixture
def resuming(session: Session) -> Session:
    session.receive(command("hello"), 0.0)
    return session


def revs(session: Session) -> list[int]:
    return [msgspec.json.decode(frame.data) for frame in session.outbox]


def test_live_frames_wait_for_the_replay_and_follow_it(resuming: Session) -> None:
    assert resuming.feed("room:1", [frame(5), frame(6)]) is None
    assert resuming.feed("room:2", [frame(12)]) is None
    assert resuming.feed("room:1", [frame(7)]) is None
    assert revs(resuming) == []
    resuming.resumed({"room:1": 5, "room:2": 11})
    assert revs(resuming) == [6, 12, 7], "in the order they came, behind the heads"
    now = resuming.feed("room:1", [frame(8)])
    assert now is not None
    assert [item.data for item in now] == [b"8"]


def test_a_room_entered_anew_while_resuming_begins_where_its_entry_says(resuming: Session) -> None:
    resuming.feed("room:1", [frame(96)])
    resuming.feed("user:1", [frame(4, opens=("room:1",))])
    resuming.feed("room:1", [frame(97), frame(98)])
    still = resuming.resumed({"room:1": 100, "room:2": 7, "user:1": 3})
    assert revs(resuming) == [4, 97, 98], "the replay up to 100 was of an earlier stint"
    assert still["room:2"] == 7
    assert still["room:1"] < 100


def test_the_same_frame_held_twice_comes_once(resuming: Session) -> None:
    resuming.feed("room:1", [frame(5)])
    resuming.feed("room:1", [frame(5), frame(6)])
    resuming.resumed({"room:1": 4})
    assert revs(resuming) == [5, 6]


def test_too_much_to_hold_is_dropped_whole_and_reported(resuming: Session) -> None:
    resuming.feed("room:2", [frame(1)])
    resuming.feed("room:1", [frame(rev) for rev in range(1, 4)])
    resuming.feed("room:1", [frame(4), frame(5)])
    resuming.feed("room:1", [frame(6)])
    assert set(resuming.overflowed()) == {"room:1"}
    resuming.feed("room:1", [frame(7)])
    assert not resuming.overflowed(), "held anew"
    resuming.resumed({"room:1": 6, "room:2": 0})
    assert revs(resuming) == [1, 7]


def test_so_is_what_is_too_large_to_hold(resuming: Session) -> None:
    def large(rev: int) -> tuple[int, Encoded]:
        return rev, Encoded(b"x" * 400)

    resuming.feed("room:2", [large(1)])
    resuming.feed("room:1", [large(1)])
    resuming.feed("room:1", [large(2)])
    assert set(resuming.overflowed()) == {"room:1"}
    resuming.feed("room:1", [large(3)])
    assert not resuming.overflowed(), "what was dropped counts no longer"


def test_a_persons_own_log_is_never_dropped(resuming: Session) -> None:
    resuming.feed("room:1", [frame(rev) for rev in range(1, 6)])
    resuming.feed("user:1", [frame(1), frame(2)])
    assert not resuming.overflowed()
    resuming.resumed({"room:1": 5})
    assert revs(resuming) == [1, 2]


def test_nothing_is_taken_or_given_after_bye(live: Session) -> None:
    live.say_bye(Close.RESTART, "the server restarts", 500)
    live.say_bye(Close.INTERNAL, "again", 0)
    [bye] = sent(live)
    assert bye["payload"] == {"code": 4012, "reason": "the server restarts", "retry_ms": 500, "resume": True}
    assert live.receive(command("say", {"text": "hello?"}), 1.0) is None
    assert live.feed("room:1", [frame(1)]) is None
    assert live.tick(10_000.0) is None
    assert sent(live) == []


# ---- close codes


@pytest.mark.parametrize("code", Close)
def test_the_range_of_a_close_code_is_the_policy(code: Close) -> None:
    stays_away = {4500: "PROTOCOL_VIOLATION", 4501: "UNSUPPORTED_VERSION", 4503: "SESSION_REVOKED"}
    stays_away[4504] = "ACCOUNT_DISABLED"
    assert 4000 <= code <= 4999
    assert (stays_away.get(code) == code.name) is not code.may_return
