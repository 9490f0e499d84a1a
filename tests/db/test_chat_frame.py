"""The page that carries the chat: who gets it, what it may load, and that all it names is there."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client, override_settings

from accounts.models import User
from chat import views
from config.assets import AssetStorage
from tests.accounts import sign_in
from tests.static import collected

pytestmark = pytest.mark.django_db

ADDRESSES = ("/", "/rooms/7/", "/rooms/7/12/", "/browse/", "/people/", "/people/7/")


def policy(answer: object) -> dict[str, str]:
    header: str = answer["Content-Security-Policy"]  # type: ignore[index]
    return dict(part.split(" ", 1) for part in header.split("; "))


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_of_the_chat_is_one_page_for_people_only(bob: User, address: str) -> None:
    answer = sign_in(bob).get(address)
    assert answer.status_code == 200
    assert set(answer["Cache-Control"].split(", ")) == {"private", "no-store"}
    stranger = Client().get(address)
    assert (stranger.status_code, stranger["Location"]) == (302, f"/accounts/login/?next={address}")


def test_where_a_link_leads_is_a_page_for_everybody_and_the_same_for_every_link(bob: User) -> None:
    assert 'id="app"' in sign_in(bob).get("/rooms/join/").content.decode()
    answer = Client().get("/rooms/join/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "/accounts/login/?next=/rooms/join/" in page
    assert finders.find("chat/invited.js")
    assert "nonce" not in policy(answer)["script-src"]


def test_the_only_inline_script_is_the_import_map_with_this_answers_nonce(bob: User) -> None:
    client = sign_in(bob)
    nonces = set()
    for _again in range(2):
        answer = client.get("/")
        scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.content.decode(), re.DOTALL)
        run = [
            (attributes, body) for attributes, body in scripts if "application/json" not in attributes and body.strip()
        ]
        assert len(run) == 1
        assert 'type="importmap"' in run[0][0]
        nonce = re.search(r'nonce="([\w-]+)"', run[0][0])
        assert nonce is not None
        assert policy(answer)["script-src"] == f"'self' 'nonce-{nonce[1]}'"
        nonces.add(nonce[1])
    assert len(nonces) == 2


def test_nothing_is_allowed_from_elsewhere_on_any_page(bob: User) -> None:
    for answer in (sign_in(bob).get("/"), Client().get("/accounts/login/"), Client().get("/no/such/page")):
        rules = policy(answer)
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "nonce" not in rules["script-src"] or answer.status_code == 200
        for sources in rules.values():
            assert not re.search(r"https?:|\*", sources)


@pytest.mark.parametrize("debug", [False, True])
def test_the_modules_are_looked_up_once_in_a_process_and_each_time_with_debug(
    bob: User, debug: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def noted(path: str) -> str:
        asked.append(path)
        return static(path)

    client = sign_in(bob)
    with override_settings(DEBUG=debug):
        first = client.get("/").content.decode()
        monkeypatch.setattr(views, "static", noted)
        second = client.get("/").content.decode()
    assert second.count("modulepreload") == first.count("modulepreload") > 0
    assert bool(asked) == debug


def test_the_import_map_names_every_module_and_each_is_there(bob: User) -> None:
    page = sign_in(bob).get("/").content.decode()
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    imports: dict[str, str] = json.loads(found[1])["imports"]
    sources = {path.relative_to(views.SCRIPTS).as_posix() for path in views.SCRIPTS.rglob("*.js")}
    assert {f"parley/{name}" for name in sources} | set(settings.BROWSER_MODULES) == set(imports)
    preloaded = re.findall(r'rel="modulepreload" href="([^"]+)"', page)
    names = {static(path): name for name, path in views._modules().items()}
    loaded = {names[url] for url in preloaded}
    assert {"preact", "parley/app.js", "parley/views/messages.js", "parley/locale/en.js"} <= loaded
    assert "parley/locale/zh-hans.js" not in loaded, "the other language"
    assert len(loaded) <= 60
    for url in (*imports.values(), *re.findall(r'<(?:link|script)[^>]* (?:href|src)="(/static/[^"]+)"', page)):
        assert finders.find(url.removeprefix("/static/")), url


def test_all_script_of_the_first_view_is_small_compressed(bob: User) -> None:
    """Also the one piece that comes right after the first drawing (`views/behind.js`)."""
    names = views._modules()
    ends = ("parley/app.js", "parley/views/frame.js", "parley/views/behind.js", "parley/locale/zh-hans.js")
    sources = {name: finders.find(names[name]) for name in views._graph(*ends)}
    sizes = {name: len(gzip.compress(Path(source).read_bytes())) for name, source in sources.items()}
    assert sizes["preact"] > 1000
    assert "parley/views/pane.js" in sizes
    assert sum(sizes.values()) <= 250_000, sorted(sizes.items(), key=lambda one: -one[1])[:10]


def test_only_the_named_files_of_node_modules_are_served() -> None:
    assert finders.find("vendor/preact/dist/preact.mjs")
    for path in (
        "vendor/preact/package.json",
        "vendor/typescript/package.json",
        "preact/dist/preact.mjs",
        "vendor/../README.md",
    ):
        assert not finders.find(path), path


def test_collected_files_have_hashed_names_and_uncollected_ones_plain(tmp_path: Path) -> None:
    assert AssetStorage(location=str(tmp_path / "empty"), base_url="/static/").url("js/app.js") == "/static/js/app.js"
    folder = collected()
    url = AssetStorage(location=str(folder), base_url="/static/").url("js/app.js")
    assert re.fullmatch(r"/static/js/app\.[0-9a-f]{12}\.js", url)
    assert (folder / url.removeprefix("/static/")).exists()


def test_the_page_speaks_the_persons_language(bob: User) -> None:
    client = sign_in(bob)
    assert '<html lang="en"' in client.get("/").content.decode()
    bob.language = "zh-hans"
    bob.save()
    page = client.get("/").content.decode()
    assert '<html lang="zh-Hans"' in page
    assert '"language": "zh-hans"' in page


def test_what_a_person_calls_herself_is_data_and_never_markup(bob: User) -> None:
    bob.display_name = "</script><b>Bob"
    bob.save()
    page = sign_in(bob).get("/").content.decode()
    assert "</script><b>" not in page
    assert "\\u003C/script\\u003E\\u003Cb\\u003EBob" in page


def test_the_style_page_is_for_those_who_work_on_parley() -> None:
    assert Client().get("/_styles/").status_code == 404
    with override_settings(DEBUG=True):
        for language, tag in (("en", "en"), ("zh-hans", "zh-Hans")):
            page = Client().get("/_styles/", {"language": language})
            assert page.status_code == 200
            assert f'<html lang="{tag}"' in page.content.decode()
        assert Client().get("/_styles/", {"language": "tlh"}).status_code == 404
