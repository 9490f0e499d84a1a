"""Who may do what to people of the workspace: pure answers over rows and the settings."""

from django.conf import settings

from accounts.models import User

_RANK = {User.Role.GUEST: 0, User.Role.MEMBER: 1, User.Role.ADMIN: 2, User.Role.OWNER: 3}


def rank(role: str) -> int:
    """How much a role may, from a guest's 0 up."""
    return _RANK[User.Role(role)]


def can_administer(person: User) -> bool:
    """Owners and administrators see everybody, make bots, and change who others are."""
    return person.is_active and not person.is_bot and rank(person.role) >= _RANK[User.Role.ADMIN]


def can_invite(person: User, *, role: str = User.Role.GUEST) -> bool:
    """Nobody invites an owner, nor anybody above herself; members invite only where the setting lets them."""
    if not person.is_active or person.is_bot or role == User.Role.OWNER or rank(role) > rank(person.role):
        return False
    if person.role == User.Role.MEMBER:
        return bool(settings.MEMBERS_INVITE)
    return rank(person.role) > _RANK[User.Role.MEMBER]


def can_manage_invitation(person: User, *, created_by_id: int) -> bool:
    """Administrators all of them, others their own."""
    return can_administer(person) or (person.is_active and created_by_id == person.pk)


def can_set_role(person: User, target: User, *, role: str) -> bool:
    """Owners give any role; administrators those below their own, to people below them. A bot leads nobody."""
    if not can_administer(person) or (target.is_bot and role not in {User.Role.MEMBER, User.Role.GUEST}):
        return False
    return person.role == User.Role.OWNER or (_below(person, target) and rank(role) < rank(person.role))


def can_deactivate(person: User, target: User) -> bool:
    """Owners anybody, administrators whoever is below them. Also to reactivate."""
    return can_administer(person) and (person.role == User.Role.OWNER or _below(person, target))


def can_manage_bot(person: User, bot: User) -> bool:
    return can_administer(person) and bot.is_bot


def _below(person: User, target: User) -> bool:
    return rank(target.role) < rank(person.role)
