"""Pages: 200 page loads, eight at a time or all at once, while others talk over the same process.

The room's page is asked for by 200 signed-in people, each her own; the sign-in page by as many who are nobody yet. Each
is loaded so five times in a row, over connections that are kept. Meanwhile, as in `storm`, 20 members of another
room listen to two of them; how that is without pages is measured just before. Static files are no part of it: they
are collected, as in production, and the pages name them by their hashes; but nginx or the browser's cache has them.
"""

import json
import subprocess
import sys

from bench import systems
from bench.block import Bar, Block, Row
from bench.lag import Looks, late_ms, looked
from bench.load import Event, LoadError, beside, faults, void
from bench.machine import CLIENT_CORE, pinned
from bench.stage import People, Stage
from bench.systems import Running, started
from bench.visits import Visit
from bench.workloads.storm import LIVE, split
from tests.servers import ROOT
from tests.static import collected

LOADS = 200
TIMES = 5
AT_ONCE = 8
ROOMS_EACH = 10
MEMBERS = 100


def visited(
    stage: Stage, running: Running, visits: list[Visit], at_once: int, times: int
) -> tuple[Event, Looks, Looks]:
    """What `bench.visits` says, and the loop's looks before and after."""
    file = stage.folder / "visits.tsv"
    file.write_text("".join("\t".join(visit) + "\n" for visit in visits))
    (port,) = running.ports
    line = [*(sys.executable, "-m", "bench.visits"), str(port), str(file), f"--at-once={at_once}", f"--times={times}"]
    before = looked(port)
    done = subprocess.run(pinned(CLIENT_CORE, line), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout), before, looked(port)


def loaded(stage: Stage, name: str, live: People, visits: list[Visit], at_once: int, times: int) -> Row:
    """One page's row, on a process of its own. Everybody loads it once before: templates are compiled then."""
    running = systems.parley(stage, "pages", STATIC_ROOT=str(collected()))
    flags = {"senders": 2, "rate": 5, "warm": f"{stage.seconds(1)}s", "time": f"{stage.seconds(5)}s"}
    try:
        with started(running):
            visited(stage, running, visits, at_once, 1)
            events, came = beside(running, live, lambda: visited(stage, running, visits, at_once, times), **flags)
    except LoadError as error:
        return Row(name, {}, void=str(error)[:300])
    _connected, quiet, meanwhile, finished = events
    found, looks, looks_after = came
    pages_cpu_s = meanwhile["cpu_s"] - quiet["cpu_s"] * meanwhile["seconds"] / quiet["seconds"]
    wrong = [f"{count} × {what}" for what, count in found["wrong"].items()]
    if found["connections"] > at_once:
        wrong.append(f"{found['connections']} connections: they were not kept")
    return Row(
        name,
        {
            "pages/s": found["pages"] / found["seconds"],
            "p50 ms": found["p50_ms"],
            "p99 ms": found["p99_ms"],
            "ms CPU/page": pages_cpu_s / found["pages"] * 1000,
            "KiB/page": found["bytes"] / found["pages"] / 1024,
            "lag p99 ≤ ms": late_ms(looks, looks_after, 0.99),
            "lag max ≤ ms": late_ms(looks, looks_after, 1),
            "live p50 ms": meanwhile["p50_ms"],
            "live p99 ms": meanwhile["p99_ms"],
            "before: p50 ms": quiet["p50_ms"],
            "before: p99 ms": quiet["p99_ms"],
            "client idle": f"{meanwhile['client_core_idle']:.0%}",
        },
        void="; ".join([*wrong, *filter(None, [faults(finished), void(meanwhile)])])[:300],
    )


def measure(stage: Stage) -> Block:
    """See the module."""
    loads, times = stage.size(LOADS), 1 if stage.small else TIMES
    rooms = max(ROOMS_EACH, loads * ROOMS_EACH // MEMBERS)
    ours = stage.members("pages", people=LIVE + loads, rooms=rooms, each=ROOMS_EACH, together=LIVE, door="session")
    live, visitors = split(ours, LIVE)
    in_rooms = []
    for number, line in enumerate(visitors.path.read_text().splitlines(), start=LIVE):
        _, room, credential, *_ = line.split("\t")
        session = credential.removeprefix("session:")
        in_rooms.append(Visit(f"/rooms/{room}/", f"sessionid={session}", f'"handle": "p{number}"'))
    outside = [Visit("/accounts/login/", "", 'autocomplete="username"')] * loads
    rows = [
        loaded(stage, f"room page, {AT_ONCE} at a time", live, in_rooms, AT_ONCE, times),
        loaded(stage, "room page, all at once", live, in_rooms, loads, times),
        loaded(stage, f"sign-in page, {AT_ONCE} at a time", live, outside, AT_ONCE, times),
    ]
    title = f"{loads} page loads, {times} times in a row; {LIVE} live members listen meanwhile"
    found = Block("pages", title, rows)
    for row in rows:
        name = row.system
        found.bars += [
            Bar(f"{name}: live sockets' p99 ≤ 250 ms", found.figure(name, "live p99 ms"), 250, at_least=False),
            Bar(f"{name}: loop lag ≤ 100 ms, always", found.figure(name, "lag max ≤ ms"), 100, at_least=False),
        ]
    found.notes = [
        "lag: by how much a sleep of 0.1 s on the server's loop was too long, one after the other, as"
        " parley_loop_lag_seconds of /metrics has it: the upper end of the histogram's bucket. A pause between two ends"
        " of a sleep is not seen there; the live figures have it. KiB: of HTML, before nginx compresses it."
    ]
    return found
