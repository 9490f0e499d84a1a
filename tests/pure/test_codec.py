"""Two codecs, one meaning: every frame is the same struct whichever way it went, and both decoders refuse the same."""

import math
import time
from typing import Any, ClassVar

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import catalogue
from realtime.bell import Bell, Burst, Encoded, Packed, Step
from realtime.limits import Limits
from realtime.protocol import codec, frames, json
from realtime.protocol import msgpack as packed_codec
from realtime.protocol.errors import Invalid
from realtime.protocol.websocket import framed
from realtime.session import Execute, Session

SAMPLES = [*catalogue.COMMANDS, *catalogue.FRAMES]
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


def _type(sample: frames.Payload) -> str:
    return sample.type


@pytest.mark.parametrize("sample", SAMPLES, ids=_type)
def test_both_codecs_carry_the_same_frame(sample: frames.Payload) -> None:
    as_json = codec.encode(sample, frame_id="7.1", re="c1", ts=1)
    as_packed = codec.pack(sample, frame_id="7.1", re="c1", ts=1)
    assert packed_codec.loads(as_packed) == json.loads(as_json)
    assert len(as_packed) < len(as_json)
    # What a process hears of another is JSON: who reads MessagePack there sees the same as here.
    assert packed_codec.loads(codec.repack(as_json)) == packed_codec.loads(as_packed)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**53), st.booleans())
def test_whatever_is_said_is_the_same_in_both(text: str, number: int, flag: bool) -> None:
    frame = frames.ErrorFrame(code=text, message=text, retry=flag, retry_ms=number, fields={text: [text]})
    as_json, as_packed = (encode(frame, frame_id=text, ts=number) for encode in (codec.encode, codec.pack))
    told = [json.loads(as_json), packed_codec.loads(as_packed)]
    assert told[0] == told[1]
    assert [msgspec.convert(value["payload"], frames.ErrorFrame) for value in told] == [frame, frame]
    assert codec.repack(as_json) == as_packed


@given(PLAIN)
def test_plain_values_come_out_as_they_went_in(value: Any) -> None:
    data = msgspec.msgpack.encode(value)
    try:
        plain = packed_codec.loads(data)
    except Invalid as refused:
        assert "nested" in str(refused)  # noqa: PT017
    else:
        assert plain == value
        assert json.loads(msgspec.json.encode(value)) == plain


@given(st.binary(max_size=60))
def test_noise_is_taken_or_invalid_and_nothing_else(data: bytes) -> None:
    try:
        packed_codec.loads(data)
    except Invalid as refused:
        assert refused.fields is None  # noqa: PT017


def nested(levels: int, *, maps: bool = False) -> bytes:
    return (b"\x81\xa1a" if maps else b"\x91") * levels + b"\x01"


REFUSED = {
    "nothing": b"",
    "the byte that means nothing": b"\xc1",
    "half of a text": b"\xa5hel",
    "half of a map": b"\x82\xa1a\x01",
    "more than one value": b"\x01\x01",
    "the same key twice": b"\x82\xa1a\x01\xa1a\x02",
    "the same key twice, in two lengths": b"\x82\xa1a\x01\xd9\x01a\x02",
    "the same key twice, deeper": b"\x91\x82\xa1a\x01\xa1a\x01",
    "a number as key": b"\x81\x01\x01",
    "bytes as key": b"\x81\xc4\x01a\x01",
    "null as key": b"\x81\xc0\x01",
    "a list as key": b"\x81\x90\x01",
    "bytes": b"\xc4\x01a",
    "an extension": b"\xd4\x05\x00",
    "a time": msgpack.packb(msgpack.Timestamp(1, 0)),
    "a time as key": b"\x81\xd6\xff\x00\x00\x00\x01\x01",
    "NaN": msgpack.packb(math.nan),
    "infinity": msgpack.packb([-math.inf]),
    "bad UTF-8": b"\xa2\xff\xfe",
    "bad UTF-8 in a key": b"\x81\xa1\xff\x01",
    "half a surrogate pair": b"\xa3\xed\xa0\x80",
    "a pair of surrogates, encoded": b"\xa6\xed\xa0\xbd\xed\xb2\xa9",
    "an overlong form": b"\xa2\xc0\xaf",
    "17 levels": nested(17),
    "17 levels of maps": nested(17, maps=True),
    "a hundred thousand levels": nested(100_000),
    "a list that says it has four milliards": b"\xdd\xff\xff\xff\xff",
    "a map that says it has four milliards": b"\xdf\xff\xff\xff\xff",
    "a text that says it has four gigabytes": b"\xdb\xff\xff\xff\xffx",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_not_strict_is_invalid_without_fields(data: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(Invalid) as refused:
        packed_codec.loads(data)
    assert refused.value.fields is None
    assert time.perf_counter() - begun < 1


def test_sixteen_levels_are_taken() -> None:
    assert packed_codec.loads(nested(16)) == json.loads("[" * 16 + "1" + "]" * 16)


@pytest.mark.parametrize("sample", catalogue.COMMANDS, ids=_type)
def test_a_packed_command_is_decoded_as_what_was_encoded(sample: frames.Command) -> None:
    assert json.decode(type(sample), packed_codec.loads(msgspec.msgpack.encode(sample))) == sample


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2**64 - 1, -1, -(2**63), 1.5])
def test_integers_have_the_same_range(number: float) -> None:
    value = {"room": "1", "since": number}
    for plain in (json.loads(msgspec.json.encode(value)), packed_codec.loads(msgpack.packb(value))):
        with pytest.raises(Invalid) as refused:
            json.decode(frames.Sync, plain)
        assert refused.value.fields is not None
        assert list(refused.value.fields) == ["since"]


