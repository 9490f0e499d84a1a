"""Nobody is left guessing what the tests need."""

import subprocess
from functools import partial
from typing import Any

import pytest

from tests import install


def test_what_is_missing_and_may_not_be_installed_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(install.NEEDED, "redis-server", lambda: None)
    monkeypatch.setattr(install, "_rights", lambda: None)
    with pytest.raises(SystemExit) as refusal:
        install.install_missing(["redis-server"])
    assert "sudo apt-get install" in str(refusal.value)
    assert "redis-server" in str(refusal.value)


def test_what_is_missing_is_installed_through_apt_without_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    ran: list[list[str]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        assert options["stdin"] == subprocess.DEVNULL
        ran.append(command)
        if "install" in command:
            there.update({"redis-server", "gettext"} & set(command))
        return subprocess.CompletedProcess(command, 0, b"")

    for package in ("redis-server", "gettext"):
        monkeypatch.setitem(install.NEEDED, package, partial(there.__contains__, package))
    monkeypatch.setattr(install, "_rights", lambda: ["sudo", "-n"])
    monkeypatch.setattr("tests.install.subprocess.run", run)
    install.install_missing(["redis-server", "gettext"])
    assert there == {"redis-server", "gettext"}
    assert all(command[:4] == ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"] for command in ran)
    assert [command[5] for command in ran] == ["update", "install"]


def test_where_nothing_is_missing_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_rights", lambda: pytest.fail("nobody was to be asked"))
    install.install_missing()
