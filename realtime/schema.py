"""Whether the database has the tables that this code asks for."""

import logging
import pkgutil
from functools import cache
from importlib import import_module

from django.apps import apps
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from realtime import deadline

logger = logging.getLogger(__name__)

# Above the three that a connection may take.
ASK_WITHIN_S = 5.0


def missing() -> list[str]:
    """Migrations that were never applied here, as `app.name`. Two queries at most. Raises django.db.Error.

    Their names are read from the folders; nothing of them is imported.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _shipped() if (app, name) not in applied]


def refuses() -> str:
    """Why this process shall not serve, as a sentence; empty if it may, also where the database cannot be asked."""
    try:
        with deadline.within(ASK_WITHIN_S):
            lacks = missing()
    except Error as error:
        logger.warning("the database cannot be reached yet: %s", error)
        return ""
    finally:
        connection.close()
        if getattr(connection, "pool", None) is not None:
            connection.close_pool()  # type: ignore[attr-defined]
    return sentence(lacks) if lacks else ""


def sentence(lacks: list[str]) -> str:
    """What to do about them."""
    more = f" and {len(lacks) - 1} more" if len(lacks) > 1 else ""
    return f"The database lacks the migration {lacks[0]}{more}: run `manage.py migrate`."


@cache
def _shipped() -> list[tuple[str, str]]:
    """As this process found them when it started: what is put there for the next one is no lack of this one's."""
    found = []
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        try:
            package = import_module(module) if module else None
        except ModuleNotFoundError:
            continue
        for _finder, name, is_package in pkgutil.iter_modules(getattr(package, "__path__", None) or []):
            if not is_package and name[0] not in "_~":
                found.append((app.label, name))
    return found
