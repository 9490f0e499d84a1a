"""Who may do what to people: the whole table, by hand."""

from itertools import product
from typing import Any

import pytest

from accounts import policies, scopes
from accounts.models import User

OWNER, ADMIN, MEMBER, GUEST = ROLES = ("owner", "admin", "member", "guest")


def person(role: str, **fields: Any) -> User:
    return User(pk=ROLES.index(role) + 1, role=role, handle=role, **fields)


# Who may give whom which role. Everything that is not here is refused.
MAY_GIVE = {
    **{(OWNER, target, role): True for target, role in product(ROLES, ROLES)},
    **{(ADMIN, target, role): True for target, role in product((MEMBER, GUEST), (MEMBER, GUEST))},
}
MAY_INVITE = {
    (OWNER, ADMIN),
    (OWNER, MEMBER),
    (OWNER, GUEST),
    (ADMIN, ADMIN),
    (ADMIN, MEMBER),
    (ADMIN, GUEST),
}
MAY_CLOSE = {*product((OWNER,), ROLES), (ADMIN, MEMBER), (ADMIN, GUEST)}


@pytest.mark.parametrize(("who", "target", "role"), list(product(ROLES, ROLES, ROLES)))
def test_roles_are_given_downwards_only(who: str, target: str, role: str) -> None:
    may = MAY_GIVE.get((who, target, role), False)
    assert policies.can_set_role(person(who), person(target), role=role) is may
    assert not policies.can_set_role(person(who, is_active=False), person(target), role=role)
    assert not policies.can_set_role(person(who, is_bot=True), person(target), role=role)
    if role in {OWNER, ADMIN}:
        assert not policies.can_set_role(person(who), person(target, is_bot=True), role=role)


@pytest.mark.parametrize(("who", "target"), list(product(ROLES, ROLES)))
def test_accounts_are_closed_downwards_only(who: str, target: str) -> None:
    assert policies.can_deactivate(person(who), person(target)) is ((who, target) in MAY_CLOSE)
    assert not policies.can_deactivate(person(who, is_active=False), person(target))


@pytest.mark.parametrize(("who", "role"), list(product(ROLES, ROLES)))
def test_invitations_reach_as_far_as_ones_own_role(who: str, role: str, settings: Any) -> None:
    assert policies.can_invite(person(who), role=role) is ((who, role) in MAY_INVITE)
    assert not policies.can_invite(person(who, is_active=False), role=role)
    settings.MEMBERS_INVITE = True
    members = {(MEMBER, MEMBER), (MEMBER, GUEST)}
    assert policies.can_invite(person(who), role=role) is ((who, role) in MAY_INVITE | members)


@pytest.mark.parametrize("who", ROLES)
def test_owners_and_administrators_administer(who: str) -> None:
    may = who in {OWNER, ADMIN}
    assert policies.can_administer(person(who)) is may
    assert policies.can_manage_bot(person(who), person(MEMBER, is_bot=True)) is may
    assert not policies.can_manage_bot(person(who), person(MEMBER))
    assert policies.can_manage_invitation(person(who), created_by_id=99) is may
    assert policies.can_manage_invitation(person(who), created_by_id=person(who).pk)


# ---- scopes ----

REACHES = {
    "": {"read", "write", "admin", "signed in"},
    "read": {"read"},
    "write": {"read", "write"},
    "admin": {"read", "write", "admin"},
}


@pytest.mark.parametrize(("scope", "needed"), list(product(REACHES, ("read", "write", "admin", "signed in"))))
def test_a_scope_reaches_as_far_as_it_says(scope: str, needed: str) -> None:
    assert scopes.allows(scope, needed) is (needed in REACHES[scope])


@pytest.mark.parametrize("nonsense", ["Read", "root", "signed in", " "])
def test_an_unknown_scope_reaches_nowhere(nonsense: str) -> None:
    assert not any(scopes.allows(nonsense, needed) for needed in (*scopes.SCOPES, scopes.SIGNED_IN))
    assert not scopes.allows("admin", nonsense)


def test_a_scope_includes_those_before_it() -> None:
    assert [scopes.included(scope) for scope in ("", *scopes.SCOPES)] == [
        [],
        ["read"],
        ["read", "write"],
        ["read", "write", "admin"],
    ]
    assert scopes.widest(["read", "admin", "write"]) == "admin"
    for wrong in ([], ["root"]):
        with pytest.raises(ValueError):
            scopes.widest(wrong)
