"""The app."""

from django.apps import AppConfig


class TutorialConfig(AppConfig):
    """The tutorial's chat."""

    name = "bench.peers.stock.tutorial"
    label = "tutorial"
