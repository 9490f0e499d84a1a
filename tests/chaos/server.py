"""The product's settings for the servers under test: the product as it is, with an eye inside (tests/chaos/insight.py)
and, if PARLEY_PLANTED names one, a bug (tests/chaos/planted.py). No product code knows of either."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.insight.Insight"]
