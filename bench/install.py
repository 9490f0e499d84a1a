"""What the bench needs beside the tests' programs: Go and gorilla/websocket through apt, the Node peers through npm.

Everything built or installed is kept in var/bench/, and made anew when its sources change.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.install import NEEDED, install_missing
from tests.servers import ROOT

BUILT = ROOT / "var" / "bench"
BENCH = ROOT / "bench"
# Debian's Go libraries lie here; nothing is downloaded to build with them.
GOPATH = Path("/usr/share/gocode")
GORILLA = GOPATH / "src/github.com/gorilla/websocket"

NEEDED["golang-go"] = lambda: shutil.which("go")
NEEDED["golang-github-gorilla-websocket-dev"] = lambda: GORILLA.exists()


def install() -> None:
    """Have the programs, the load client, the Go hub and the Node modules. Exits with a sentence if something fails."""
    install_missing(["redis-server", "postgresql", "golang-go", "golang-github-gorilla-websocket-dev"])
    BUILT.mkdir(parents=True, exist_ok=True)
    for name in ("load", "peers/hub"):
        _fresh(name.replace("/", "-"), sorted((BENCH / name).glob("*.go")), partial(_go, name))
    node = BENCH / "peers" / "node"
    _fresh("node", [node / "package.json", node / "package-lock.json"], partial(_npm, node))


def program(name: str) -> str:
    """The path of a built Go program."""
    return str(BUILT / name)


def _fresh(name: str, sources: list[Path], make: Callable[[], None]) -> None:
    """Call `make` unless it was called for these very sources."""
    seal = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp = BUILT / f"{name}.made"
    if not stamp.exists() or stamp.read_text() != seal:
        print(f"Building {name}...", flush=True)
        make()
        stamp.write_text(seal)


def _go(name: str) -> None:
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(BUILT / "go-cache")}
    _run(["go", "build", "-o", program(Path(name).name), "."], BENCH / name, environment)


def _npm(node: Path) -> None:
    folder = BUILT / "node"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(node / name, folder / name)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder, dict(os.environ))


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    if subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"bench: `{' '.join(command)}` failed in {folder}")
