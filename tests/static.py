"""Static files as people get them (collected, compressed, under hashed names), once for each state of the sources."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.servers import ROOT

KEPT = ROOT / "var" / "tests-static"
MOST = 3


@cache
def collected() -> Path:
    """The folder they are in: only to be read, since other runs of the same sources share it."""
    folder = KEPT / _state()
    if not folder.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=KEPT, prefix="making-"))
        try:
            _collect(making)
            with contextlib.suppress(OSError):  # somebody was quicker, with the same
                making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    os.utime(folder)
    ready = sorted(KEPT.glob("state-*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in ready[MOST:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _collect(folder: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "tests" * 12,
        "DEBUG": "off",
        "STATIC_ROOT": str(folder),
    }
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _state() -> str:
    digest = hashlib.sha256(sys.prefix.encode())
    for path in _sources():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return f"state-{digest.hexdigest()[:16]}"


def _sources() -> Iterator[Path]:
    yield from sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    names = ("requirements.txt", "package-lock.json", "node_modules/.package-lock.json")
    yield from (ROOT / name for name in (*names, "config/assets.py", "config/settings.py"))
