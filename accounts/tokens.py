"""The text of access and refresh tokens: JWTs signed with keys derived from SECRET_KEY.

Each use has its own key, so one kind can never be taken for the other. `SECRET_KEY_FALLBACKS` still verify. A token is
only as good as its device's row; nothing here reads it.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from msgspec import Struct

Use = Literal["access", "refresh"]
ALGORITHM = "HS256"
LIFE: dict[Use, timedelta] = {"access": timedelta(minutes=15), "refresh": timedelta(days=30)}
# What two machines' clocks may differ by.
LEEWAY = timedelta(seconds=5)


class Claims(Struct, frozen=True):
    """Whose token this is, and the id that tells it from the device's other tokens."""

    user_id: int
    device_id: int
    id: str


class Bad(Exception):
    """This is not a token of ours, or not one for this use."""


class Expired(Exception):
    """This was a token of ours."""


def write(use: Use, claims: Claims, *, at: datetime | None = None) -> str:
    """The token issued `at` (now, without). The same arguments give the same text."""
    issued = int((at or timezone.now()).timestamp())
    payload = {
        "sub": str(claims.user_id),
        "device": str(claims.device_id),
        "jti": claims.id,
        "iat": issued,
        "exp": issued + int(LIFE[use].total_seconds()),
    }
    return jwt.encode(payload, _key(use, settings.SECRET_KEY), algorithm=ALGORITHM)


def read(use: Use, token: str) -> Claims:
    """What a token says. Raises Bad or Expired."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            payload = jwt.decode(
                token,
                _key(use, secret),
                algorithms=[ALGORITHM],
                leeway=LEEWAY,
                options={"require": ["sub", "device", "jti", "iat", "exp"]},
            )
            return Claims(user_id=int(payload["sub"]), device_id=int(payload["device"]), id=payload["jti"])
        except jwt.ExpiredSignatureError:
            raise Expired from None
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Bad from None
    raise Bad


@lru_cache(maxsize=16)
def _key(use: Use, secret: str) -> bytes:
    return salted_hmac(f"accounts.tokens.{use}", "", secret=secret, algorithm="sha256").digest()
