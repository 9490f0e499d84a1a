"""The engine's promises, under everything that can go wrong at once: two processes, one log, six devices.

A failing example is a list of steps. More of them: `ENGINE_EXAMPLES=20000 pytest tests/pure/test_engine_property.py
--hypothesis-seed=7`; without the variable the same examples are run each time.
"""

import os

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.pure.simulation.clock import run
from tests.pure.simulation.strategies import by_chance, steps
from tests.pure.simulation.world import ALICE, BOB, CAROL, Step, live

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "0"))


@settings(
    max_examples=EXAMPLES or 400,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=steps, seed=st.integers(0, 9999))
@example(
    # A repair that was overtaken by doorbells told a room's newcomer that nothing had changed before her.
    seed=2548,
    steps=[
        *[("purge", "10"), ("bells", "late"), ("database", "slow"), ("backup",), ("leave", 0, "10", ALICE)],
        *[("send", 0, "10"), ("bounce", 1, "12", BOB), ("send", 1, "10"), ("send", 0, "10"), ("send", 0, "10")],
        *[("cut", 3), ("kick", 0, "12", 4), ("send", 0, "10"), ("wait", 10), ("deactivate", 0, CAROL)],
        *[("backup",), ("wait", 1200)],
    ],
)
@example(
    # A read mark touched the row of a join while it was read: the room was never told of.
    seed=9,
    steps=[
        *(("join", 0, "12", BOB), ("bounce", 0, "10", BOB), ("join", 1, "10", ALICE), ("send", 5, "12")),
        *(("send", 0, "10"), ("send", 2, "11"), ("role", 1, "10", CAROL), ("read", 2, "10")),
    ],
)
@example(
    # Out and in again: the first message of the new stint came before its person knew of it.
    seed=9,
    steps=[("bounce", None, "10", BOB), ("send", 3, "10"), ("send", 0, "10")],
)
@example(
    # Deactivated between the handshake and the first topic: nobody closed the socket.
    seed=1,
    steps=[("cut", 4), ("deactivate", 0, CAROL)],
)
@example(
    # The entry of a known room, told with a head that was younger than its name.
    seed=6,
    steps=[("role", 0, "10", ALICE), ("rename", 0, "10")],
)
def test_the_chain_is_unbroken_nothing_comes_twice_or_outside_a_stint_and_every_view_equals_the_database(
    steps: list[Step], seed: int
) -> None:
    world = run(live(steps, seed))
    assert not world.violations, "\n".join(world.violations)


def test_the_simulation_meets_all_it_is_about() -> None:
    seen = sum((run(live(by_chance(seed), seed)).seen for seed in range(150)), start=type(run(live([])).seen)())
    wanted = {
        *("message.created", "message.updated", "message.deleted", "member.joined", "member.left", "member.updated"),
        *("room.updated", "room.synced", "room.reset", "user.state", "ready.rooms", "ack", "error", "bye"),
        *("resume ok", "resume reset", "resume gone", "repairs", "resets", "checks"),
        *("closed 4012", "closed 4014", "closed 4503", "closed 4504"),
    }
    assert {what for what in wanted if seen[what] < 10} == set(), seen


def test_a_quiet_world_ends_as_it_should() -> None:
    """The positive: without any weather, what is said arrives everywhere."""
    world = run(live([("rename", 0, "10"), ("wait", 100), ("rename", 1, "10"), ("send", 0, "10"), ("send", 2, "10")]))
    assert world.violations == []
    assert world.seen["ack"] >= 2
    assert world.seen["message.created"] == 4 * world.seen["ack"], "two people on two devices each"
    assert world.seen["room.updated"] == 4 * 4
    assert world.seen["room.reset"] == world.seen["error"] == 0
