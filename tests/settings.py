"""The product's settings as the tests run them: nothing of a developer's .env, and passwords that are cheap to hash.

Without DATABASE_URL the tests run on SQLite, in a file as in real life (an in-memory database locks differently).
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="parley-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("SECRET_KEY", "tests" * 12)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_folder}/parley.sqlite3")
os.environ["STATIC_ROOT"] = _folder
os.environ["DEBUG"] = "off"
for name, value in {"REDIS_URL": "", "ORIGINS": "http://testserver", "LANGUAGE_CODE": "en", "TIME_ZONE": "UTC"}.items():
    os.environ.setdefault(name, value)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, PASSWORD_HASHERS  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"] + ".test"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

# Or each client of a test would look at every static file when it is made.
WHITENOISE_AUTOREFRESH = True
