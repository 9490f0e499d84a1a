"""Reading people as administrators do: everybody, closed accounts and bots too. What members see is chat's."""

from django.db.models import Q, QuerySet

from accounts.models import NameKey, User
from accounts.models.name_key import beginning


def accounts(*, q: str = "", role: str = "", active: bool | None = None) -> QuerySet[User]:
    """People, in the order of their handles; `q` begins one of what they are found by, or is part of a name or
    an address."""
    people = User.objects.filter(is_bot=False).order_by("handle_key")
    if q:
        people = people.filter(
            Q(pk__in=NameKey.objects.filter(beginning(q)).values("user_id"))
            | Q(display_name__icontains=q)
            | Q(email__icontains=q)
        )
    if role:
        people = people.filter(role=role)
    if active is not None:
        people = people.filter(is_active=active)
    return people


def bots() -> QuerySet[User]:
    """Every bot, with who answers for it, in the order of their handles."""
    return User.objects.filter(is_bot=True).select_related("bot_owner").order_by("handle_key")


def bot_by_id(bot_id: int) -> User | None:
    return bots().filter(pk=bot_id).first()


def account_by_id(user_id: int) -> User | None:
    return User.objects.filter(pk=user_id, is_bot=False).first()
