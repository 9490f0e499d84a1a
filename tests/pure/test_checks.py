"""`check --deploy` names settings that do not go together."""

from typing import Any

import pytest
from django.core import checks
from django.test import override_settings

DEPLOYED = {
    "SECURE": True,
    "TRUSTED_PROXIES": 1,
    "ORIGINS": ["https://chat.example.org"],
    "ALLOWED_HOSTS": ["chat.example.org"],
}


def found(**values: Any) -> dict[str, str]:
    with override_settings(**{**DEPLOYED, **values}):
        messages = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return {message.id: message.msg for message in messages if str(message.id).startswith("parley.")}


def test_https_without_a_proxy_is_named() -> None:
    assert found() == {}
    assert "TRUSTED_PROXIES is 0" in found(TRUSTED_PROXIES=0)["parley.W001"]
    assert found(TRUSTED_PROXIES=0, SECURE=False) == {}, "on a laptop nobody stands in front"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://Chat.example.org:8443", ["chat.example.org"]),
        ("https://chat.example.org", [".example.org"]),
        ("http://[::1]:8000", ["[::1]"]),
        ("https://chat.example.org", ["*"]),
    ],
)
def test_an_origin_that_may_be_asked_for_is_fine(origin: str, allowed: list[str]) -> None:
    assert found(ORIGINS=[origin], ALLOWED_HOSTS=allowed) == {}


def test_an_origin_that_nobody_may_ask_for_is_named() -> None:
    origins = ["https://chat.example.org", "https://talk.example.org"]
    assert "https://talk.example.org is in ORIGINS" in found(ORIGINS=origins)["parley.W002"]
