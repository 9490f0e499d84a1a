"""Who is there: many devices, other processes, a store that goes away. In virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from realtime.bell import Encoded
from realtime.commands import carry_out
from realtime.presence import EXPIRY_S, OFFLINE_AFTER_S, Presence, combined
from realtime.product import Identity
from realtime.protocol.frames import PresenceSet, PresenceWatch
from tests.pure.simulation.clock import VirtualLoop, run


class Shelf:
    """A store in memory, with an expiry, that can be away."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], tuple[str, float]] = {}
        self.words = 0
        self.away = False

    def put(self, process: str, states: dict[str, str | None], expiry_s: float) -> None:
        if self.away:
            raise ConnectionError
        now = asyncio.get_event_loop().time()
        self.words += 1
        for user, state in states.items():
            self.held.pop((user, process), None)
            if state is not None:
                self.held[user, process] = (state, now + expiry_s)

    def get(self, users: Collection[str]) -> dict[str, list[str]]:
        if self.away:
            raise ConnectionError
        now = asyncio.get_event_loop().time()
        return {
            user: [state for (held, _), (state, until) in self.held.items() if held == user and until > now]
            for user in users
        }


class Socket:
    def __init__(self, user: str) -> None:
        self.user = user
        self.identity = Identity(user, "d")
        self.heard: list[tuple[str, str]] = []

    def whisper(self, frame: Encoded) -> None:
        shown = msgspec.json.decode(frame.data)["payload"]
        self.heard.append((shown["user"], shown["state"]))


class House:
    """Processes with presence, whose whispers reach each other."""

    def __init__(self, processes: int = 1, *, store: bool = True) -> None:
        self.store = Shelf() if store else None
        self.tasks: set[asyncio.Task[Any]] = set()
        self.gone: set[Socket] = set()
        self.together = {ALICE, BOB}
        self.reads: list[set[str]] = []
        self.hubs = [self._hub(place) for place in range(processes)]
        self.presences = [Presence(hub, self.store) for hub in self.hubs]  # type: ignore[arg-type]
        for presence in self.presences:
            presence._ask = self._asked(presence)  # type: ignore[method-assign]
            presence.start()

    def _hub(self, place: int) -> Any:
        def whisper(topic: str, message: dict[str, Any]) -> None:
            for other, hub in enumerate(self.hubs):
                if other != place:
                    hub.afar[message["type"]](message)

        return SimpleNamespace(
            afar={},
            tell_afar=whisper,
            spawn=self.spawn,
            attached=lambda socket: socket not in self.gone,
            call=self._call,
            product=SimpleNamespace(may_watch=lambda identity, users: self.together & set(users)),
        )

    async def _call(self, call: Callable[[], set[str]]) -> set[str]:
        """What is read is a second old when it arrives."""
        answer = call()
        self.reads.append(answer)
        await asyncio.sleep(1)
        return answer

    def lose(self, presence: Presence, socket: Socket) -> None:
        """The socket goes, as its consumer has it go."""
        self.gone.add(socket)
        presence.leave(socket)  # type: ignore[arg-type]

    def spawn(self, work: Any) -> Any:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        return task

    def _asked(self, presence: Presence) -> Callable[..., Awaitable[Any]]:
        async def ask(call: Callable[[Any], Any]) -> Any:
            try:
                answer = call(self.store)
            except ConnectionError:
                presence.ok = False
                return None
            presence.ok = True
            return answer

        return ask

    def close(self) -> None:
        for task in self.tasks:
            task.cancel()


def in_virtual_time(story: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def test() -> None:
        async def told() -> None:
            await story()

        run(told())

    test.__name__ = story.__name__  # type: ignore[attr-defined]
    return test


ALICE, BOB = "1", "2"


@in_virtual_time
async def test_a_watcher_is_told_at_once_and_then_of_changes() -> None:
    house = House()
    [presence] = house.presences
    alice, bob = Socket(ALICE), Socket(BOB)
    presence.arrive(bob)  # type: ignore[arg-type]
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    await asyncio.sleep(1)
    presence.arrive(alice)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    presence.set(alice, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    presence.set(alice, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard == [(ALICE, "offline"), (ALICE, "online"), (ALICE, "away")]
    house.close()


@in_virtual_time
async def test_offline_is_said_half_a_minute_after_the_last_socket_and_a_reload_is_not_seen() -> None:
    house = House()
    [presence] = house.presences
    bob, first, second = Socket(BOB), Socket(ALICE), Socket(ALICE)
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    presence.arrive(first)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "online")
    heard = len(bob.heard)
    presence.leave(first)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S - 1)
    presence.arrive(second)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S * 2)
    assert len(bob.heard) == heard
    presence.leave(second)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S - 1)
    assert len(bob.heard) == heard
    await asyncio.sleep(2)
    assert bob.heard[heard:] == [(ALICE, "offline")]
    house.close()


