"""The text of tokens."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from accounts import tokens

CLAIMS = tokens.Claims(user_id=7, device_id=9, id="first")


def test_a_token_says_what_was_written() -> None:
    assert tokens.read("access", tokens.write("access", CLAIMS)) == CLAIMS
    assert tokens.read("refresh", tokens.write("refresh", CLAIMS)) == CLAIMS


def test_the_same_arguments_give_the_same_text() -> None:
    now = timezone.now()
    assert tokens.write("refresh", CLAIMS, at=now) == tokens.write("refresh", CLAIMS, at=now)
    assert tokens.write("refresh", CLAIMS, at=now) != tokens.write("refresh", CLAIMS, at=now + timedelta(seconds=1))


def test_one_kind_is_never_taken_for_the_other() -> None:
    with pytest.raises(tokens.Bad):
        tokens.read("access", tokens.write("refresh", CLAIMS))
    with pytest.raises(tokens.Bad):
        tokens.read("refresh", tokens.write("access", CLAIMS))


def test_an_old_token_is_expired() -> None:
    just = timezone.now() - tokens.LIFE["access"] + timedelta(seconds=30)
    assert tokens.read("access", tokens.write("access", CLAIMS, at=just)) == CLAIMS
    past = timezone.now() - tokens.LIFE["access"] - tokens.LEEWAY - timedelta(seconds=2)
    with pytest.raises(tokens.Expired):
        tokens.read("access", tokens.write("access", CLAIMS, at=past))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_tampered_token_is_bad(part: int) -> None:
    pieces = tokens.write("access", CLAIMS).split(".")
    middle = len(pieces[part]) // 2
    other = "A" if pieces[part][middle] != "A" else "B"
    pieces[part] = pieces[part][:middle] + other + pieces[part][middle + 1 :]
    with pytest.raises(tokens.Bad):
        tokens.read("access", ".".join(pieces))


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_another_algorithm_is_bad(algorithm: str) -> None:
    good = jwt.decode(tokens.write("access", CLAIMS), options={"verify_signature": False})
    key = None if algorithm == "none" else tokens._key("access", settings.SECRET_KEY)
    assert tokens.read("access", jwt.encode(good, tokens._key("access", settings.SECRET_KEY))) == CLAIMS
    with pytest.raises(tokens.Bad):
        tokens.read("access", jwt.encode(good, key, algorithm=algorithm))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é", "\x00", "." * 500, "eyJhbGciOiJIUzI1NiJ9.e30."])
def test_what_is_no_token_is_bad(text: str) -> None:
    with pytest.raises(tokens.Bad):
        tokens.read("access", text)


@pytest.mark.parametrize("missing", ["sub", "device", "jti", "iat", "exp"])
def test_a_token_lacks_no_claim(missing: str) -> None:
    payload = jwt.decode(tokens.write("access", CLAIMS), options={"verify_signature": False})
    del payload[missing]
    with pytest.raises(tokens.Bad):
        tokens.read("access", jwt.encode(payload, tokens._key("access", settings.SECRET_KEY)))


def test_a_former_secret_still_verifies(settings: object) -> None:
    token = tokens.write("access", CLAIMS)
    former = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another" * 8  # type: ignore[attr-defined]
    with pytest.raises(tokens.Bad):
        tokens.read("access", token)
    settings.SECRET_KEY_FALLBACKS = [former]  # type: ignore[attr-defined]
    assert tokens.read("access", token) == CLAIMS
