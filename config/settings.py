"""Settings, from the environment and from `.env` beside manage.py (or ENV_FILE). `.env.example` explains each."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from msgspec.structs import asdict
from redis.backoff import NoBackoff
from redis.retry import Retry
from whitenoise.compress import Compressor

from config import sentinel
from config.environment import Environment
from config.logging import Cause, stayed
from config.strangers import stranger
from realtime.limits import Limits
from realtime.serve import lines

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
Environment.read_env(os.environ.get("ENV_FILE") or BASE_DIR / ".env")

# ---- who we are ---------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `make run` writes one into .env; in production set it to at least 50 random characters."
    )
# Secrets that were in force before: sessions, tokens and second factors made with them stay good.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# The origins pages may come from, scheme and port included: for CSRF and for the socket's handshake.
PORT = env.positive("PORT", default=8000)
ORIGINS: list[str] = env.origins("ORIGINS", default=[f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}"])
CSRF_TRUSTED_ORIGINS = ORIGINS
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Where each process answers by itself: the first one here, the next ones behind it. 0: only at /metrics.
METRICS_PORT = env.int("METRICS_PORT", default=0)
SECURE = any(origin.startswith("https://") for origin in ORIGINS)

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
SITE_NAME = env.str("SITE_NAME", default="Parley")

INSTALLED_APPS = [
    # Before daphne, whose `runserver` it replaces.
    "realtime",
    "daphne",
    # Before django.contrib.auth, whose `changepassword` it replaces.
    "accounts",
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.away.AwayMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.DeviceMiddleware",
    "accounts.middleware.PersonLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.pages.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.pages.site",
                "accounts.context.site",
            ],
        },
    },
]

LOG_FORMAT = env.choice("LOG_FORMAT", default="text", among=lines.FORMATS)
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# A stranger may ask for any host: that is a line, not an ERROR with a traceback.
STRANGERS = {"django.security.DisallowedHost": {"filters": ["stranger"]}}
# The layer logs a traceback a second while Redis is away; the doorbell says it in a line, once.
QUIET = {"channels_redis": {"level": "CRITICAL"}}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "realtime.serve.lines.TextFormatter"},
        "json": {"()": "realtime.serve.lines.JSONFormatter"},
    },
    "filters": {
        "stayed": {"()": lambda: stayed},
        "cause": {"()": Cause},
        "stranger": {"()": lambda: stranger},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", default="INFO", among=LOG_LEVELS)},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "daphne": {"level": "WARNING"},
        "asyncio": {"filters": ["stayed"]},
        "psycopg.pool": {"filters": ["cause"]},
        **STRANGERS,
        **QUIET,
    },
}

# ---- where things are kept ----------------------------------------------------------------------------------------

DATABASE_URL = env.url_of(
    "DATABASE_URL",
    default=f"sqlite:///{BASE_DIR / 'var' / 'parley.sqlite3'}",
    schemes=("sqlite:///", "postgres://", "postgresql://"),
)
REDIS_URL = env.url_of("REDIS_URL", default="", schemes=("redis://", "rediss://", "unix://"))
# Where to ask for the master that REDIS_URL then names.
REDIS_SENTINELS = sentinel.addresses(env.list("REDIS_SENTINELS", default=[]))
REDIS_SENTINEL_PASSWORD = env.str("REDIS_SENTINEL_PASSWORD", default="")


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.db_url_config(DATABASE_URL)
    if database["ENGINE"].endswith("sqlite3"):
        database["CONN_MAX_AGE"] = None
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;",
        }
    else:
        from config.postgres import PatientConnection

        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "pool": {
                "min_size": 1,
                "max_size": env.positive("DATABASE_POOL", default=16),
                "timeout": 3,
                # Or, once PostgreSQL was away for a while, the pool would try again only minutes later.
                "reconnect_timeout": 1,
                "connection_class": PatientConnection,
            },
            "connect_timeout": 3,
            # The last two: what a process that hangs, or has given up and gone, was doing does not keep its locks.
            "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=5000"
            " -c client_connection_check_interval=1000 -c jit=off",
        }
    return database


DATABASES = {"default": _database()}
# The engine's database threads; each holds at most one connection.
DATABASE_THREADS = env.positive("DATABASE_THREADS", default=8)

# redis-py 8 retries ten times by default: against a Redis that does not answer that is most of a minute.
REDIS_SOCKET = {"socket_timeout": 1, "socket_connect_timeout": 1}
if REDIS_URL:
    _CACHE = {"BACKEND": "config.cache.PatientRedisCache", "LOCATION": REDIS_URL}
    _POOL: dict[str, Any] = {"CONNECTION_POOL_KWARGS": {**REDIS_SOCKET, "retry": Retry(NoBackoff(), 1)}}
    _HOST: dict[str, Any] = {"address": REDIS_URL, **REDIS_SOCKET}
    if REDIS_SENTINELS:
        _WHERE = (REDIS_SENTINELS, REDIS_SENTINEL_PASSWORD, REDIS_SOCKET)
        _POOL |= sentinel.cache_options(*_WHERE)
        _HOST = sentinel.layer_host(sentinel.checked(REDIS_URL), *_WHERE)
    CACHES: dict[str, dict[str, Any]] = {
        "default": {**_CACHE, "OPTIONS": _POOL},
        "sessions": {**_CACHE, "OPTIONS": {**_POOL, "SPARE": False}},
    }
    SESSION_CACHE_ALIAS = "sessions"
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "realtime.layer.PubSubLayer",
            "CONFIG": {
                "hosts": [_HOST],
                "prefix": "parley",
            },
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {}
    SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Pictures of people, in whatever the default storage is; handed out by a view that asks who wants them.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- sockets ------------------------------------------------------------------------------------------------------

# Each limit of realtime/limits.py, as LIMIT_<NAME>.
LIMITS = Limits(**env.numbers("LIMIT_", asdict(Limits())))  # type: ignore[arg-type]

# ---- people -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.HandleOrEmailBackend"]
# `handle` is unique through its folded form, `handle_key`.
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",
    # The proxy in front redirects to https; subdomains and preload lists are the site owner's to decide, there too.
    "security.W005",
    "security.W008",
    "security.W021",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["handle", "display_name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Who may become somebody here: by invitation only, anybody, or anybody with an address at SIGNUP_DOMAINS. Invitations
# work in each case.
SIGNUP = env.str("SIGNUP", default="invitation")
SIGNUP_DOMAINS: list[str] = [domain.lower() for domain in env.list("SIGNUP_DOMAINS", default=[])]
MEMBERS_INVITE = env.bool("MEMBERS_INVITE", default=False)
# An address counts once its owner has followed a link sent to it. Without a mail server nobody would get one.
EMAIL_VERIFICATION = env.bool(
    "EMAIL_VERIFICATION", default=bool(env.ENVIRON.get("EMAIL_URL")) or SIGNUP != "invitation"
)
if SIGNUP not in {"invitation", "open", "domain"} or (SIGNUP == "domain") != bool(SIGNUP_DOMAINS):
    raise ImproperlyConfigured("SIGNUP is invitation, open or domain; with domain, and only then, set SIGNUP_DOMAINS.")
if SIGNUP == "domain" and not EMAIL_VERIFICATION:
    raise ImproperlyConfigured("SIGNUP=domain needs EMAIL_VERIFICATION: anybody can type an address of that domain.")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.EmailChangeForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "change_password": "accounts.forms.PasswordChangeForm",
    "reset_password": "accounts.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.forms.PasswordResetKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_VERIFICATION else "none"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
# allauth's own generator copies addresses into a table of its own, which would outlive a change of address.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Off only for load tests: thousands of sign-ins from one address.
SIGN_IN_LIMITS = env.bool("SIGN_IN_LIMITS", default=True)
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if SIGN_IN_LIMITS else False

MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# The step before and after too: a code that is typed slowly, a clock that is a little off. Each is good once.
MFA_TOTP_TOLERANCE = 1
# Where addresses have to be confirmed, nobody signs in before that; where not, there is nothing to wait for.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RATE_LIMITS: dict[str, str] | bool = {"webauthn_login": "60/m/ip"} if SIGN_IN_LIMITS else False
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "activate_totp": "accounts.forms.AuthenticatorAppForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.forms.PasskeySecondForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
    "add_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
}

EMAIL_SCHEMES = ("smtp://", "smtps://", "smtp+tls://", "smtp+ssl://", "consolemail://", "filemail://", "memorymail://")
vars().update(env.email_url_config(env.url_of("EMAIL_URL", default="consolemail://", schemes=EMAIL_SCHEMES)))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="parley@localhost")

# ---- languages ----------------------------------------------------------------------------------------------------

LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# ---- static files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "config.assets.AppFinder",
    "config.assets.ModuleFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.assets.AssetStorage"},
}
# Before `collectstatic` has run, files are served from where they lie, under plain names.
WHITENOISE_USE_FINDERS = DEBUG or not (Path(STATIC_ROOT) / "staticfiles.json").exists()
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are for developers' tools, which can wait; compressing them takes longer than all the rest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
# Bare specifier → file in node_modules (installed by package-lock.json). Our own modules are `parley/…`.
BROWSER_MODULES = {
    "preact": "preact/dist/preact.mjs",
    "preact/hooks": "preact/hooks/dist/hooks.mjs",
    "htm": "htm/dist/htm.mjs",
    "htm/preact": "htm/preact/index.mjs",
    "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
    "@preact/signals": "@preact/signals/dist/signals.mjs",
    "pinyin-match/readings": "pinyin-match/src/traditional_dict.js",
    "emojibase/en": "emojibase-data/en/compact.json",
    "emojibase/zh": "emojibase-data/zh/compact.json",
    "emojibase/github": "emojibase-data/en/shortcodes/github.json",
}

# ---- cookies and headers ------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
# Whether a request came over https, as the proxy tells; without a proxy of ours anybody could say so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# ---- the API ------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["realtime.rest.StructRenderer"],
    "DEFAULT_PARSER_CLASSES": ["realtime.rest.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.auth.BearerAuthentication",
        "accounts.auth.DeviceSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["realtime.throttles.AddressThrottle", "realtime.throttles.PersonThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "address": env.rate("API_RATE_ADDRESS", default="120/min"),
        "person": env.rate("API_RATE_PERSON", default="1200/min"),
        "send": env.rate("API_RATE_SEND", default="300/min"),
        "ticket": env.rate("API_RATE_TICKET", default="60/min"),
        "sign_in": "30/min" if SIGN_IN_LIMITS else None,
        "invitation": env.rate("API_RATE_INVITATION", default="60/hour"),
        "picture": "20/min",
    },
    "EXCEPTION_HANDLER": "realtime.rest.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Parley",
    "DESCRIPTION": "Everything the web client does over HTTP, for programs. The same services answer the socket.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_PATCH": False,
    "EXTENSIONS_INFO": {},
    "POSTPROCESSING_HOOKS": ["realtime.openapi.add_errors"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}
