"""How far an API token goes. Pure. A sign-in has no scope: what the person may do, it may do."""

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)
# What no token may do, however far it goes: only somebody who signed in makes tokens and ends devices.
SIGNED_IN = "signed in"


def widest(scopes: list[str]) -> str:
    """The scope that holds all of these (each includes those before it). Raises ValueError for no known one."""
    return SCOPES[max(SCOPES.index(scope) for scope in scopes)]


def included(scope: str) -> list[str]:
    """What a scope consists of; nothing for a sign-in's."""
    return list(SCOPES[: SCOPES.index(scope) + 1]) if scope else []


def allows(scope: str, needed: str) -> bool:
    """Whether a device with this scope (empty: a sign-in) may do what needs `needed`."""
    if not scope:
        return True
    return needed in SCOPES and scope in SCOPES and SCOPES.index(scope) >= SCOPES.index(needed)
