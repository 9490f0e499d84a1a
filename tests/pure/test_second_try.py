"""A test of the browser that fails is tried once more, and the run says so; nothing else is."""

from pathlib import Path

import pytest

from tests import run
from tests.run import Result, Run, Runner

# Fails, and passes from then on.
UNSTEADY = """
from pathlib import Path
def test_{name}():
    marker = Path(__file__).with_name("{name}")
    was = marker.exists()
    marker.touch()
    assert was, "{name} had no luck"
"""
BROKEN = "def test_broken(): assert False, 'broken'\n"
GOOD = "def test_good(): pass\n"


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Result:
    """Of a run of the tests in the first parameter, of which so many may be unsteady."""
    text, unsteady = request.param
    tests = tmp_path / "test_planted.py"
    tests.write_text(text)
    monkeypatch.setitem(run.RUNS, "planted", Run((str(tests),), unsteady=unsteady))
    [result] = Runner(tmp_path, {}, ["-p", "no:django"]).stage([["planted"]])
    return result


@pytest.mark.parametrize("result", [(GOOD + UNSTEADY.format(name="chance"), 1)], indirect=True)
def test_what_passes_at_its_second_try_is_named(result: Result) -> None:
    assert (result.passed, result.failed) == (2, 0)
    [said] = result.unsteady
    assert "test_chance" in said
    assert "chance had no luck" in said


@pytest.mark.parametrize("result", [(GOOD + UNSTEADY.format(name="chance"), 0)], indirect=True)
def test_elsewhere_a_failure_is_a_failure(result: Result) -> None:
    assert (result.passed, result.failed, result.unsteady) == (1, 1, [])


@pytest.mark.parametrize("result", [(GOOD + BROKEN, 1)], indirect=True)
def test_what_fails_twice_has_failed(result: Result) -> None:
    assert (result.passed, result.failed, result.unsteady) == (1, 1, [])


@pytest.mark.parametrize(
    "result", [(GOOD + UNSTEADY.format(name="one") + UNSTEADY.format(name="two"), 1)], indirect=True
)
def test_more_than_one_is_no_chance(result: Result) -> None:
    assert (result.passed, result.failed, result.unsteady) == (1, 2, [])
