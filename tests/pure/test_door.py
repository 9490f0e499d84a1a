"""Handshakes: origins, credentials, addresses."""

from typing import Any

import pytest

from realtime.door import Door, subprotocol

DOOR = Door(origins=frozenset({"https://chat.example.org", "http://localhost:8000"}), session_cookie="sid")


def scope(client: str = "10.0.0.1", **headers: str) -> dict[str, Any]:
    return {
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": [client, 50000],
    }


@pytest.mark.parametrize("origin", ["https://chat.example.org", "http://localhost:8000"])
def test_our_own_pages_are_let_in(origin: str) -> None:
    assert DOOR.lets_in(scope(origin=origin, cookie="sid=abc"))


@pytest.mark.parametrize(
    "origin",
    [
        *("http://chat.example.org", "https://chat.example.org:8443", "https://chat.example.org.evil.net"),
        *("https://evil.net", "https://sub.chat.example.org", "http://localhost", "http://localhost:8001"),
        *("null", "", "https://chat.example.org/", "https://CHAT.example.org"),
    ],
)
def test_another_origin_is_refused_also_with_a_session_or_a_token(origin: str) -> None:
    for proof in ({}, {"cookie": "sid=abc"}, {"authorization": "Bearer abc"}):
        assert not DOOR.lets_in(scope(origin=origin, **proof))


def test_without_an_origin_only_what_is_no_browser_comes_in() -> None:
    assert not DOOR.lets_in(scope(cookie="sid=abc"))
    assert DOOR.lets_in(scope(authorization="Bearer abc"))
    assert DOOR.lets_in(scope(authorization="Bearer abc", cookie="sid=abc"))
    assert DOOR.lets_in(scope())


@pytest.mark.parametrize(
    ("secure", "origin", "host", "good"),
    [
        (False, "http://localhost:9000", "localhost:9000", True),
        (False, "http://[::1]:9000", "[::1]:9000", True),
        (True, "https://localhost", "localhost", True),
        (True, "http://localhost", "localhost", False),
        (False, "http://localhost:9000", "localhost:9001", False),
        (False, "http://evil.net", "evil.net", False),
        (False, "null", "localhost", False),
    ],
)
def test_without_configured_origins_it_is_the_very_host_that_was_called(
    secure: bool, origin: str, host: str, good: bool
) -> None:
    door = Door(hosts=("localhost", "[::1]"), secure=secure)
    assert door.lets_in(scope(origin=origin, host=host)) is good


def test_a_ticket_wins_over_a_token_and_a_token_over_the_session() -> None:
    all_three = scope(authorization="bearer tok", cookie="sid=abc")
    assert DOOR.credentials(all_three, "tick").ticket == "tick"
    token = DOOR.credentials(all_three, None)
    assert (token.ticket, token.bearer, token.session) == (None, "tok", None)
    session = DOOR.credentials(scope(cookie="sid=abc"), None)
    assert (session.bearer, session.session) == (None, "abc")
    assert DOOR.credentials(scope(authorization="Basic abc"), None).bearer is None
    assert not DOOR.offers_identity(scope(authorization="Bearer"))


@pytest.mark.parametrize(
    "cookies", ['theme={"dark": true}; sid=abc', "a=b=c; sid=abc; x", "日=本; sid=abc", 'q="un; sid=abc', "[]; sid=abc"]
)
def test_strange_cookies_of_others_do_not_hide_ours(cookies: str) -> None:
    assert DOOR.credentials(scope(cookie=cookies), None).session == "abc"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_is_counted_from_the_right(proxies: int, forwarded: str, address: str) -> None:
    door = Door(trusted_proxies=proxies)
    assert door.address(scope(x_forwarded_for=forwarded)) == address


def test_our_subprotocol_is_chosen_and_others_are_not() -> None:
    assert subprotocol({"subprotocols": ["other", "parley.v1.json"]}) == ("parley.v1.json", True)
    assert subprotocol({"subprotocols": ["parley.v1.msgpack"]}) == ("parley.v1.msgpack", True)
    both = ["parley.v1.msgpack", "parley.v1.json"]
    assert subprotocol({"subprotocols": both}) == (both[0], True)
    assert subprotocol({"subprotocols": both[::-1]}) == (both[1], True), "the client's own order counts"
    assert subprotocol({"subprotocols": ["parley.v9"]}) == (None, False)
    assert subprotocol({"subprotocols": []}) == (None, True)