@in_virtual_time
async def test_who_comes_back_hidden_is_never_seen_for_a_moment() -> None:
    house = House()
    [presence] = house.presences
    bob, seen, hidden = Socket(BOB), Socket(ALICE), Socket(ALICE)
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    presence.arrive(seen)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "online")
    presence.set(seen, "invisible")  # type: ignore[arg-type]
    presence.leave(seen)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S * 2)
    assert bob.heard[-1] == (ALICE, "offline")
    heard = len(bob.heard)
    presence.arrive(hidden, "invisible")  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S)
    assert len(bob.heard) == heard
    house.close()


@in_virtual_time
async def test_many_devices_are_one_person_also_at_two_processes() -> None:
    house = House(2)
    here, there = house.presences
    bob, desk, phone = Socket(BOB), Socket(ALICE), Socket(ALICE)
    here.watch(bob, [ALICE])  # type: ignore[arg-type]
    here.arrive(desk)  # type: ignore[arg-type]
    there.arrive(phone)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    here.set(desk, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "online"), "she is there on her phone"
    there.set(phone, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "away")
    there.leave(phone)  # type: ignore[arg-type]
    here.leave(desk)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S + 1)
    assert bob.heard[-1] == (ALICE, "offline")
    house.close()


@in_virtual_time
async def test_word_is_left_of_a_device_that_goes_only_if_she_looks_otherwise_then() -> None:
    house = House()
    [presence] = house.presences
    assert house.store is not None
    desk, phone, tablet = (Socket(ALICE) for _ in range(3))
    for socket in (desk, phone, tablet):
        presence.arrive(socket)  # type: ignore[arg-type]
    presence.set(desk, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    words = house.store.words
    presence.leave(phone)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert house.store.words == words, "she is online as before"
    presence.leave(tablet)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert house.store.words == words + 1
    assert house.store.get([ALICE]) == {ALICE: ["away"]}
    house.close()


@in_virtual_time
async def test_invisible_looks_like_offline_from_everywhere() -> None:
    house = House(2)
    here, there = house.presences
    bob, desk, phone = Socket(BOB), Socket(ALICE), Socket(ALICE)
    here.watch(bob, [ALICE])  # type: ignore[arg-type]
    here.arrive(desk)  # type: ignore[arg-type]
    there.arrive(phone)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "online")
    there.set(phone, "invisible")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "offline")
    assert there.hidden(ALICE)
    here.set(desk, "online")  # type: ignore[arg-type]
    await asyncio.sleep(60)
    assert bob.heard[-1] == (ALICE, "offline")
    house.close()


@in_virtual_time
async def test_a_process_that_died_is_forgotten_after_the_expiry_and_a_living_one_is_not() -> None:
    house = House(2)
    here, there = house.presences
    bob, alice, carol = Socket(BOB), Socket(ALICE), Socket("3")
    here.watch(bob, [ALICE, "3"])  # type: ignore[arg-type]
    here.arrive(carol)  # type: ignore[arg-type]
    there.arrive(alice)  # type: ignore[arg-type]
    await asyncio.sleep(EXPIRY_S * 3)
    assert dict(bob.heard) == {ALICE: "online", "3": "online"}
    there._local = lambda user: "online"  # type: ignore[method-assign]
    there._sockets.clear()
    await asyncio.sleep(EXPIRY_S * 2)
    assert dict(bob.heard) == {ALICE: "offline", "3": "online"}
    house.close()


@in_virtual_time
async def test_with_the_store_away_others_are_unknown_and_those_here_are_known() -> None:
    house = House(2)
    here, there = house.presences
    bob, alice, carol = Socket(BOB), Socket(ALICE), Socket("3")
    here.watch(bob, [ALICE, "3"])  # type: ignore[arg-type]
    here.arrive(carol)  # type: ignore[arg-type]
    there.arrive(alice)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert dict(bob.heard) == {ALICE: "online", "3": "online"}
    assert house.store is not None
    house.store.away = True
    await asyncio.sleep(30)
    assert dict(bob.heard) == {ALICE: "unknown", "3": "online"}
    house.store.away = False
    await asyncio.sleep(60)
    assert dict(bob.heard) == {ALICE: "online", "3": "online"}
    house.close()


def test_the_store_away_and_back_are_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "realtime.presence")

    def ask(store: Any) -> None:
        if store.away:
            raise ConnectionError

    async def story() -> None:
        store = SimpleNamespace(away=False)
        presence = Presence(SimpleNamespace(afar={}), store)  # type: ignore[arg-type]
        for away in (False, True, True, False, False):
            store.away = away
            await presence._ask(ask)
        presence.stop()

    asyncio.run(story())
    assert caplog.messages == ["the presence store is away: ConnectionError: ", "the presence store is back"]


@in_virtual_time
async def test_one_process_alone_needs_no_store() -> None:
    house = House(store=False)
    [presence] = house.presences
    bob, alice = Socket(BOB), Socket(ALICE)
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    presence.arrive(alice)  # type: ignore[arg-type]
    await asyncio.sleep(1)
    presence.leave(alice)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S + 1)
    assert bob.heard[-2:] == [(ALICE, "online"), (ALICE, "offline")]
    house.close()


