"""Where the server's core goes in the two loads whose bars were missed: samples of all threads, by layer.

py-spy takes them from outside, a hundred a second; a sample belongs to the innermost layer that is on its stack. What
waits (for a socket, a lock, the database, the interpreter) is not counted: the shares are of time in which something
was computed.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from bench import systems
from bench.block import Block, Figure, Row
from bench.load import run
from bench.machine import CLIENT_CORE, pinned
from bench.stage import People, Stage
from bench.systems import Running, started
from bench.workloads import rooms, storm

RATE = 100
# The first that matches a file counts.
LAYERS = {
    "rendering Markdown": ("chat/rendering", "markdown_it", "nh3", "linkify_it"),
    "database: Django's ORM and psycopg": ("django/db", "psycopg", "config/postgres"),
    "sockets: Twisted, autobahn, Daphne": ("twisted", "autobahn", "daphne", "txaio", "realtime/raw", "realtime/daphne"),
    "Redis: redis-py, channels_redis": ("redis", "channels_redis", "django_redis", "realtime/layer"),
    "the product: chat, accounts": ("chat/", "accounts/"),
    "the engine: realtime": ("realtime/", "channels/", "config/"),
    "asyncio and threads": ("asyncio", "concurrent", "asgiref", "selectors", "threading"),
}
WAITS = ("select (", "wait (", "poll (", "acquire (", "_worker (", "epoll", "read_from_socket (", "_write_to_self (")
ELSE = "everything else"


def layer(frames: list[str]) -> str:
    """The innermost layer of a stack, outermost frame first."""
    for frame in reversed(frames):
        file = frame.rpartition("(")[2]
        for name, parts in LAYERS.items():
            if any(part in file for part in parts):
                return name
    return ELSE


def shares(raw: str) -> tuple[dict[str, Figure], float]:
    """Percent of the computing samples for each layer and, beside them, the share on the loop's own thread."""
    layers: Counter[str] = Counter()
    main = 0
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if any(word in frames[-1] for word in WAITS):
            continue
        layers[layer(frames)] += int(count)
        main += int(count) * ("MainThread" in frames[0])
    total = max(1, sum(layers.values()))
    return {name: 100 * layers[name] / total for name in (*LAYERS, ELSE)}, 100 * main / total


def sampled(stage: Stage, running: Running, people: People, seconds: int, delay: int, **flags: object) -> str:
    """The stacks of a server, folded, while a load runs."""
    path = stage.folder / "stacks.txt"
    with started(running):
        spy = subprocess.Popen(
            pinned(
                CLIENT_CORE,
                [
                    *("sh", "-c", 'sleep "$1"; shift; exec "$@"', "sh", str(delay)),
                    *(str(Path(sys.executable).with_name("py-spy")), "record", "--rate", str(RATE), "--nonblocking"),
                    *("--threads", "--format", "raw", "--duration", str(seconds), "--output", str(path)),
                    *("--pid", str(running.servers[0].pid)),
                ],
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        run(running, people, **flags)
        spy.wait(60)
    return path.read_text()


def measure(stage: Stage) -> Block:
    """See the module."""
    many = stage.size(rooms.ROOMS)
    crowd = stage.members("rooms", people=2 * many, rooms=many)
    live, coming = storm.people(stage)
    seconds = max(1, int(stage.seconds(8)))
    stacks = {
        "rooms": sampled(
            stage,
            systems.parley(stage, "rooms"),
            crowd,
            seconds,
            3,
            senders=-1,
            window=1,
            warm="2s",
            time=f"{seconds + 3}s",
        ),
        "storm": sampled(
            stage, systems.parley(stage, "storm"), live, 5, 1, storm=coming.path, senders=2, rate=5, warm="1s"
        ),
    }
    columns = {load: shares(raw) for load, raw in stacks.items()}
    rows = [Row(name, {f"{load} %": part[name] for load, (part, _) in columns.items()}) for name in (*LAYERS, ELSE)]
    rows.append(Row("(on the loop's own thread)", {f"{load} %": main for load, (_, main) in columns.items()}))
    return Block("where", "percent of what the server's core computes, by layer", rows)
