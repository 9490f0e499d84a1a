"""The cost model: straight lines through what was measured at some sizes, held against what is measured at another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`base + each × x`."""

    base: float
    each: float

    def at(self, x: float) -> float:
        """Its value."""
        return self.base + self.each * x


def fitted(points: Sequence[tuple[float, float]]) -> Line:
    """The line of least squares; a level one through a single point."""
    count = len(points)
    middle_x, middle_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    each = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
    return Line(middle_y - each * middle_x, each)


def error(predicted: float, measured: float) -> float:
    """How far the prediction is off, as a share of what was measured."""
    return predicted / measured - 1 if measured else 0.0


def costs(first: Mapping[str, float], second: Mapping[str, float]) -> tuple[float, float]:
    """(CPU seconds of a message, of a delivery) from two loads with `messages`, `deliveries` and `cpu` a second."""
    determinant = first["messages"] * second["deliveries"] - second["messages"] * first["deliveries"]
    message = (first["cpu"] * second["deliveries"] - second["cpu"] * first["deliveries"]) / determinant
    delivery = (first["messages"] * second["cpu"] - second["messages"] * first["cpu"]) / determinant
    return message, delivery
