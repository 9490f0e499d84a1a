"""The product, handed to the engine as callables; and this process's engine."""

from collections.abc import Sequence
from functools import partial

from channels.layers import get_channel_layer
from django.conf import settings

from accounts import auth
from chat.commands import VERBS
from chat.selectors import log
from chat.selectors.recent import Recent
from chat.services import here
from chat.services.epoch import epoch_renew_once
from config import health
from config.housekeeping import keep_house
from realtime import census, exposition
from realtime.door import Door
from realtime.engine import Config, Engine
from realtime.presence import RedisStore
from realtime.product import Identity, Product, Refused


def topics(identities: Sequence[Identity]) -> list[dict[str, int] | Refused]:
    """The topics these people may be in now; Refused for whose device has ended since it was identified."""
    refused = auth.refusals([identity for identity in identities if identity.device])
    found = zip(identities, log.topics(identities), strict=True)
    return [refused.get(identity.device, allowed) for identity, allowed in found]


PRODUCT = Product(
    authenticate=auth.authenticate,
    topics=topics,
    greetings=log.greetings,
    replays=partial(log.replays, recent=Recent()),
    heads=log.heads,
    renew=epoch_renew_once,
    standing=log.standing,
    may_watch=log.may_watch,
    may_speak=log.may_speak,
    verbs=VERBS,
)

CONFIG = Config(
    limits=settings.LIMITS,
    door=Door(
        origins=frozenset(settings.ORIGINS),
        hosts=tuple(settings.ALLOWED_HOSTS),
        secure=settings.SECURE,
        session_cookie=settings.SESSION_COOKIE_NAME,
        trusted_proxies=settings.TRUSTED_PROXIES,
    ),
    threads=settings.DATABASE_THREADS,
)

_engine: Engine | None = None


def engine() -> Engine:
    """The process's engine, made on the server's loop when the first request comes (Daphne has no lifespan)."""
    global _engine
    if _engine is None:
        redis = bool(settings.REDIS_URL)
        layer, store = (get_channel_layer(), RedisStore()) if redis else (None, None)
        _engine = Engine(PRODUCT, CONFIG, layer=layer, store=store)
        _engine.start()
        if settings.METRICS_PORT:
            exposition.open_at(settings.METRICS_PORT, health.EVERYTHING)
        here.install(_engine.presence.online)
        count = census.Census(_engine.hub, _engine.presence, census.Board() if redis else None)
        count.start()
        census.install(count)
        _engine.hub.spawn(keep_house(_engine.pool))
    return _engine
