"""Settings for Redis behind Sentinels."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import sentinel

QUOTED = "a%2Fb"
SOCKET = {"socket_timeout": 1}
SENTINELS = [("10.0.0.1", 26379), ("fd00::1", 26380)]


def test_sentinels_are_addresses_with_a_port() -> None:
    assert sentinel.addresses(["10.0.0.1:26379", "fd00::1:26380"]) == SENTINELS
    for wrong in ("10.0.0.1", ":26379", "10.0.0.1:", "10.0.0.1:redis"):
        with pytest.raises(ImproperlyConfigured, match="REDIS_SENTINELS"):
            sentinel.addresses([wrong])


@pytest.mark.parametrize("wrong", ["rediss://parley/0", "redis://parley:6379/0", "unix:///run/redis", "redis:///0"])
def test_the_url_names_a_master_and_no_place(wrong: str) -> None:
    assert sentinel.checked("redis://parley/0") == "redis://parley/0"
    with pytest.raises(ImproperlyConfigured, match="MASTER-NAME") as refused:
        sentinel.checked(wrong)
    assert wrong not in str(refused.value)


def test_the_layer_and_the_cache_are_told_the_same() -> None:
    host = sentinel.layer_host(f"redis://me:{QUOTED}@parley/3", SENTINELS, "watch", SOCKET)
    assert {name: host[name] for name in ("master_name", "sentinels", "db", "username", "password")} == {
        "master_name": "parley",
        "sentinels": SENTINELS,
        "db": 3,
        "username": "me",
        "password": "a/b",
    }
    assert host["socket_timeout"] == 1
    assert host["sentinel_kwargs"]["password"] == "watch"
    options = sentinel.cache_options(SENTINELS, "", SOCKET)
    assert options["SENTINELS"] == SENTINELS
    assert options["SENTINEL_KWARGS"]["password"] is None
    assert sentinel.layer_host("redis://parley", SENTINELS, "", SOCKET)["db"] == 0
