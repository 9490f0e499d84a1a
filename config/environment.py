"""Reading settings from the environment: a wrong value is refused in a sentence that names it."""

import os
import re
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_EXPECTED = {int: "a whole number", float: "a number", bool: "on or off"}
_ON_OR_OFF = {"on", "off", "true", "false", "yes", "no", "1", "0", "y", "n", "ok", ""}
_RATE = re.compile(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)")


class Environment(environ.Env):  # type: ignore[misc]
    """`environ.Env` with sentences instead of tracebacks."""

    # A copy: what `.env` says must not reach the processes that this one starts, which read it anew.
    ENVIRON = dict(os.environ)

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        text = self.ENVIRON.get(var)
        try:
            if cast is bool and text is not None and text.lower() not in _ON_OR_OFF:
                raise ValueError
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be {_EXPECTED.get(cast, 'readable')}, not {text!r}.") from None

    def positive(self, var: str, *, default: int) -> int:
        """A whole number above zero."""
        number: int = self.int(var, default=default)
        if number <= 0:
            raise ImproperlyConfigured(f"{var} must be above zero, not {number}.")
        return number

    def choice(self, var: str, *, default: str, among: tuple[str, ...]) -> str:
        """One of a few words."""
        word: str = self.str(var, default=default)
        if word not in among:
            raise ImproperlyConfigured(f"{var} must be one of {', '.join(among)}, not {word!r}.")
        return word

    def url_of(self, var: str, *, default: str, schemes: tuple[str, ...]) -> str:
        """An address that begins with one of these schemes; set and empty is not set.

        A wrong one is not repeated: it may hold a password.
        """
        url: str = self.str(var, default=default) or default
        if url and not url.startswith(schemes):
            raise ImproperlyConfigured(f"{var} must begin with {' or '.join(schemes)}.")
        return url

    def origins(self, var: str, *, default: list[str]) -> list[str]:
        """Origins as browsers send them: scheme, host, port if it is not the scheme's own, and nothing more."""
        origins: list[str] = self.list(var, default=default)
        for origin in origins:
            if not re.fullmatch(r"https?://[^/\s*]+", origin):
                raise ImproperlyConfigured(f"{var} must be like https://chat.example.org, not {origin!r}.")
        return origins

    def rate(self, var: str, *, default: str) -> str:
        """So many in a unit of time."""
        rate: str = self.str(var, default=default)
        if not _RATE.fullmatch(rate):
            raise ImproperlyConfigured(f"{var} must be like 120/min, not {rate!r}.")
        return rate

    def numbers(self, prefix: str, defaults: dict[str, float]) -> dict[str, float]:
        """The numbers among `defaults` that are set as PREFIX_NAME; other names with the prefix are refused."""
        names = {f"{prefix}{name.upper()}": name for name in defaults}
        values: dict[str, float] = {}
        for var in sorted(var for var in self.ENVIRON if var.startswith(prefix)):
            if var not in names:
                raise ImproperlyConfigured(f"{var} is not a limit; docs/protocol.md names them all.")
            whole = isinstance(defaults[names[var]], int) and not var.endswith("_S")
            value = self.int(var) if whole else self.float(var)
            if value <= 0:
                raise ImproperlyConfigured(f"{var} must be above zero, not {value}.")
            values[names[var]] = value
        return values
