"""Everything on the wire is in the catalogue, with a sample that survives the way there and back."""

import json

import msgspec
import pytest

from chat import catalogue, events
from chat.commands import VERBS
from realtime.protocol import codec, frames
from realtime.protocol.json import decode


def _name(sample: frames.Payload) -> str:
    return sample.type


def _declared(base: type[frames.Payload]) -> set[str]:
    found = {base.type} if "type" in base.__dict__ else set()
    return found.union(*(_declared(sub) for sub in base.__subclasses__()))


def test_every_command_is_sampled_once() -> None:
    assert sorted(sample.type for sample in catalogue.COMMANDS) == sorted([*frames.ENGINE_COMMANDS, *VERBS])


def test_every_event_and_frame_is_sampled_once() -> None:
    declared = _declared(frames.Event) | _declared(frames.Ephemeral) | {frame.type for frame in frames.ENGINE_FRAMES}
    assert sorted(sample.type for sample in catalogue.FRAMES) == sorted(declared)


@pytest.mark.parametrize("sample", catalogue.COMMANDS, ids=_name)
def test_a_command_is_decoded_as_what_was_encoded(sample: frames.Command) -> None:
    assert decode(type(sample), json.loads(msgspec.json.encode(sample))) == sample


@pytest.mark.parametrize("sample", catalogue.FRAMES, ids=_name)
def test_a_frame_is_decoded_as_what_was_encoded(sample: frames.Payload) -> None:
    frame = json.loads(codec.encode(sample, frame_id="7.1"))
    assert frame["type"] == sample.type
    assert json.loads(msgspec.json.encode(sample)) == frame["payload"]
    if not isinstance(sample, frames.Ready | frames.ReadyRooms):  # the engine knows their rooms as opaque
        assert msgspec.convert(frame["payload"], type(sample)) == sample


@pytest.mark.parametrize("sample", [*catalogue.COMMANDS, *catalogue.FRAMES], ids=_name)
def test_everything_on_the_wire_is_described(sample: frames.Payload) -> None:
    assert type(sample).__doc__
    assert not type(sample).__doc__.startswith(type(sample).__name__)


@pytest.mark.parametrize("sample", catalogue.COMMANDS, ids=_name)
def test_a_command_refuses_what_it_does_not_know(sample: frames.Command) -> None:
    from realtime.protocol.errors import Invalid

    with pytest.raises(Invalid) as caught:
        decode(type(sample), {**json.loads(msgspec.json.encode(sample)), "surprise": 1})
    assert "surprise" in caught.value.fields


def test_a_room_event_belongs_to_its_room_and_names_who_goes() -> None:
    by_type = {sample.type: sample for sample in catalogue.FRAMES}
    for kind in ("message.created", "member.joined", "member.left", "room.updated"):
        event = by_type[kind]
        assert isinstance(event, events.RoomEvent)
        assert (event.topic, event.frame_id) == ("room:7", f"7.{event.rev}")
    assert by_type["member.left"].leaves == "2"
    assert by_type["message.created"].leaves is None
    assert by_type["user.state"].opens == {"room:8": 3}
    assert by_type["user.state"].closes == {"5": 4503}
