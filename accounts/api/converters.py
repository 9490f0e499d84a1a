"""Ids in addresses."""


class IdConverter:
    """At most 18 digits: what the database can hold (Django's `int` lets longer ones through to an error)."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
