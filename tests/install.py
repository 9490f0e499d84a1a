"""The programs the tests need on the machine: installed through apt where that is allowed, named where it is not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

from tests.nginx import nginx_program
from tests.servers import ServerError, postgres_programs


def _has_postgres() -> bool:
    try:
        postgres_programs()
    except ServerError:
        return False
    return True


# Debian's package → whether what we need of it is here.
NEEDED: dict[str, Callable[[], object]] = {
    "redis-server": lambda: shutil.which("redis-server"),
    "postgresql": _has_postgres,
    "chromium": lambda: shutil.which("chromium"),
    "gettext": lambda: shutil.which("xgettext"),
    "nginx": nginx_program,
}


def install_missing(packages: Iterable[str] = NEEDED) -> None:
    """Install what is missing of `packages`. Exits with the command to type where that is not allowed or fails."""
    missing = [package for package in packages if not NEEDED[package]()]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    rights = _rights()
    if rights is not None:
        print(f"Installing {', '.join(missing)}...", flush=True)
        with_rights = [*rights, "env", "DEBIAN_FRONTEND=noninteractive"]
        for step in (["apt-get", "update", "--quiet"], command):
            done = subprocess.run(
                [*with_rights, *step],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode:
                sys.stderr.buffer.write(done.stdout[-4000:])
    still = [package for package in missing if not NEEDED[package]()]
    if still:
        sys.exit(f"The tests need {', '.join(still)}. On Debian or Ubuntu: sudo {' '.join(command)}")


def _rights() -> list[str] | None:
    """What to put before a command to run it as root without a question; None if there is no way."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
