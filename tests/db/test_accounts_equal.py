"""What a stranger learns from asking: nothing. Known and unknown get the same answer, for the same work.

Counted are password hashes and mails; the times are printed (`-s` shows them), for a clock on a busy machine proves
nothing.
"""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import Invitation, User
from accounts.services.invitation import invitation_create
from accounts.services.standing import user_deactivate
from tests.accounts import _nothing_counted, api  # noqa: F401
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db

ROUNDS = 3


@pytest.fixture(autouse=True)
def _asked(settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password hash that was worked out."""
    done: list[str] = []
    for hasher in {type(hasher) for hasher in hashers.get_hashers()}:
        real = hasher.encode

        def encode(self: Any, password: str, *args: Any, real: Any = real, **kwargs: Any) -> str:
            done.append(password)
            return real(self, password, *args, **kwargs)

        monkeypatch.setattr(hasher, "encode", encode)
    return done


def plain(answer: Any) -> tuple[int, str, str]:
    """An answer without what differs from request to request, and without what one typed oneself."""
    page = re.sub(r'name="(csrfmiddlewaretoken|login|email|username)" value="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), re.sub(r"[\w.]+@example\.org", "…", page)


def sign_in(login: str) -> Any:
    return Client().post("/accounts/login/", {"login": login, "password": "not the password"})


def token(login: str) -> Any:
    return api(Client(), "POST", "auth/token/", {"login": login, "password": "not the password", "code": "123456"})


def reset(email: str) -> Any:
    return Client().post("/accounts/password/reset/", {"email": email})


def sign_up(email: str) -> Any:
    """By an invitation for one; what the page says, and what the link says afterwards."""
    alice = User.objects.get(handle="alice")
    _, text = invitation_create(actor=alice)
    handle = f"new{User.objects.count()}-{Invitation.objects.count()}"
    given = {"name": "New", "username": handle, "email": email, "password1": PASSWORD, "language": "en"}
    client = Client()
    answer = client.post(f"/join/{text}/", given)
    after = client.get(answer["Location"])
    link = Client().get(f"/join/{text}/")
    answer.content = after.content + str((after.status_code, link.status_code)).encode()
    return answer


DOORS: dict[str, tuple[Callable[[str], Any], int, int]] = {
    # what is asked, password hashes, mails
    "sign-in by handle": (lambda name: sign_in(name), 1, 0),
    "sign-in by address": (lambda name: sign_in(f"{name}@example.org"), 1, 0),
    "token": (lambda name: token(name), 1, 0),
    "reset": (lambda name: reset(f"{name}@example.org"), 0, 1),
    "sign-up": (lambda name: sign_up(f"{name}@example.org"), 1, 1),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["bob", "carol"])
def test_known_and_unknown_get_the_same_for_the_same_work(
    alice: User, bob: User, carol: User, hashed: list[str], door: str, who: str
) -> None:
    """bob is known; carol's account is closed."""
    user_deactivate(user_id=carol.pk)
    ask, hashes, mails = DOORS[door]
    answers, work = [], []
    for name in (who, "nobody"):
        hashed.clear()
        mail.outbox.clear()
        cache.clear()
        answers.append(plain(ask(name)))
        work.append((len(hashed), len(mail.outbox)))
    assert answers[0] == answers[1]
    assert work == [(hashes, mails)] * 2


def test_a_sign_up_with_a_known_address_makes_nobody_and_tells_its_owner(alice: User, bob: User) -> None:
    sign_up("bob@example.org")
    assert User.objects.count() == 2
    [message] = mail.outbox
    assert message.to == ["bob@example.org"]
    assert "There is an account with it already." in message.body
    assert "/accounts/password/reset/" in message.body
    # The link is used up, as for somebody new.
    assert (Invitation.objects.get().uses, Invitation.objects.get().uses_left) == (1, 0)


@pytest.mark.parametrize("door", DOORS)
def test_the_times_are_printed(alice: User, bob: User, settings: Any, door: str, capsys: Any) -> None:
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    bob.set_password(PASSWORD)
    bob.save()
    ask = DOORS[door][0]
    times: dict[str, list[float]] = {"bob": [], "nobody": []}
    for round_number in range(ROUNDS + 1):
        for name in times:
            cache.clear()
            started = time.perf_counter()
            ask(name if name == "bob" else f"nobody{round_number}")
            times[name].append((time.perf_counter() - started) * 1000)
    known, unknown = (statistics.median(measured[1:]) for measured in times.values())
    with capsys.disabled():
        print(f"\n{door}: known {known:.1f} ms, unknown {unknown:.1f} ms (median of {ROUNDS}, argon2)", end="")
    assert known > 0


def test_with_confirmation_off_signing_up_says_that_an_address_is_taken(alice: User, bob: User, settings: Any) -> None:
    """Whoever signs up is in at once there, so the answer cannot be the same; the setting says so."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    _, text = invitation_create(actor=alice)
    given = {"name": "N", "username": "new", "email": "bob@example.org", "password1": PASSWORD, "language": "en"}
    answer = Client().post(f"/join/{text}/", given)
    assert "This e-mail address is taken." in answer.content.decode()
    assert Invitation.objects.get().uses == 0
