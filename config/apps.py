"""Django's admin, with a site of ours; and the checks of what `config` puts together."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "config.admin.Site"

    def ready(self) -> None:
        super().ready()
        from config import checks  # noqa: F401  it registers them
