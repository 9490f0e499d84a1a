"""The scenarios by name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.scene import Scene

Play = Callable[["Scene"], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """A fault, while people talk.

    `fast`: part of `make test`. `within`: seconds for all of it. `settings`: environment of the server processes
    beyond the suite's. `planted`: the bug the servers have, and with it the violations of which one must be found.
    """

    name: str
    play: Play
    fast: bool = False
    within: float = 60
    embedded: bool = False
    people: int = 6
    settings: Mapping[str, str] = field(default_factory=dict)
    planted: str = ""
    caught_as: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The first line of what its function says of it."""
        return (self.play.__doc__ or "").strip().partition("\n")[0]


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *,
    fast: bool = False,
    within: float = 60,
    embedded: bool = False,
    people: int = 6,
    settings: Mapping[str, str] = MappingProxyType({}),
    planted: str = "",
    caught_as: tuple[str, ...] = (),
) -> Callable[[Play], Play]:
    """Put this function into the registry, under its own name."""

    def register(play: Play) -> Play:
        name = getattr(play, "__name__", "")
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, play, fast, within, embedded, people, settings, planted, caught_as)
        return play

    return register
