"""`python -m tests.check [NAME...]`: runs the checks, says what each found, and fails if one does.

Each is a command; one that prints nothing and exits 0 found nothing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.install import install_missing
from tests.run import environment

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")

CHECKS: dict[str, tuple[str, ...]] = {
    "style": (str(BIN / "ruff"), "check", "--quiet", "."),
    "format": (str(BIN / "ruff"), "format", "--check", "--quiet", "."),
    "types": (str(BIN / "mypy"), "--no-error-summary"),
    "imports": (str(BIN / "lint-imports"), "--no-logo", "--no-cache"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run", "--verbosity", "1"),
    "schema": (*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
    "protocol": (*MANAGE, "protocol", "--check"),
    "javascript": ("npm", "run", "--silent", "check"),
    "translations": (sys.executable, "-m", "tests.check.translations"),
    "deploy": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
    "hygiene": (sys.executable, "-m", "tests.check.hygiene"),
}
# As in production: behind https, on PostgreSQL and Redis (neither is asked for anything here).
DEPLOYED = {
    "SECRET_KEY": "check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "DEBUG": "off",
    "ALLOWED_HOSTS": "chat.example.org",
    "ORIGINS": "https://chat.example.org",
    "TRUSTED_PROXIES": "1",
    "HSTS_SECONDS": "31536000",
}


def main(arguments: Sequence[str]) -> int:
    if unknown := [name for name in arguments if name not in CHECKS]:
        print(f"there is no {unknown[0]}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    wanted = list(arguments) or list(CHECKS)
    if "translations" in wanted:
        install_missing(["gettext"])
    found = []
    for name in wanted:
        started = time.monotonic()
        done = subprocess.run(
            CHECKS[name],
            cwd=ROOT,
            env=environment() | DEPLOYED,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        good = done.returncode == 0
        print(f"{'ok    ' if good else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        if not good:
            found.append(name)
            print(done.stdout, flush=True)
    print(f"make check: {', '.join(found)} failed" if found else f"make check: all {len(wanted)} hold", flush=True)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
