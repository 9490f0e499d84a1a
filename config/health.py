"""How this process is: `/healthz` (restart me?), `/readyz` (send me people?), `/metrics` (Prometheus)."""

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realtime import deadline, engine, hub, schema
from realtime.metrics import TALLY

logger = logging.getLogger(__name__)

DATABASE_TIMEOUT_S = 3.0
SAYS = {
    "repairs": "Reads of what no doorbell brought.",
    "resets": "Topics begun anew, because their log could not be followed.",
    "checks": "Comparisons of what was delivered with what is stored.",
    "deliveries": "Durable frames handed to sockets.",
    "bytes": "Bytes written to sockets.",
    "deafnesses": "Times the subscription was dead while publishing worked.",
}
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

# Migrations that were never applied; empty before anybody has looked, None once all are there.
_lacking: list[str] | None = []
# A thread of its own: a database that hangs costs one thread, not the pool that people wait for.
_probe = ThreadPoolExecutor(1, thread_name_prefix="readyz")


@never_cache
@require_safe
async def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the loop turns, whatever else is away: a restart would not bring it back."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
async def readyz(request: HttpRequest) -> HttpResponse:
    """200 `ok` or `degraded` (Redis away: people are served, across processes a second later), 503 `unavailable`.

    503 only without database or its tables, or while draining. At once while the engine knows that the database is
    away, else within `DATABASE_TIMEOUT_S`.
    """
    here = hub.current()
    draining = here is not None and here.draining
    doorbell = here is None or here.layer_ok
    database = await _database_answers()
    # As long as the database does not answer, nobody knows.
    migrated = not (database and _lacking)
    status = "unavailable" if draining or not database or not migrated else "ok" if doorbell else "degraded"
    answer = JsonResponse(
        {
            "status": status,
            "database": database,
            **({} if migrated else {"migrations": "missing"}),
            "redis": doorbell if settings.REDIS_URL else None,
            "draining": draining,
        },
        status=HTTPStatus.SERVICE_UNAVAILABLE if status == "unavailable" else HTTPStatus.OK,
    )
    # Django would log each 503 as an error; what is away has been said once.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """This process's numbers, to METRICS_TOKEN as a bearer or to this machine. Nobody else learns that they exist."""
    if not _may_read_metrics(request):
        raise Http404
    return HttpResponse(generate_latest(EVERYTHING), content_type=CONTENT_TYPE_LATEST)


async def _database_answers() -> bool:
    here = engine.current()
    if here is not None and here.pool.reading.open:
        return False
    ask = asyncio.get_running_loop().run_in_executor(_probe, _select_one)
    done, _ = await asyncio.wait({ask}, timeout=DATABASE_TIMEOUT_S)
    return bool(done) and ask.result()


def _select_one() -> bool:
    try:
        with deadline.within(DATABASE_TIMEOUT_S), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            answered = cursor.fetchone() is not None
            if _lacking is not None:
                _look_at_tables()
            return answered
    except Error:
        return False
    finally:
        connection.close()


def _look_at_tables() -> None:
    """What the database lacks, until it lacks nothing; said once. Raises Error."""
    global _lacking
    lacks = schema.missing()
    if lacks and not _lacking:
        logger.error(schema.sentence(lacks))
    _lacking = lacks or None


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy everybody comes from this machine, so there only the token counts.
    if settings.TRUSTED_PROXIES or any(request.META.get(name) for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False


class EngineCollector(Collector):
    """What the engine knows without counting, read when Prometheus asks. On whatever thread: it only looks."""

    def collect(self) -> Iterator[Metric]:
        here = engine.current()
        if here is None:
            return
        yield from self._gauges(here)
        yield from self._by_label(here)
        for name, value in {**here.hub.stats, "deliveries": TALLY.deliveries, "bytes": TALLY.bytes}.items():
            yield CounterMetricFamily(f"parley_{name}", SAYS[name], value=value)
        if here.hub.doorbell is not None:
            yield CounterMetricFamily("parley_deafnesses", SAYS["deafnesses"], value=here.hub.doorbell.deafnesses)

    def _gauges(self, here: engine.Engine) -> Iterator[Metric]:
        hub, connections = here.hub, list(here.connections)
        gauges = {
            "sockets": ("Sockets past their hello.", len(hub.sockets())),
            "sockets_unidentified": ("Sockets that have not proved who they are.", len(here.lobby)),
            "people": ("People connected to this process.", len(hub.people)),
            "topics": ("Topics this process serves.", len(hub.topics)),
            "pending_bytes": (
                "Bytes that readers have not taken yet.",
                sum(connection.transport.pending for connection in connections),
            ),
            "database_calls": ("Calls of the database that run or wait for a thread.", here.pool.under_way),
            "doorbell_up": ("1 while the channel layer works and is heard.", int(hub.layer_ok)),
            "draining": ("1 while sockets are sent away.", int(hub.draining)),
        }
        for name, (says, value) in gauges.items():
            yield GaugeMetricFamily(f"parley_{name}", says, value=value)

    def _by_label(self, here: engine.Engine) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "parley_database_up", "0 while calls fail at once (the breaker is open).", labels=["calls"]
        )
        for calls, breaker in (("reading", here.pool.reading), ("writing", here.pool.writing)):
            up.add_metric([calls], int(not breaker.open))
        yield up
        waiting = GaugeMetricFamily("parley_batch_waiting", "Commands that wait for their batch.", labels=["command"])
        for name, batcher in here.batchers.items():
            waiting.add_metric([name], batcher.waiting)
        yield waiting


REGISTRY.register(EngineCollector())
# All there is to be told, the process's own figures included.
EVERYTHING: CollectorRegistry = REGISTRY
