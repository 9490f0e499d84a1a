from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import chat.receivers  # noqa: F401  (they connect themselves)
        import realtime.openapi  # noqa: F401  (structs become OpenAPI components)

        post_migrate.connect(_ensure_epoch, sender=self)


def _ensure_epoch(**kwargs: Any) -> None:
    from chat.services.epoch import epoch_ensure

    epoch_ensure()
