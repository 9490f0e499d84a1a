"""Reading API tokens."""

from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User


def api_token_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def api_token_by_text(text: str) -> ApiToken | None:
    """The token, also one that ended or expired, with its device and person. One query."""
    return ApiToken.objects.select_related("device__user").filter(hash=api_token_hash(text)).first()


def api_tokens_live(user: User) -> list[ApiToken]:
    """The tokens in force of a person or bot, the newest first. One query."""
    rows = ApiToken.objects.select_related("device").filter(_not_expired(), device__user=user, device__ended_at=None)
    return list(rows.order_by("-pk"))


def api_token_of(user: User, token_id: int) -> ApiToken | None:
    """A token of this person's own, also one that ended. One query."""
    return ApiToken.objects.select_related("device").filter(pk=token_id, device__user=user).first()


def _not_expired() -> Q:
    return Q(expires_at=None) | Q(expires_at__gt=timezone.now())
