"""The pages that tell people what to type and what there is say the truth."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.check.hygiene import committed
from tests.run import SETTINGS
from tests.servers import ROOT, Daphne


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_setting_is_explained_and_every_explained_setting_is_read() -> None:
    source = read("config/settings.py")
    asked = set(re.findall(r'env\.(?!db_url_config|numbers)\w+\(\s*"([A-Z_]+)"', source))
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ORIGINS"} <= asked
    limits = {name for name in SETTINGS if name.startswith("LIMIT_")}
    assert limits, "one limit is shown"
    assert asked == SETTINGS - limits


def test_make_run_and_the_instructions_serve_as_the_tests_do(tmp_path: Path) -> None:
    program, *arguments = Daphne(tmp_path, environment={}).command()[1:]
    assert (program, arguments[0]) == ("manage.py", "serve")
    asked = {argument.partition("=")[0] for argument in arguments[1:]}
    assert re.search(r"exec \$\(MANAGE\) serve --host=127.0.0.1 --port=\$\(PORT\)$", read("Makefile"), re.MULTILINE)
    assert asked == {"--host", "--port"}
    for page in ("README.md", "docs/operations.md"):
        assert "manage.py serve" in read(page)


def test_links_between_pages_lead_somewhere() -> None:
    pages = [name for name in committed() if name.endswith(".md")]
    assert "README.md" in pages
    broken = []
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", read(page)):
            path = (ROOT / page).parent / target
            if not path.exists():
                broken.append(f"{page}: {target}")
    assert not broken


def test_the_readme_fits_on_a_screen() -> None:
    assert len(read("README.md").splitlines()) <= 50


def _imported(*folders: str) -> set[str]:
    """The distributions that our files import, in lower case."""
    known = packages_distributions()
    names = set()
    for name in committed():
        if name.endswith(".py") and name.split("/")[0] in folders:
            for node in ast.walk(ast.parse(read(name))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.split(".")[0])
    ours = {"accounts", "chat", "realtime", "config", "tests", "bench"}
    # autobahn puts a plugin into Twisted's folder: a module is of the distribution of its name, where there is one.
    return {
        next((owner for owner in known[name] if owner.lower() == name), known[name][0]).lower().replace("_", "-")
        for name in names - set(sys.stdlib_module_names) - ours
        if name in known
    }


def _pinned(name: str) -> set[str]:
    lines = read(name).splitlines()
    return {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}


def _explained(heading: str) -> set[str]:
    part = read("docs/dependencies.md").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE)
    return {name.strip().lower() for row in rows[2:] for name in row.split(",")}


def test_what_the_server_imports_is_pinned_and_explained() -> None:
    imported = _imported("accounts", "chat", "realtime", "config")
    assert "django" in imported
    assert imported <= _pinned("requirements.txt")
    assert imported <= _explained("The server")


def test_what_is_explained_is_there() -> None:
    # Named in settings or used from the command line, not imported.
    by_name = {"argon2-cffi", "babel", "channels-redis", "psycopg", "daphne"}
    assert _explained("The server") <= _imported("accounts", "chat", "realtime", "config") | by_name
    assert by_name <= _pinned("requirements.txt")


def test_what_the_tests_import_is_pinned() -> None:
    pinned = _pinned("requirements.txt") | _pinned("tests/requirements.txt")
    assert _imported("tests") <= pinned
    assert _imported("bench") <= pinned | _pinned("bench/requirements.txt")


def test_every_line_is_pinned_to_one_version() -> None:
    for name in ("requirements.txt", "tests/requirements.txt", "bench/requirements.txt"):
        lines = [line for line in read(name).splitlines() if line and not line.startswith(("#", "-r "))]
        assert lines
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
        assert lines == sorted(lines, key=str.casefold)
