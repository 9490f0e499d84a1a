"""A setting that cannot be right is refused in a sentence that names it."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from tests.servers import ROOT, Daphne


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    environment = Environment()
    monkeypatch.setattr(Environment, "ENVIRON", {})
    return environment


def test_a_wrong_number_names_its_setting(env: Environment) -> None:
    env.ENVIRON["TRUSTED_PROXIES"] = "1"
    assert env.int("TRUSTED_PROXIES", default=0) == 1
    env.ENVIRON["TRUSTED_PROXIES"] = "x"
    with pytest.raises(ImproperlyConfigured, match=r"^TRUSTED_PROXIES must be a whole number, not 'x'"):
        env.int("TRUSTED_PROXIES", default=0)


def test_neither_on_nor_off_is_refused(env: Environment) -> None:
    env.ENVIRON["DEBUG"] = "on"
    assert env.bool("DEBUG", default=False) is True
    env.ENVIRON["DEBUG"] = "maybe"
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG must be on or off"):
        env.bool("DEBUG", default=False)


@pytest.mark.parametrize("origin", ["chat.example.org", "https://chat.example.org/", "https://*.example.org", "null"])
def test_an_origin_is_exact(env: Environment, origin: str) -> None:
    env.ENVIRON["ORIGINS"] = "https://chat.example.org,http://localhost:8000"
    assert env.origins("ORIGINS", default=[]) == ["https://chat.example.org", "http://localhost:8000"]
    env.ENVIRON["ORIGINS"] = origin
    with pytest.raises(ImproperlyConfigured, match=r"^ORIGINS must be like"):
        env.origins("ORIGINS", default=[])


def test_a_wrong_address_is_refused_without_repeating_its_password(env: Environment) -> None:
    env.ENVIRON["DATABASE_URL"] = "mysql://parley:{}@db/parley".format("hunter2")
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL must begin with postgres://") as refusal:
        env.url_of("DATABASE_URL", default="", schemes=("postgres://",))
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("rate", ["lots", "5", "0/min", "5/fortnight", "-1/s"])
def test_a_rate_is_so_many_in_a_unit_of_time(env: Environment, rate: str) -> None:
    assert env.rate("API_RATE_SEND", default="300/min") == "300/min"
    env.ENVIRON["API_RATE_SEND"] = rate
    with pytest.raises(ImproperlyConfigured, match=r"^API_RATE_SEND must be like 120/min"):
        env.rate("API_RATE_SEND", default="300/min")


def test_a_limit_that_does_not_exist_or_is_not_above_zero_is_refused(env: Environment) -> None:
    env.ENVIRON["LIMIT_HELLO_WITHIN_S"] = "2.5"
    assert env.numbers("LIMIT_", {"hello_within_s": 10, "violations": 3}) == {"hello_within_s": 2.5}
    env.ENVIRON["LIMIT_VIOLATIONS"] = "0"
    with pytest.raises(ImproperlyConfigured, match=r"^LIMIT_VIOLATIONS must be above zero"):
        env.numbers("LIMIT_", {"hello_within_s": 10, "violations": 3})
    del env.ENVIRON["LIMIT_VIOLATIONS"]
    env.ENVIRON["LIMIT_FOO"] = "3"
    with pytest.raises(ImproperlyConfigured, match=r"^LIMIT_FOO is not a limit"):
        env.numbers("LIMIT_", {"hello_within_s": 10, "violations": 3})


def test_a_word_is_one_of_those_that_mean_something(env: Environment) -> None:
    assert env.choice("LOG_FORMAT", default="text", among=("text", "json")) == "text"
    env.ENVIRON["LOG_FORMAT"] = "xml"
    with pytest.raises(ImproperlyConfigured, match=r"^LOG_FORMAT must be one of text, json"):
        env.choice("LOG_FORMAT", default="text", among=("text", "json"))


def test_an_address_that_is_set_and_empty_is_not_set(env: Environment) -> None:
    env.ENVIRON["DATABASE_URL"] = ""
    assert env.url_of("DATABASE_URL", default="sqlite:///here", schemes=("sqlite:///",)) == "sqlite:///here"


SAYS = """
import os
from config import settings
print(settings.SITE_NAME, settings.TIME_ZONE, "SITE_NAME" in os.environ)
"""


def said(surroundings: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", SAYS], cwd=ROOT, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_file_fills_in_what_the_environment_does_not_say_and_goes_no_further(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("SITE_NAME=Agora\nTIME_ZONE=Asia/Shanghai\n")
    server = Daphne(tmp_path, environment={"SECRET_KEY": "x", "TIME_ZONE": "UTC"})
    assert said(server.surroundings) == "Parley UTC False", "servers under test read nobody's file"
    # Or a process that replaces another (SIGHUP) would have the old one's settings.
    assert said(server.surroundings | {"ENV_FILE": str(tmp_path / "env")}) == "Agora UTC False"
