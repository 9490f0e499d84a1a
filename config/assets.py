"""Where static files come from: ours, and the few browser modules of node_modules that the import map names."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class AppFinder(AppDirectoriesFinder):
    """What the installed apps bring, but for what no page of ours asks for: a second viewer of the API's schema."""

    def list(self, ignore_patterns: Any) -> Any:
        return super().list([*(ignore_patterns or []), "redoc"])


class ModuleFinder(BaseFinder):
    """Finds `vendor/<path in node_modules>` for `settings.BROWSER_MODULES` and their source maps, and nothing else."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.BASE_DIR / "node_modules")
        self.storage.prefix = "vendor"  # type: ignore[attr-defined]
        self.paths = [
            path
            for module in settings.BROWSER_MODULES.values()
            for path in (module, f"{module}.map")
            if self.storage.exists(path)
        ]
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        inner = path.removeprefix("vendor/")
        if inner == path or inner not in self.paths:
            return []
        found = self.storage.path(inner)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in self.paths:
            yield path, self.storage


class AssetStorage(CompressedManifestStaticFilesStorage):
    """Hashed names where `collectstatic` has run; plain ones before (a fresh clone, tests, `DEBUG`)."""

    def stored_name(self, name: str) -> str:
        if not self.hashed_files:
            return str(self.clean_name(name))
        return str(super().stored_name(name))