@in_virtual_time
async def test_who_stopped_watching_hears_nothing_more_and_nothing_is_kept() -> None:
    house = House()
    [presence] = house.presences
    bob, alice = Socket(BOB), Socket(ALICE)
    presence.arrive(bob)  # type: ignore[arg-type]
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard == [(ALICE, "offline")]
    presence.leave(bob)  # type: ignore[arg-type]
    presence.arrive(alice)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S + 1)
    presence.leave(alice)  # type: ignore[arg-type]
    await asyncio.sleep(OFFLINE_AFTER_S + 1)
    assert bob.heard == [(ALICE, "offline")]
    assert not any(kept(presence)), kept(presence)
    house.close()


def kept(presence: Presence) -> list[Any]:
    """What there is to forget."""
    people = [presence._sockets, presence._leaving]
    return [*people, presence._watched, presence._watching, presence._told, presence._questions]


@in_virtual_time
async def test_what_a_socket_asked_for_is_nothing_once_it_has_gone() -> None:
    house = House()
    [presence] = house.presences
    bob, alice = Socket(BOB), Socket(ALICE)
    presence.watch(bob, [ALICE])  # type: ignore[arg-type]
    presence.arrive(alice)  # type: ignore[arg-type]
    presence.set(alice, "away")  # type: ignore[arg-type]
    await asyncio.sleep(1)
    assert bob.heard[-1] == (ALICE, "away")
    asked = house.spawn(carry_out(at(presence, alice), PresenceWatch(users=[BOB])))
    await asyncio.sleep(0.5)
    house.lose(presence, alice)
    await carry_out(at(presence, alice), PresenceSet(state="online"))
    await asked
    assert presence._watching.keys() == {bob}
    await asyncio.sleep(OFFLINE_AFTER_S + EXPIRY_S)
    assert bob.heard[-2:] == [(ALICE, "away"), (ALICE, "offline")]
    house.lose(presence, bob)
    assert not any(kept(presence)), kept(presence)
    house.close()


def at(presence: Presence, socket: Socket) -> Any:
    """The socket, as a command finds it."""
    socket.engine = SimpleNamespace(presence=presence)  # type: ignore[attr-defined]
    return socket


@pytest.mark.parametrize("left", [ALICE, BOB])
@pytest.mark.parametrize("earlier", [False, True], ids=["while she asks", "while she asks again"])
def test_a_parting_that_the_answer_does_not_know_is_asked_about_again(left: str, earlier: bool) -> None:
    async def story() -> None:
        house = House()
        [presence] = house.presences
        bob = Socket(BOB)
        presence.arrive(bob)  # type: ignore[arg-type]
        asked = house.spawn(carry_out(at(presence, bob), PresenceWatch(users=[ALICE])))
        if earlier:
            await asked
            assert list(presence._watching.values()) == [{ALICE}]
            # Of two rooms they share, one is left, and then the other.
            presence._parted(ALICE)
        await asyncio.sleep(0.5)
        house.together = {BOB}
        presence._parted("3")
        presence._parted(left)
        await asyncio.sleep(3)
        assert house.reads[-2:] == [{ALICE}, set()], "it is asked again, once"
        assert not any(presence._watching.values())
        presence.arrive(Socket(ALICE))  # type: ignore[arg-type]
        await asyncio.sleep(1)
        assert (ALICE, "online") not in bob.heard
        house.close()

    run(story())


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ((), "offline"),
        (("away", "online"), "online"),
        (("away", "away"), "away"),
        (("online", "invisible"), "offline"),
    ],
)
def test_one_person_on_many_devices(states: tuple[str, ...], shown: str) -> None:
    assert combined(states) == shown


def test_the_clock_is_virtual() -> None:
    loop = VirtualLoop()
    began = loop.time()
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.time() == pytest.approx(began + 3600)
    loop.close()


@in_virtual_time
async def test_people_of_a_process_that_ends_are_gone_after_half_a_minute_unless_they_came_back() -> None:
    house = House(3)
    here, watcher = house.presences[0], Socket("3")
    alice, bob = Socket(ALICE), Socket(BOB)
    here.arrive(alice)
    here.arrive(bob)
    house.presences[2].watch(watcher, [ALICE, BOB])
    await asyncio.sleep(1)
    assert set(watcher.heard) == {(ALICE, "online"), (BOB, "online")}
    here.leave(alice)
    here.leave(bob)
    await here.depart()
    for timer, _ in here._leaving.values():
        timer.cancel()  # the process is no more
    here._sockets.clear()
    here._leaving.clear()
    house.presences[1].arrive(Socket(ALICE))
    await asyncio.sleep(OFFLINE_AFTER_S - 2)
    assert house.store is not None
    assert house.store.get([ALICE, BOB]) == {ALICE: ["online", "online"], BOB: ["online"]}
    await asyncio.sleep(3)
    assert house.store.get([ALICE, BOB]) == {ALICE: ["online"], BOB: []}
    house.close()
