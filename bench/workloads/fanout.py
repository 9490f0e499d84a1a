"""What burst and trickle share: 500 members of one room are online, and some of them talk."""

from bench import systems
from bench.block import Bar, Block, Figure
from bench.fan import Entrant, measured, median, spread
from bench.load import Event, write_plain
from bench.stage import People, Stage

MEMBERS = 500


def figures(events: list[Event]) -> dict[str, Figure]:
    """The columns."""
    per_delivery = [event["cpu_s"] / event["deliveries"] * 1e6 for event in events if event["deliveries"]]
    return {
        "deliveries/s": median(events, "deliveries_s"),
        "spread": spread(events, "deliveries_s"),
        "messages/s": median(events, "messages_s"),
        "p50 ms": median(events, "p50_ms"),
        "p99 ms": median(events, "p99_ms"),
        "bytes/frame": median(events, "bytes_frame"),
        "µs CPU": sorted(per_delivery)[len(per_delivery) // 2] if per_delivery else "",
        "client idle": f"{median(events, 'client_core_idle'):.0%}",
    }


def entrants(stage: Stage, name: str, members: int) -> list[Entrant]:
    """All the systems, each with so many members in one room."""
    plain = write_plain(stage.folder / f"{name}.plain.tsv", ["main"] * members)
    systems.stock_people(stage, 0)

    def ours() -> People:
        return stage.members(name, people=members, rooms=1, door="ticket")

    return [
        Entrant(lambda: systems.parley(stage, name), ours),
        Entrant(lambda: systems.go_hub(stage), lambda: plain),
        Entrant(lambda: systems.go_hub(stage, join=True), lambda: plain),
        Entrant(lambda: systems.node_ws(stage), lambda: plain),
        Entrant(lambda: systems.socket_io(stage), lambda: plain),
        Entrant(lambda: systems.stock(stage), lambda: plain),
    ]


def block(stage: Stage, name: str, says: str, *, senders: int, over_hub: float, over_stock: float) -> Block:
    """Measure, compare, judge."""
    members = stage.size(MEMBERS, 20)
    rows = measured(
        entrants(stage, name, members),
        figures,
        rounds=1 if stage.small else 2,
        senders=senders,
        window=8,
        warm=f"{stage.seconds(2)}s",
        time=f"{stage.seconds(3)}s",
        times=1 if stage.small else 2,
    )
    found = Block(name, f"{members} members of one room online, {says}", rows)
    hub, stock = (found.ratio("Parley", other, "deliveries/s") for other in ("Go hub", "stock Channels"))
    found.bars = [
        Bar(f"deliveries/s ≥ {over_hub} × Go hub", hub, over_hub),
        Bar(f"deliveries/s ≥ {over_stock} × stock Channels", stock, over_stock),
    ]
    found.times("deliveries/s", to_Go_hub="Go hub", to_stock="stock Channels")
    found.notes = [
        "Parley commits each message to PostgreSQL (fsync on) before it is broadcast, renders and authorises it."
    ]
    return found
