"""Settings of the tutorial's project. DATABASE (a port and a name) and REDIS come from the environment."""

import os

SECRET_KEY = "the tutorial's, for a bench on one machine"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.peers.stock.urls"
ASGI_APPLICATION = "bench.peers.stock.asgi.application"
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.peers.stock.tutorial",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ["POSTGRES_PORT"],
        "NAME": os.environ["POSTGRES_NAME"],
        "USER": "parley",
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 16}},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # Without the time-outs redis-py 8 would drop every idle connection after 5 s.
        "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}]},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
