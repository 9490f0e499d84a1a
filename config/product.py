"""The product, handed to the engine as callables; and this process's engine."""

from channels.layers import get_channel_layer
from django.conf import settings

from accounts import auth
from chat.commands import VERBS
from chat.selectors import log
from chat.services import here
from config.housekeeping import keep_house
from realtime import census
from realtime.door import Door
from realtime.engine import Config, Engine
from realtime.presence import RedisStore
from realtime.product import Identity, Product


def topics(identity: Identity) -> dict[str, int]:
    """The topics this person may be in now. Raises Refused if her device has ended since she was identified."""
    if identity.device:
        auth.confirm(identity)
    return log.topics(identity)


PRODUCT = Product(
    authenticate=auth.authenticate,
    topics=topics,
    greeting=log.greeting,
    replay=log.replay,
    heads=log.heads,
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
        here.install(_engine.presence.online)
        count = census.Census(_engine.hub, _engine.presence, census.Board() if redis else None)
        count.start()
        census.install(count)
        _engine.hub.spawn(keep_house(_engine.pool))
    return _engine
