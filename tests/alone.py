"""One question to a read that answers many."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def alone(read: Callable[[Sequence[Question]], Sequence[Answer | Exception]], question: Question) -> Answer:
    """Its answer. Raises what it was refused with."""
    [answer] = read([question])
    if isinstance(answer, Exception):
        raise answer
    return answer
