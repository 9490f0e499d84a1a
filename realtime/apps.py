from importlib import import_module

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        import_module("realtime.openapi")  # makes structs known to the schema's generator
