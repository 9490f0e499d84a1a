"""Steps as Hypothesis draws them, and as plain chance draws them."""

import random

from hypothesis import strategies as st

from .world import CAROL, DEVICES, PEOPLE, ROOMS, Step

clients = st.integers(0, len(DEVICES) - 1)
rooms = st.sampled_from(sorted(ROOMS))
people = st.sampled_from(PEOPLE)
places = st.sampled_from([0, 1, None])

BELLS = ("fine", "lost", "gone", "doubled", "late", "away", "hangs")
DATABASE = ("quick", "slow", "away")
WAITS = (1, 5, 10, 30, 100, 400, 1200, 3000)

_send = st.tuples(st.just("send"), clients, rooms)
_wait = st.tuples(st.just("wait"), st.sampled_from(WAITS))
_bounce = st.tuples(st.just("bounce"), places, rooms, people)
step = st.one_of(
    *(_send, _wait) * 4,
    *(_bounce,) * 2,
    st.tuples(st.just("kick"), places, rooms, clients),
    st.tuples(st.sampled_from(["join", "leave", "role"]), places, rooms, people),
    st.tuples(st.sampled_from(["edit", "delete", "read", "page"]), clients, rooms),
    st.tuples(st.just("rename"), places, rooms),
    st.tuples(st.just("cut"), clients),
    st.tuples(st.just("bells"), st.sampled_from(BELLS)),
    st.tuples(st.just("database"), st.sampled_from(DATABASE)),
    st.tuples(st.just("purge"), rooms),
    st.tuples(st.just("sign_out"), places, clients),
    st.tuples(st.sampled_from(["backup", "restore"])),
    st.tuples(st.just("deactivate"), places, st.just(CAROL)),
)
steps: st.SearchStrategy[list[Step]] = st.lists(step, min_size=12, max_size=40)

_KINDS = {
    "send": 8, "wait": 8, "bounce": 3, "join": 2, "leave": 2, "role": 1, "edit": 2, "delete": 1, "read": 1, "page": 1,
    "rename": 2, "cut": 2, "kick": 1.5, "bells": 2, "database": 1, "purge": 0.6, "sign_out": 0.4, "backup": 0.4,
    "restore": 0.2, "deactivate": 0.1,
}  # fmt: skip


def by_chance(seed: int, length: int = 40) -> list[Step]:
    """A list of steps for a seed, without Hypothesis: for planted bugs and for long hunts."""
    chance = random.Random(seed)
    drawn: list[Step] = []
    for kind in chance.choices(list(_KINDS), list(_KINDS.values()), k=length):
        client, room = chance.randrange(len(DEVICES)), chance.choice(sorted(ROOMS))
        where, person = chance.choice([0, 1, None]), chance.choice(PEOPLE)
        arguments: dict[str, Step] = {
            "wait": (chance.choice(WAITS),),
            "bounce": (where, room, person),
            "join": (where, room, person),
            "leave": (where, room, person),
            "role": (where, room, person),
            "rename": (where, room),
            "cut": (client,),
            "kick": (where, room, client),
            "bells": (chance.choice(BELLS),),
            "database": (chance.choice(DATABASE),),
            "purge": (room,),
            "sign_out": (where, client),
            "backup": (),
            "restore": (),
            "deactivate": (where, CAROL),
        }
        drawn.append((kind, *arguments.get(kind, (client, room))))
    return drawn
