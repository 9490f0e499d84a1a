"""What every test may ask for: the cast, and the rule that nothing is skipped by accident."""

from collections.abc import Generator

import pytest

from accounts.models import User

PASSWORD = "correct horse battery"


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
