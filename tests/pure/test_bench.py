"""The bench's own arithmetic: a wrong ratio or a void row that counts would be worse than no bench."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import block as blocks
from bench import pages
from bench.block import Bar, Block, Row
from bench.chart import chart
from bench.lag import late_ms
from bench.load import faults, void
from bench.model import costs, error, fitted
from bench.visits import Visit, unlike
from bench.workloads import scaling


def measured(**changed: float) -> dict[str, Any]:
    return {
        "client_core_idle": 0.3,
        "client_cpu_s": 1.0,
        "server_core_idle": 0.0,
        "cpu_s": 4.0,
        "seconds": 4.0,
    } | changed


def finished(**changed: Any) -> dict[str, Any]:
    return {"expected": 100, "delivered": 100, "disordered": 0, "lost": {}, "refusals": {}} | changed


def test_a_busy_client_makes_a_measurement_void() -> None:
    assert void(measured()) == ""
    assert "client" in void(measured(client_core_idle=0.09))


def test_a_disturbed_server_makes_a_measurement_void() -> None:
    assert void(measured(cpu_s=3.7)) == ""
    assert "others used" in void(measured(cpu_s=3.0))
    assert void(measured(cpu_s=1.0, server_core_idle=0.75)) == "", "a server that is idle is no disturbance"


@pytest.mark.parametrize("wrong", [{"delivered": 99}, {"lost": {"close 4008": 1}}, {"refusals": {"error": 1}}])
def test_what_is_not_delivered_is_a_fault(wrong: dict[str, Any]) -> None:
    assert faults(finished()) == ""
    assert faults(finished(**wrong))


def test_lag_is_of_the_looks_between_and_never_less_than_it_was() -> None:
    before = {0.01: 900.0, 0.1: 950.0, 0.25: 951.0, float("inf"): 951.0}
    after = {0.01: 998.0, 0.1: 1050.0, 0.25: 1051.0, float("inf"): 1051.0}
    assert late_ms(before, after, 0.5) == 10
    assert late_ms(before, after, 0.99) == 100
    assert late_ms(before, after, 1) == 100, "what was late before does not count"
    assert late_ms(before, {**after, float("inf"): 1052.0}, 1) == float("inf")


def test_a_page_that_is_not_the_one_asked_for_is_no_page() -> None:
    visit = Visit("/rooms/1/", "sessionid=x", '"handle": "p1"')
    assert unlike(visit, 200, b'{"me": {"handle": "p1"}}') == ""
    assert "302" in unlike(visit, 302, b'"handle": "p1"')
    assert "does not say" in unlike(visit, 200, b'"handle": "p12"')


def block(parley: Row, hub: Row) -> Block:
    return Block("burst", "a title", [parley, hub], machine={"date": "today", "commit": "abc"})


def test_a_ratio_is_ours_over_theirs_and_void_rows_give_none() -> None:
    ours, hub = Row("Parley", {"deliveries/s": 300.0}), Row("Go hub", {"deliveries/s": 200.0})
    assert block(ours, hub).ratio("Parley", "Go hub", "deliveries/s") == 1.5
    hub.void = "client's core 2% idle"
    assert block(ours, hub).ratio("Parley", "Go hub", "deliveries/s") is None


@pytest.mark.parametrize(
    ("reached", "at_least", "verdict"),
    [(2.0, True, "held"), (1.9, True, "MISSED"), (2.0, False, "held"), (2.1, False, "MISSED"), (None, True, "void")],
)
def test_bars_are_judged(reached: float | None, at_least: bool, verdict: str) -> None:
    assert Bar("x", reached, 2, at_least=at_least).verdict == verdict


def test_missed_bars_and_void_rows_are_printed() -> None:
    found = block(Row("Parley", {"deliveries/s": 1234.5}), Row("Go hub", {"deliveries/s": 9.0}, void="too busy"))
    found.bars = [Bar("≥ 2 ×", 0.5, 2), Bar("≥ 80 ×", None, 80)]
    text = blocks.report([found])
    assert "VOID: too busy" in text
    assert "MISSED ≥ 2 ×" in text
    assert "0 held, 1 MISSED, 1 void" in text
    assert "1 234" in text
    assert not found.whole


def test_a_block_comes_back_as_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "RESULTS", tmp_path)
    found = block(Row("Parley", {"deliveries/s": 1.5, "client idle": "20%"}, note="n"), Row("Go hub", {}, void="v"))
    found.bars = [Bar("b", None, 1)]
    found.store()
    assert json.loads((tmp_path / "burst.json").read_text())["name"] == "burst"
    assert Block.stored("burst") == found
    assert Block.stored("trickle") is None


def test_a_line_goes_through_points_on_a_line_and_its_error_is_a_share() -> None:
    line = fitted([(1000, 150.0), (2000, 190.0), (5000, 310.0)])
    assert line.base == pytest.approx(110)
    assert line.at(8000) == pytest.approx(430)
    assert error(line.at(8000), 400) == pytest.approx(0.075)


def test_the_costs_of_messages_and_deliveries_are_told_apart() -> None:
    message, delivery = 500e-6, 3e-6
    loads = [
        {"messages": m, "deliveries": d, "cpu": m * message + d * delivery}
        for m, d in ((20.0, 4000.0), (100.0, 2000.0))
    ]
    assert costs(*loads) == pytest.approx((message, delivery))


def stored_scaling(*, bent: float = 1.0) -> Block:
    sizes = [1000, 2000, 5000, 8000]
    rows = [Row(f"{n} sockets", dict.fromkeys(scaling.WHAT, 10 + n / 100 * (bent if n == 8000 else 1))) for n in sizes]
    found = Block("scaling", "t", rows, machine={"date": "d", "machine": "m", "commit": "c"})
    scaling.foretell(found, sizes)
    return found


def test_the_fourth_step_is_foretold_and_judged() -> None:
    assert {bar.verdict for bar in stored_scaling().bars} == {"held"}
    assert {bar.verdict for bar in stored_scaling(bent=2).bars} == {"MISSED"}


def test_the_page_takes_its_figures_from_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Block, "stored", lambda name: stored_scaling() if name == "scaling" else None)
    text = pages.written("<!-- generated: million -->\nold\n<!-- end -->\n<!-- generated: idle -->\nold\n<!-- end -->")
    assert "old" not in text
    assert "| processes | 100 |" in text
    # 110 MiB a process by the line, a hundred of them.
    assert "| memory | 10.7 GiB |" in text
    assert pages.NOTHING in text


def test_the_page_is_as_the_results_say() -> None:
    assert pages.main(["--check"]) == 0


def test_a_chart_has_a_line_for_each_series_and_higher_is_up() -> None:
    picture = chart("t", "x", "y", {"low": [(1, 10), (10, 10)], "high": [(1, 90), (10, 90)], "nothing": []})
    assert picture.count("<polyline") == 2
    heights = {
        name: float(picture.partition(f">{name}<")[0].rpartition('y="')[2].split('"')[0]) for name in ("low", "high")
    }
    assert heights["high"] < heights["low"]