# ---- made once, and only if somebody reads it -----------------------------------------------------------------------


def test_nothing_is_packed_before_somebody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []

    def repack(data: bytes) -> bytes:
        calls.append(data)
        return b"\x80"

    monkeypatch.setattr("realtime.bell.codec.repack", repack)
    burst = Burst([(1, Encoded(b'{"a":1}')), (2, Encoded(b"{}"))])
    assert burst.wire
    assert calls == []
    assert burst.packed_wire is burst.packed_wire == b"\x82\x01\x80\x82\x01\x80"
    assert calls == [b'{"a":1}', b"{}"], "once each, whoever reads it"


def test_a_frame_for_one_reader_is_made_in_her_codec_alone() -> None:
    frame = Packed(codec.pack(frames.Ack(room="7", seq=1), frame_id="s1"))
    assert frame.packed is frame.data
    assert frame.packed_wire == framed(frame.data, binary=True)


def test_between_processes_there_is_one_encoding() -> None:
    event = catalogue.FRAMES[[sample.type for sample in catalogue.FRAMES].index("message.created")]
    assert isinstance(event, frames.Event)
    step = Step.of(event)
    assert step.frame.packed, "somebody here reads it"
    [[_, data, *_]] = Bell("room:7", 1, 2, [step]).pack()["s"]
    assert json.loads(data)["type"] == "message.created"
    there = Bell.unpack(Bell("room:7", 1, 2, [step]).pack())
    assert there.steps is not None
    assert there.steps[0].frame.packed == step.frame.packed


# ---- a socket's session ---------------------------------------------------------------------------------------------


class Say(frames.Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "say"
    text: str


def live(*, packed: bool) -> Session:
    session = Session(0.0, Limits(command_bytes=2000), {**frames.ENGINE_COMMANDS, "say": Say})
    session.packed = packed
    session.receive(command("hello", packed=packed), 0.0)
    session.resumed({})
    assert session.outbox == []
    return session


def command(kind: str, *, packed: bool, **payload: Any) -> str | bytes:
    value = {"id": "c1", "type": kind, "payload": payload}
    data: bytes = msgpack.packb(value)
    return data if packed else msgspec.json.encode(value).decode()


@pytest.mark.parametrize("packed", [False, True])
def test_a_session_speaks_one_codec(packed: bool) -> None:
    session = live(packed=packed)
    assert session.receive(command("say", packed=packed, text="嗨"), 1.0) == Execute("c1", Say(text="嗨"))
    session.receive(command("ping", packed=packed), 1.0)
    [frame] = session.outbox
    told = packed_codec.loads(frame.packed) if packed else json.loads(frame.text)
    assert (told["type"], told["re"]) == ("pong", "c1")
    assert isinstance(frame, Packed) is packed


@pytest.mark.parametrize("packed", [False, True])
def test_the_other_codecs_frames_are_violations(packed: bool) -> None:
    session = live(packed=packed)
    wishes = [session.receive(command("ping", packed=not packed), 1.0) for _ in range(3)]
    told = [packed_codec.loads(frame.packed) if packed else json.loads(frame.text) for frame in session.outbox]
    kind = "binary" if packed else "text"
    assert {answer["payload"]["message"] for answer in told} == {f"This subprotocol has {kind} frames only."}
    assert wishes[:2] == [None, None]
    assert wishes[2] is not None


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_too_large_is_too_large_in_both(packed: bool) -> None:
    session = live(packed=packed)
    session.receive(command("say", packed=packed, text="x" * 2000), 1.0)
    [frame] = session.outbox
    told = packed_codec.loads(frame.packed) if packed else json.loads(frame.text)
    assert told["payload"]["code"] == "too_large"
    session.receive(command("say", packed=packed, colour="red", text="x"), 1.0)
    told = packed_codec.loads(session.outbox[1].packed) if packed else json.loads(session.outbox[1].text)
    assert set(told["payload"]["fields"]) == {"colour"}
