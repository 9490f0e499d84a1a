"""`python -m tests.chaos [NAME... | fast | all] [--seed N] [--list]`: plays scenarios, says what was found, fails if
anything was.

A seed fixes what is random in a scenario and in its people; a failure prints the command that plays it again. Redis,
PostgreSQL and the server processes are private, on free ports, and gone afterwards.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.install import install_missing
from tests.servers import ROOT, Postgres, Redis, ServerError

if TYPE_CHECKING:
    from tests.chaos.checker import Violation
    from tests.chaos.registry import Scenario
    from tests.chaos.stage import Stage

PREPARE_S = 90
SHOWN = 12
EXCERPT = 300


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="What happens when things go wrong.")
    parser.add_argument("names", nargs="*", default=["all"], help="scenarios, or fast, or all")
    parser.add_argument("--seed", type=int, help="plays a run again (default: a new one for each call)")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="parley-chaos-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to pass through
    redis, postgres = Redis(folder / "redis"), Postgres(folder / "postgres")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "REDIS_URL": "",
        "SECRET_KEY": "chaos" * 12,
        "LOG_LEVEL": "ERROR",
    }
    try:
        if given.embedded or given.list:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/parley.sqlite3"
            servers: tuple[Redis | None, Postgres | None] = (None, None)
        else:
            install_missing(["redis-server", "postgresql"])
            redis.start()
            postgres.start()
            os.environ |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
            servers = (redis, postgres)
        return _with_django(given, seed, folder, servers)
    finally:
        for server in (redis, postgres):
            try:
                server.stop()
            except ServerError as error:
                print(error)
        shutil.rmtree(folder, ignore_errors=True)


def _with_django(
    given: argparse.Namespace, seed: int, folder: Path, servers: tuple[Redis | None, Postgres | None]
) -> int:
    import django

    django.setup()
    import tests.chaos.scenarios  # noqa: F401
    from tests.chaos.registry import SCENARIOS

    if given.list:
        for one in SCENARIOS.values():
            print(f"{one.name:<34} {'fast' if one.fast else '    '} {one.told}")
        return 0
    wanted = [one for one in SCENARIOS.values() if {"all", one.name, "fast" if one.fast else ""} & set(given.names)]
    if unknown := [name for name in given.names if name not in {"all", "fast", *SCENARIOS}]:
        print(f"there is no {unknown[0]}; --list tells what there is", file=sys.stderr)
        return 2
    here = [one for one in wanted if one.embedded == given.embedded]
    elsewhere = [one.name for one in wanted if one.embedded != given.embedded]
    began = time.monotonic()
    failed = 0
    if here:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        # Those with the same settings after one another: processes are started again only where settings change.
        here.sort(key=lambda one: (bool(one.planted), sorted(one.settings.items()), one.planted))
        failed = asyncio.run(_play(here, seed, folder, servers))
    if elsewhere:
        command = [sys.executable, "-m", "tests.chaos", *elsewhere, f"--seed={seed}", "--embedded"]
        failed += subprocess.run(command, cwd=ROOT, check=False).returncode
    if not given.embedded:
        print(
            f"chaos: {len(wanted)} scenarios, {failed} failed in {time.monotonic() - began:.0f} s, seed {seed}",
            flush=True,
        )
        return int(failed > 0 or not wanted)
    return failed


async def _play(
    scenarios: "Sequence[Scenario]", seed: int, folder: Path, servers: tuple[Redis | None, Postgres | None]
) -> int:
    """How many failed."""
    from tests.chaos.stage import Stage

    stage = Stage(folder, redis=servers[0], postgres=servers[1])
    await stage.start()
    failed = 0
    try:
        for one in scenarios:
            failed += not await _one(stage, one, seed)
    finally:
        await stage.stop()
    return failed


async def _one(stage: "Stage", scenario: "Scenario", seed: int) -> bool:
    from tests.chaos.scene import Scene

    began = time.monotonic()
    scene = Scene(stage, scenario, seed)
    found: list[Violation] = []
    trouble = ""
    try:
        async with asyncio.timeout(PREPARE_S):
            planted = {"PARLEY_PLANTED": scenario.planted} if scenario.planted else {}
            await stage.prepare(seed, {**scenario.settings, **planted})
        async with asyncio.timeout(scenario.within):
            await scene.open()
            await scenario.play(scene)
            found = await scene.close()
    except TimeoutError as error:
        trouble = f"it took more than {scenario.within} s, and was at {_place(error)}"
    except (Exception, ExceptionGroup) as error:
        trouble = _told(error)
    finally:
        stage.heal()
        await scene.leave()
    if scenario.planted and not trouble:
        caught = sorted({violation.rule for violation in found} & set(scenario.caught_as))
        scene.note(f"{scenario.planted} is caught: {', '.join(caught)}" if caught else "")
        if not caught:
            trouble = f"nobody noticed {scenario.planted}: found only {sorted({one.rule for one in found})}"
        found = []
    good = not trouble and not found
    print(
        f"{'ok    ' if good else 'FAILED'} {scenario.name:<32} {time.monotonic() - began:5.1f} s  "
        + "; ".join(note for note in scene.notes if note),
        flush=True,
    )
    if not good:
        _explain(stage, scenario, seed, trouble, found)
        # What went wrong must not go wrong for the next one.
        for number in range(len(stage.processes)):
            await stage.kill(number)
    return good


def _told(error: BaseException) -> str:
    """A sentence: an error may carry a whole page."""
    return f"{type(error).__name__}: {str(error)[:EXCERPT]} ({_place(error)})"


def _place(error: BaseException | None) -> str:
    """The innermost lines of this suite that it went through, its causes first."""
    lines = []
    while error is not None:
        lines += [f for f in traceback.extract_tb(error.__traceback__) if "tests/chaos" in f.filename]
        error = error.__cause__
    return ", ".join(f"{Path(line.filename).name}:{line.lineno}" for line in lines[-4:])


def _explain(stage: "Stage", scenario: "Scenario", seed: int, trouble: str, found: "Sequence[Violation]") -> None:
    if trouble:
        print(f"       {trouble}")
    for violation in found[:SHOWN]:
        print(f"       {violation}")
    if len(found) > SHOWN:
        print(f"       and {len(found) - SHOWN} more")
    for number, process in enumerate(stage.processes):
        print(f"       process {number} says at the end: " + process.log[-700:].replace("\n", "\n         "))
    print(f"       again: python -m tests.chaos {scenario.name} --seed {seed}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
