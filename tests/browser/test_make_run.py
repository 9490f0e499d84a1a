"""What a stranger gets who clones Parley and types one command, on a machine with Python and npm and nothing else."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.check.hygiene import committed
from tests.servers import ROOT, Daphne
from tests.world import Person

# What every Unix has, besides Python and npm: no Redis, no PostgreSQL, no gettext.
BASICS = (
    *("cat", "cmp", "cp", "dirname", "env", "find", "grep", "make", "mkdir", "mv", "rm", "sed", "sh", "touch", "uname"),
    *("node", "npm"),
)
KEPT = re.compile(r"^(LANG|PIP_\w+|SSL_\w+|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS)$")


class Stranger:
    """A clone, an own PATH, and `make run` in it."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "parley"
        for name in committed():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.tree / name)
        programs = folder / "bin"
        programs.mkdir()
        for name in BASICS:
            path = shutil.which(name)
            assert path, name
            (programs / name).symlink_to(path)
        (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
        self.environment = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        self.environment |= {"PATH": str(programs), "HOME": os.environ["HOME"]}
        self.log = folder / "run.log"
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, **environment: str) -> tuple[str, float]:
        """`make run` until it is ready: what it printed, and the seconds."""
        self.server = Daphne(self.tree / "var", environment={})  # never started: it stands for the address
        self.url = self.server.url
        started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=self.tree,
                env=self.environment | {"PORT": str(self.server.port)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As in a terminal, also where the tests run in a shell's background, which Ctrl-C does not reach.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        while time.monotonic() - started < 240:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    assert answer.status == 200
                    return self.log.read_text(), time.monotonic() - started
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def interrupt(self) -> str:
        """Ctrl-C, as a terminal sends it: to the whole group. What was printed by then; the port is free afterwards."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(45)
        self.process = None
        with pytest.raises(OSError):
            urllib.request.urlopen(f"{self.url}/healthz", timeout=2)
        return self.log.read_text()

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.mark.timeout(400)
def test_one_command_serves_a_workspace_and_again_is_quick_and_loses_nothing(
    tmp_path: Path, open_page: OpenPage
) -> None:
    stranger = Stranger(tmp_path)
    try:
        first, seconds = stranger.run()
        print(f"make run on a clean clone: {seconds:.0f} s")
        people = dict(re.findall(r"^    (\S+)   (\S+) \(", first, re.MULTILINE))
        assert len(people) == 4, first
        passwords = {handle: password for password, handle in people.items()}
        assert {"alice", "bob", "carol", "王芳"} == set(passwords)
        assert stranger.url in first

        secret = (stranger.tree / ".env").read_text()
        assert oct((stranger.tree / ".env").stat().st_mode)[-3:] == "600"

        alice = Person("", "alice", "Alice Novak", "", passwords["alice"])
        page = open_page(alice, at=stranger.server)
        expect(page).to_have_title(re.compile("Parley"))
        chinese = open_page(at=stranger.server, language="zh-hans", path="/accounts/login/")
        expect(chinese.locator("main")).to_contain_text("登录")

        ended = stranger.interrupt()
        assert "Traceback" not in ended, ended

        # Nothing can be fetched now.
        offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "npm_config_registry": "http://127.0.0.1:9/"}
        again, seconds = stranger.run(**offline)
        assert seconds < 15, again
        assert not any(password in again for password in people), "passwords are shown once"
        assert (stranger.tree / ".env").read_text() == secret
        open_page(alice, at=stranger.server)
        stranger.interrupt()
    finally:
        stranger.kill()
