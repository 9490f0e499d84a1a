"""What every test may ask for: the cast, a world of real servers, and the rule that nothing is skipped by accident."""

import os
import signal
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from accounts.models import User
from tests.world import NAMES, PASSWORD, World


def pytest_configure() -> None:
    # As Ctrl-C does it: every server that a fixture started is ended, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--world", choices=NAMES, help="the servers that `world` starts (default: what the database fits)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails the run: "no server here" must not look like "works"."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("may_skip") is None:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a file that skips itself."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
    return report


def _person(handle: str, role: User.Role, **fields: object) -> User:
    return User.objects.create_user(
        handle, f"{handle}@example.org", PASSWORD, display_name=handle.capitalize(), role=role, **fields
    )


@pytest.fixture
def alice(db: None) -> User:
    """The workspace's owner."""
    return _person("alice", User.Role.OWNER, is_staff=True)


@pytest.fixture
def bob(db: None) -> User:
    """A member."""
    return _person("bob", User.Role.MEMBER)


@pytest.fixture
def carol(db: None) -> User:
    """A guest."""
    return _person("carol", User.Role.GUEST)


@pytest.fixture
def mallory(db: None) -> User:
    """A member of the workspace who is in no room: a stranger to every conversation."""
    return _person("mallory", User.Role.MEMBER)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, also where no test asks for `db` because servers commit (pytest-django's own skips it)."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        if connection.vendor == "postgresql":
            # Tests that commit are followed by a TRUNCATE of everything, which is what this one refuses.
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER audit_not_truncated")
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def world_name(request: pytest.FixtureRequest) -> str:
    """`--world`, or embedded on SQLite and production on PostgreSQL."""
    on_sqlite = connection.vendor == "sqlite"
    name: str = request.config.getoption("--world") or ("embedded" if on_sqlite else "production")
    if name == "production" and (on_sqlite or not os.environ.get("REDIS_URL")):
        pytest.fail("production needs DATABASE_URL (PostgreSQL) and REDIS_URL: python -m tests.run wire:production")
    if name != "production" and not on_sqlite:
        pytest.fail(f"{name} runs on SQLite: unset DATABASE_URL")
    return name


@pytest.fixture(scope="session")
def server_environment(django_db_setup: None) -> dict[str, str]:
    """What a server process needs to work on the database of this test run."""
    database: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DEBUG": "off",
        "STATIC_ROOT": os.environ["STATIC_ROOT"],
        # Everybody comes from one address here; tests of these limits start a server of their own.
        "SIGN_IN_LIMITS": "off",
        "API_RATE_ADDRESS": "100000/min",
    }


@pytest.fixture(scope="session")
def world(
    world_name: str,
    server_environment: dict[str, str],
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The started servers of this run, and its services; everything stays committed until the run ends."""
    processes = 2 if world_name == "production" else 1
    world = World(world_name, tmp_path_factory.mktemp("world"), environment=server_environment, processes=processes)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()
