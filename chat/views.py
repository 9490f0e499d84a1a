"""The chat frame: one page for every address in it; the rest happens in the browser's modules."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control

from accounts import payloads

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
P = ParamSpec("P")
T = TypeVar("T")
_IMPORT = re.compile(r'(?:^|[;}\s])(?:import|export)\b[^"\'();]*["\']([^"\']+)["\']')


def _kept(read: Callable[P, T]) -> Callable[P, T]:
    """What follows from the browser's modules, once in a process; with DEBUG each time, as somebody works on them."""
    remembered: Any = cache(read)

    @wraps(read)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        found: T = (read if settings.DEBUG else remembered)(*args, **kwargs)
        return found

    return answer


@login_required
@cache_control(private=True, no_store=True)
def frame(request: HttpRequest, **_where: object) -> HttpResponse:
    """The shell. The browser reads from the address what is asked for; whether it exists it asks the API."""
    language = "zh-hans" if get_language() == "zh-hans" else "en"
    user: Any = request.user
    return render(
        request,
        "chat/frame.html",
        {
            "importmap": _importmap(),
            "preload": _preload(language),
            "bootstrap": {
                "me": msgspec.to_builtins(payloads.me(user)),
                "site": settings.SITE_NAME,
                "language": language,
                "languages": [list(pair) for pair in settings.LANGUAGES],
                "version": _version(),
                "staff": user.is_staff,
            },
        },
    )


def styles(request: HttpRequest) -> HttpResponse:
    """Every component in every state and theme, of made-up people; only with DEBUG, where one works on it."""
    if not settings.DEBUG:
        raise Http404
    language = request.GET.get("language", "en")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        return render(
            request,
            "chat/styles.html",
            {
                "importmap": _importmap(),
                "bootstrap": {
                    "language": language,
                    "languages": [list(pair) for pair in settings.LANGUAGES],
                    "density": "compact" if "compact" in request.GET else "cozy",
                },
            },
        )


def join(request: HttpRequest) -> HttpResponseBase:
    """Where links into rooms lead. The token stands behind the #: no server is told it, and nothing depends on it."""
    if request.user.is_authenticated:
        return frame(request)
    return render(request, "chat/invited.html")


@_kept
def _modules() -> dict[str, str]:
    """Bare specifier → static file, for the import map: browsers resolve `parley/…` like any other package, so the
    hashed names of production need no rewriting of the sources."""
    vendor = {name: f"vendor/{path}" for name, path in settings.BROWSER_MODULES.items()}
    ours = sorted(path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*.js"))
    return vendor | {f"parley/{name}": f"js/{name}" for name in ours}


# Two hundred addresses with those below: to look them all up was half of what a page cost.
@_kept
def _importmap() -> str:
    return json.dumps({"imports": {name: static(path) for name, path in _modules().items()}})


@_kept
def _preload(language: str) -> list[str]:
    """The addresses of what the first page needs: all that is imported by name from the beginning on. The rest loads
    when it is used."""
    modules = _modules()
    return [
        static(modules[name])
        for name in _graph("parley/app.js", "parley/views/frame.js", f"parley/locale/{language}.js")
    ]


def _graph(*entries: str) -> list[str]:
    """These modules and all that they import before they run."""
    modules = _modules()
    found: dict[str, None] = {}
    open_ends = list(entries)
    while open_ends:
        name = open_ends.pop()
        if name not in modules or name in found:
            continue
        found[name] = None
        file = settings.BASE_DIR / (
            f"static/{modules[name]}"
            if name.startswith("parley/")
            else f"node_modules/{settings.BROWSER_MODULES[name]}"
        )
        open_ends += _IMPORT.findall(file.read_text())
    return sorted(found)


@cache
def _version() -> str:
    """Which client this is: what another client kept on disk is dropped, cursors included."""
    digest = hashlib.sha256()
    for path in sorted(SCRIPTS.rglob("*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
