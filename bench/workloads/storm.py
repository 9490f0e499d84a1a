"""Connect storm: 2 000 signed-in people come back at once, to `ready` and the end of their replay, while others talk.

Everybody opens a TCP connection in the same moment. Who is sent away with `retry_ms` comes back after that time; who
is dropped without one is counted. Meanwhile 20 members of another room listen to two of them, five texts a second each.
"""

from bench import systems
from bench.block import Bar, Block, Row
from bench.load import LoadError, faults, run, void, write_plain
from bench.stage import People, Stage
from bench.systems import Running, started

CLIENTS = 2000
LIVE = 20
ROOMS_EACH = 10
MEMBERS = 100
BEHIND = 3


def stormed(running: Running, live: People, storm: People, *, talking: bool) -> Row:
    """One system's row."""
    flags = {"storm": storm.path, "senders": 2 if talking else 0, "rate": 5 if talking else 0, "warm": "1s"}
    try:
        with started(running):
            _connected, measured, finished = run(running, live, **flags)
    except LoadError as error:
        return Row(running.name, {}, void=str(error)[:300])
    came = measured["storm"]
    row = Row(
        running.name,
        {
            "ready/s": came["arrived"] / came["seconds"] if came["seconds"] else 0,
            "of": came["clients"],
            "arrived": came["arrived"],
            "seconds": came["seconds"],
            "p50 ms": came["p50_ms"],
            "p99 ms": came["p99_ms"],
            "told to come again": came["sent_away"],
            "dropped": came["dropped"],
            "ms CPU/connect": measured["cpu_s"] / max(1, came["arrived"]) * 1000,
            "client idle": f"{measured['client_core_idle']:.0%}",
        },
        void=void(measured),
        note=faults(finished)[:200],
    )
    if talking:
        row.figures["live p50 ms"], row.figures["live p99 ms"] = measured["p50_ms"], measured["p99_ms"]
    if came["arrived"] < came["clients"]:
        row.note = f"{came['clients'] - came['arrived']} did not arrive within 90 s; {row.note}"
    return row


def split(people: People, live: int) -> tuple[People, People]:
    """The first so many of them by themselves, without cursors, and the others."""
    lines = people.path.read_text().splitlines(keepends=True)
    first, rest = people.path.with_suffix(".live"), people.path.with_suffix(".storm")
    first.write_text("".join("\t".join([*line.split("\t")[:3], "\n"]) for line in lines[:live]))
    rest.write_text("".join(lines[live:]))
    return People(first, people.epoch), People(rest, people.epoch)


def room_count(total: int) -> int:
    """How many rooms so many people need."""
    return total * ROOMS_EACH // MEMBERS + 1


def people(stage: Stage) -> tuple[People, People]:
    """Those who talk and those who come."""
    total = stage.size(CLIENTS) + LIVE
    everybody = stage.members(
        "storm",
        people=total,
        rooms=room_count(total),
        each=ROOMS_EACH,
        together=LIVE,
        messages=20,
        behind=BEHIND,
        door="session",
    )
    return split(everybody, LIVE)


def measure(stage: Stage) -> Block:
    """See the module."""
    clients = stage.size(CLIENTS)
    total = clients + LIVE
    rooms = room_count(total)
    ours = people(stage)
    sessions = systems.stock_people(stage, total)
    path = stage.folder / "storm.stock.tsv"
    names = ["live"] * LIVE + [f"r{n % rooms}" for n in range(clients)]
    theirs = write_plain(path, names, sessions)
    plain = write_plain(stage.folder / "storm.plain.tsv", names)
    rows = [
        stormed(systems.parley(stage, "storm"), *ours, talking=True),
        stormed(systems.stock(stage), *split(theirs, LIVE), talking=True),
        stormed(systems.bare(stage), *split(plain, LIVE), talking=False),
    ]
    title = f"{clients} clients at once; Parley's by session, {BEHIND} changes missed in each of {ROOMS_EACH} rooms"
    found = Block("storm", title, rows)
    found.bars = [
        Bar("ready/s ≥ 0.4 × bare Daphne", found.ratio("Parley", "bare Daphne", "ready/s"), 0.4),
        Bar("nobody refused without retry_ms", found.figure("Parley", "dropped"), 0, at_least=False),
        Bar("everybody arrives", found.ratio("Parley", "Parley", "arrived"), 1),
        Bar("live sockets' p99 ≤ 250 ms", found.figure("Parley", "live p99 ms"), 250, at_least=False),
    ]
    found.times("ready/s", to_bare="bare Daphne", to_stock="stock Channels")
    found.notes = [
        "stock: the same sign-in by session, one room, no replay. bare Daphne: a handshake and nothing else. Both were"
        " given a backlog of 4 096 connections; Daphne's own is 50."
    ]
    return found
