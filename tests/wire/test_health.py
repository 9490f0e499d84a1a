"""What a process says about itself to those who watch it."""

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

import pytest
from django.db import connection

from tests.servers import Daphne, Redis, eventually
from tests.wire.proxied import Proxied
from tests.world import World


def status(process: Daphne, path: str, **headers: str) -> int:
    """Like `process.get`, with headers."""
    request = urllib.request.Request(process.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_every_process_is_alive_and_ready(world: World) -> None:
    for process in world.processes:
        assert process.get("/healthz") == (200, '{"status": "ok"}')
        code, text = process.get("/readyz")
        assert code == 200
        redis = True if world.name == "production" else None
        assert json.loads(text) == {"status": "ok", "database": True, "redis": redis, "draining": False}


def test_metrics_are_for_this_machine_and_never_through_a_proxy(world: World) -> None:
    code, text = world.a.get("/metrics")
    assert code == 200
    assert "parley_sockets " in text
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        assert status(world.a, "/metrics", **{header: "127.0.0.1"}) == 404, header
    assert status(world.a, "/metrics", Authorization="Bearer guessed") == 200, "the token counts only where one is set"


def test_behind_a_proxy_only_the_token_opens_metrics(
    world: World, server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    more = {"TRUSTED_PROXIES": "1", "METRICS_TOKEN": "a-token-for-tests"}
    process = Daphne(tmp_path_factory.mktemp("proxied"), environment=server_environment | more)
    process.start()
    try:
        assert status(process, "/metrics", Authorization="Bearer a-token-for-tests") == 200
        assert status(process, "/metrics", Authorization="Bearer another") == 404
        assert status(process, "/metrics") == 404
    finally:
        process.stop()


def test_without_its_database_a_process_is_alive_but_not_ready(
    server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    nowhere = {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    process = Daphne(tmp_path_factory.mktemp("lost"), environment=server_environment | nowhere)
    process.start(wait=False)
    try:
        eventually(lambda: _listens(process), within=30)
        assert process.get("/healthz")[0] == 200
        code, text = process.get("/readyz")
        assert code == 503
        assert json.loads(text)["status"] == "unavailable"
        assert "sqlite" not in text
    finally:
        process.stop()


@pytest.mark.sqlite
def test_without_its_tables_a_process_is_not_ready_and_says_what_to_do_once(
    server_environment: dict[str, str], tmp_path: Path
) -> None:
    process = Daphne(tmp_path, environment=server_environment, plain=True)
    process.environment["DATABASE_URL"] = f"sqlite:///{tmp_path}/empty.sqlite3"
    process.start(wait=False)
    try:
        eventually(lambda: _listens(process), within=30)
        for _ in range(3):
            code, text = process.get("/readyz")
            assert code == 503
            assert json.loads(text) == {
                "status": "unavailable",
                "database": True,
                "migrations": "missing",
                "redis": None,
                "draining": False,
            }
        assert process.log.count("run `manage.py migrate`") == 1
    finally:
        process.stop()


@pytest.mark.production
def test_without_redis_a_process_is_ready_and_says_so(
    server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("doorbell")
    redis = Redis(folder / "redis")
    redis.start()
    process = Daphne(folder / "daphne", environment=server_environment | {"REDIS_URL": redis.url})
    process.start()
    try:
        assert json.loads(process.get("/readyz")[1])["status"] == "ok"
        redis.kill()
        eventually(lambda: json.loads(process.get("/readyz")[1])["status"] == "degraded", within=10)
        assert process.get("/readyz")[0] == 200
        redis.start()
        eventually(lambda: json.loads(process.get("/readyz")[1])["status"] == "ok", within=15)
    finally:
        process.stop()
        redis.stop()


@pytest.mark.production
def test_with_postgres_away_it_answers_at_once_and_the_log_is_short(
    server_environment: dict[str, str], tmp_path: Path
) -> None:
    database = connection.settings_dict
    proxied = Proxied(int(database["PORT"]))
    url = f"postgres://{database['USER']}@127.0.0.1:{proxied.port}/{database['NAME']}"
    process = Daphne(tmp_path, environment=server_environment | {"DATABASE_URL": url})
    process.start()
    begins = len(process.log)
    try:
        proxied.do(lambda proxy: proxy.refuse())
        eventually(lambda: "the database is away for reading" in process.log, within=15)
        took = []
        for _ in range(5):
            began = time.monotonic()
            code, text = process.get("/readyz")
            took.append(time.monotonic() - began)
            assert (code, json.loads(text)["database"]) == (503, False)
            time.sleep(1)
        assert median(took) < 0.5, took
        lines = process.log[begins:].splitlines()
        assert len([line for line in lines if "psycopg.pool" in line]) <= 1, lines
        assert len(lines) <= 3, lines
        proxied.do(lambda proxy: proxy.heal())
        eventually(lambda: process.get("/readyz")[0] == 200, within=15)
    finally:
        process.stop()
        proxied.stop()


def _listens(process: Daphne) -> bool:
    try:
        return process.get("/healthz")[0] == 200
    except OSError:
        return False
