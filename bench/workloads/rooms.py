"""Many small rooms: 100 rooms of two, everybody sends and waits for her own text to come back, stored."""

from bench import systems
from bench.block import Bar, Block, Figure
from bench.fan import Entrant, measured, median, spread
from bench.load import Event, write_plain
from bench.stage import People, Stage

ROOMS = 100


def figures(events: list[Event]) -> dict[str, Figure]:
    """The columns."""
    return {
        "messages/s": median(events, "messages_s"),
        "spread": spread(events, "messages_s"),
        "p50 ms": median(events, "p50_ms"),
        "p99 ms": median(events, "p99_ms"),
        "bytes/frame": median(events, "bytes_frame"),
        "server idle": f"{median(events, 'server_core_idle'):.0%}",
        "client idle": f"{median(events, 'client_core_idle'):.0%}",
    }


def measure(stage: Stage) -> Block:
    """See the module."""
    rooms = stage.size(ROOMS)
    plain = write_plain(stage.folder / "rooms.plain.tsv", [f"r{n % rooms}" for n in range(2 * rooms)])
    systems.stock_people(stage, 0)

    def ours() -> People:
        return stage.members("rooms", people=2 * rooms, rooms=rooms)

    entrants = [
        Entrant(lambda: systems.parley(stage, "rooms"), ours),
        Entrant(lambda: systems.socket_io(stage), lambda: plain),
        Entrant(lambda: systems.stock(stage), lambda: plain),
    ]
    rows = measured(
        entrants,
        figures,
        rounds=1 if stage.small else 2,
        senders=-1,
        window=1,
        warm=f"{stage.seconds(2)}s",
        time=f"{stage.seconds(4)}s",
        times=1 if stage.small else 2,
    )
    found = Block("rooms", "100 rooms × 2 members, window 1; a text comes back once it is stored", rows)
    found.bars = [
        Bar("messages/s ≥ 3 × stock Channels", found.ratio("Parley", "stock Channels", "messages/s"), 3),
        Bar("messages/s ≥ 2 500", found.figure("Parley", "messages/s"), 2500),
        Bar("p99 ≤ 100 ms", found.figure("Parley", "p99 ms"), 100, at_least=False),
        Bar("aim: messages/s ≥ Socket.IO + insert", found.ratio("Parley", "Socket.IO + insert", "messages/s"), 1),
    ]
    found.times("messages/s", to_stock="stock Channels", to_Socket_IO="Socket.IO + insert")
    return found
