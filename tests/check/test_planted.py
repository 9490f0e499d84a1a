"""A check that cannot fail proves nothing: each holds on a copy of the tree, and finds what is planted there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.check.__main__ import CHECKS
from tests.check.hygiene import committed
from tests.servers import ROOT

# Each plant: the check that must find it, the file it goes into, what is done to its text, what the check must say.
Edit = Callable[[str], str]


def append(line: str) -> Edit:
    return lambda text: f"{text}\n{line}\n"


def replace(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text, f"{old!r} is not there to be replaced"
        return text.replace(old, new, 1)

    return edit


PO = "accounts/locale/zh_Hans/LC_MESSAGES/django.po"
PLANTS: dict[str, tuple[str, str, Edit, str]] = {
    "an unused import": ("style", "realtime/limits.py", append("import json"), "realtime/limits.py"),
    "another layout": ("format", "realtime/limits.py", append("X  =  1"), "realtime/limits.py"),
    "a function without types": ("types", "realtime/limits.py", append("def f(x):\n    return x"), "no-untyped-def"),
    "a wrong type": ("types", "chat/policies.py", append('LIMIT: int = "many"'), "assignment"),
    "the engine imports the product": ("imports", "realtime/limits.py", append("import chat.models"), "Across"),
    "accounts imports chat": ("imports", "accounts/models/user.py", append("import chat.models"), "Across"),
    "somebody imports the configuration": ("imports", "chat/views.py", append("import config.settings"), "Across"),
    "a selector imports a service": ("imports", "chat/selectors/__init__.py", append("import chat.services"), "Down"),
    "a service imports an edge": ("imports", "chat/services/__init__.py", append("import chat.views"), "Down"),
    "a model imports a selector": ("imports", "chat/models/room.py", append("import chat.selectors"), "Down"),
    "an edge imports another app's edge": ("imports", "chat/views.py", append("import accounts.views"), "edges of"),
    "an edge publishes": ("imports", "chat/views.py", append("import realtime.publish"), "Only services publish"),
    "a selector publishes": (
        *("imports", "chat/selectors/__init__.py", append("import realtime.publish"), "Only services publish"),
    ),
    "Django in the protocol": ("imports", "realtime/protocol/closes.py", append("import django"), "plain Python"),
    "a file without a place": ("imports", "chat/helpers.py", append(""), "chat.helpers"),
    "a field without a migration": (
        "migrations",
        "chat/models/epoch.py",
        replace("    def __str__", "    extra = models.IntegerField(default=0)\n\n    def __str__"),
        "epoch",
    ),
    "an endpoint without a shape": (
        "schema",
        "chat/api/urls.py",
        append(
            "from django.urls import path as _path\nfrom rest_framework.views import APIView as _APIView\n"
            "class Bare(_APIView):\n    def get(self, request): ...\n"
            'urlpatterns.append(_path("bare/", Bare.as_view()))'
        ),
        "Bare",
    ),
    "a frame the page does not know": (
        "protocol",
        "realtime/protocol/frames.py",
        replace("class TypingStop(", 'class Wave(Command, frozen=True):\n    type = "wave"\n\n\nclass TypingStop('),
        "out of date",
    ),
    "a wrong type in the browser": (
        *("javascript", "static/js/lib/text.js", append('/** @type {number} */ export const x = "";'), "TS2322"),
    ),
    "a string without a translation": (
        "translations",
        "accounts/views.py",
        append('from django.utils.translation import gettext\nX = gettext("Never seen before")'),
        "Never seen before",
    ),
    "an empty translation": ("translations", PO, append('msgid "Planted"\nmsgstr ""'), "not translated: 'Planted'"),
    "a translation nobody uses": ("translations", PO, append('msgid "Planted"\nmsgstr "种"'), "no longer used"),
    "a fuzzy translation": ("translations", PO, append('#, fuzzy\nmsgid "Planted"\nmsgstr "种"'), "fuzzy: 'Planted'"),
    "a translation left in English": ("translations", PO, append('msgid "Planted"\nmsgstr "Planted"'), "without Han"),
    "a lost placeholder": ("translations", PO, append('msgid "Planted %(n)s"\nmsgstr "种"'), "other placeholders"),
    "an obsolete translation": ("translations", PO, append('#~ msgid "Old"\n#~ msgstr "旧"'), "obsolete"),
    "cookies over plain http": (
        *("deploy", "config/settings.py", append("SESSION_COOKIE_SECURE = False"), "security.W012"),
    ),
    "a path of one machine": (
        "hygiene",
        "docs/planted.md",
        append("see /home/somebody/notes"),
        "a path of one machine",
    ),
    "a registry's address": (
        *("hygiene", "docs/planted.md", append("https://registry.npmjs.org/htm"), "an address of a package registry"),
    ),
    "where a module was downloaded": (
        *(
            "hygiene",
            "package-lock.json",
            append('"resolved": "https://example.org/x.tgz"'),
            "a place to download from",
        ),
    ),
    "a secret": ("hygiene", "docs/planted.md", append("SECRET_KEY=" + "k3y" * 10), "a secret"),
    "a private key": ("hygiene", "docs/planted.md", append("-----BEGIN PRIVATE KEY-----"), "a private key"),
    "a binary": ("hygiene", "docs/planted.bin", append("\0"), "a binary file"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it would be committed, in a repository of its own."""
    folder = tmp_path_factory.mktemp("planted") / "tree"
    for name in committed():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    if (ROOT / ".mypy_cache").exists():
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def check(folder: Path, name: str) -> tuple[int, str]:
    # As a command would be started there: nothing of this process's settings, no shared caches.
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.check", name],
        cwd=folder,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def holds(copy: Path) -> Callable[[str], None]:
    """Asserts that a check holds on the untouched copy; asked once."""
    known: dict[str, tuple[int, str]] = {}

    def ask(name: str) -> None:
        if name not in known:
            known[name] = check(copy, name)
        status, output = known[name]
        assert status == 0, output

    return ask


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.timeout(300)
def test_a_planted_violation_is_found(plant: str, copy: Path, holds: Callable[[str], None]) -> None:
    name, file, edit, says = PLANTS[plant]
    holds(name)
    path = copy / file
    before = path.read_text() if path.exists() else None
    path.write_text(edit(before or ""))
    try:
        status, output = check(copy, name)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert status == 1, output
    assert says in output, output


def pytest_in(folder: Path, name: str, text: str) -> tuple[int, str]:
    """The exit status and the output of one test file, in the copy."""
    path = folder / "tests" / "pure" / name
    path.write_text(text)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", str(path)], cwd=folder, capture_output=True, text=True, check=False
        )
    finally:
        path.unlink()
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("def test_it():\n    pass\n", 0),
        ("import pytest\n\ndef test_it():\n    pytest.skip('no server here')\n", 1),
        ("import pytest\n\n@pytest.mark.skip(reason='later')\ndef test_it():\n    pass\n", 1),
        ("import pytest\n\npytest.skip('not today', allow_module_level=True)\n", 2),
        ("import pytest\n\n@pytest.mark.may_skip\ndef test_it():\n    pytest.skip('allowed')\n", 0),
        ("def not_a_test():\n    pass\n", 5),
    ],
    ids=["passing", "skipping", "marked to skip", "skipping as a file", "allowed to skip", "without tests"],
)
def test_a_run_that_skips_or_has_no_tests_has_failed(copy: Path, text: str, status: int) -> None:
    assert pytest_in(copy, "test_planted_skip.py", text)[0] == status


def test_every_check_has_something_planted_for_it() -> None:
    assert {plant[0] for plant in PLANTS.values()} == set(CHECKS)
