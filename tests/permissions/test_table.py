"""The table is by hand, and whole: no endpoint, command or frame is without its rows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat import catalogue
from chat.commands import VERBS
from realtime.protocol.frames import ENGINE_COMMANDS
from tests.permissions import cells, table
from tests.permissions.cells import METHODS, Row


def endpoints(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """(method, path below /api/v1/ with {} for what varies) of everything that is served there."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, path)
        elif path.startswith("api/v1/"):
            view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
            methods = [method for method in METHODS if hasattr(view, method.lower())]
            assert methods, f"{path} answers to no method that the table knows"
            for method in methods:
                yield method, _blank(path.removeprefix("api/v1/"))


def _blank(path: str) -> str:
    return re.sub(r"<[^>]+>|\{\w+\}", "{}", path)


def _asked(rows: list[Row]) -> set[tuple[str, str]]:
    return {(row.kind, _blank(row.what)) for row in rows if row.kind in METHODS}


def _commands(rows: list[Row]) -> set[str]:
    return {row.what for row in rows if not row.kind}


ENDPOINTS = set(endpoints(get_resolver().url_patterns))
ROOM_ROWS = cells.rows(table.PUBLIC)
WORKSPACE_ROWS = cells.rows(table.WORKSPACE)


def test_the_table_imports_nothing() -> None:
    tree = ast.parse(Path(table.__file__).read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)]


def test_the_tests_of_the_table_do_not_look_at_the_policies() -> None:
    for path in Path(table.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if path.name == "test_leaks.py":
                continue  # what is to be broken has to be named
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not [name for name in names if "policies" in name], path.name


def test_every_endpoint_has_its_rows_and_every_row_its_endpoint() -> None:
    asked = _asked(ROOM_ROWS) | _asked(WORKSPACE_ROWS)
    assert ENDPOINTS - asked == set(), "add rows to tests/permissions/table.py"
    assert asked - ENDPOINTS == set(), "these are not served"


def test_every_command_has_its_rows_and_every_row_its_command() -> None:
    assert _commands(ROOM_ROWS) | _commands(WORKSPACE_ROWS) == {*VERBS, *ENGINE_COMMANDS}


def test_every_frame_is_heard_by_those_in_a_room_or_goes_to_one() -> None:
    heard = {row.what for row in ROOM_ROWS if row.kind == "hears"}
    assert heard | set(table.FRAMES_OF_ONES_OWN.split()) == {frame.type for frame in catalogue.FRAMES}


@pytest.mark.parametrize("kind", table.ROOMS)
def test_every_kind_of_room_has_the_same_rows(kind: str) -> None:
    assert cells.rows(table.ROOMS[kind]) == ROOM_ROWS


def test_tokens_are_judged_at_every_door() -> None:
    rows = cells.rows(table.TOKENS)
    assert _asked(rows) == ENDPOINTS - _asked(cells.rows(table.NO_TOKEN_ASKED))
    assert _commands(rows) == {*VERBS, *ENGINE_COMMANDS}


def test_the_number_of_cells_is_told() -> None:
    counts = {kind: len(of) for kind, of in cells.ROOMS.items()}
    counts |= {"workspace": len(cells.WORKSPACE), "tokens": len(cells.TOKENS), "pages": len(cells.PAGES)}
    assert sum(counts.values()) == len(cells.ALL) > 4000
    print(f"\n{len(cells.ALL)} cells: " + ", ".join(f"{name} {number}" for name, number in counts.items()))
