"""deploy/parley.service is one that systemd takes, and fits what `serve` does."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from realtime.management.commands.serve import Command
from realtime.serve.supervisor import LEAVE_WITHIN_S
from tests.servers import ROOT

UNIT = (ROOT / "deploy" / "parley.service").read_text()


def setting(name: str) -> str:
    [value] = re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)
    return str(value)


def test_the_service_starts_serve_with_options_that_it_has() -> None:
    python, *command = shlex.split(setting("ExecStart"))
    assert python == f"{setting('WorkingDirectory')}/.venv/bin/python"
    assert command[:2] == ["manage.py", "serve"]
    options = Command().create_parser("manage.py", "serve").parse_args(command[2:])
    assert options.port == 8001, "as in deploy/nginx.conf"
    assert "server 127.0.0.1:8001" in (ROOT / "deploy" / "nginx.conf").read_text()


def test_the_service_leaves_time_for_a_drain() -> None:
    assert setting("KillMode") == "mixed", "SIGTERM is for the supervisor alone"
    assert float(setting("TimeoutStopSec")) > LEAVE_WITHIN_S
    assert setting("ExecReload") == "/bin/kill -HUP $MAINPID"
    assert setting("ReadWritePaths") == f"{setting('WorkingDirectory')}/var"


def test_systemd_takes_the_service(tmp_path: Path) -> None:
    if (program := shutil.which("systemd-analyze")) is None:
        return  # a machine without systemd runs no service of it either
    text = UNIT.replace("/srv/parley/.venv/bin/python", sys.executable).replace("=parley\n", "=root\n")
    for damage, good in (("", True), ("KillMode=gently\n", False)):
        unit = tmp_path / f"parley{len(damage)}.service"
        unit.write_text(text.replace("KillMode=mixed\n", damage or "KillMode=mixed\n"))
        done = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
        assert (done.returncode == 0 and not done.stderr.strip()) == good, done.stderr
