"""Both languages, always: every string of the server is in its app's catalogue and translated.

An app's strings are those of its Python files and of its templates (`templates/{account,mfa,email}*` are accounts', the
other templates chat's). `--write` collects them into the catalogues (`make messages`) for the translators.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "chat", "realtime")
PO = Path("locale/zh_Hans/LC_MESSAGES/django.po")
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# The same in both languages.
NOT_HAN = frozenset({"Parley", "English", "%(name)s"})


def templates(app: str) -> list[Path]:
    """The templates whose strings are in this app's catalogue."""
    if app == "realtime" or not (ROOT / "templates").is_dir():
        return []
    ours = app == "accounts"
    of_accounts = ("account", "mfa", "email")
    return [path for path in (ROOT / "templates").iterdir() if path.name.startswith(of_accounts) is ours]


def collect(app: str, folder: Path) -> Path:
    """The app's catalogue as it ought to be, made in `folder`: every string in use, known translations kept."""
    shutil.copytree(ROOT / app, folder / app, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "migrations"))
    for path in templates(app):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / app / f"templates_{path.name}")
    (folder / app / "locale").mkdir(exist_ok=True)
    subprocess.run(
        [
            # -P: the app's own `selectors` must not stand in for the standard library's.
            *(sys.executable, "-P", "-m", "django", "makemessages", "--locale", "zh_Hans", "--verbosity", "0"),
            *("--no-location", "--no-obsolete", "--extension", "py,html,txt"),
        ],
        cwd=folder / app,
        check=True,
    )
    return folder / app / PO


def read(path: Path, *, strict: bool = True) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=strict)


def strings(catalogue: Catalog) -> dict[tuple[str, str], Message]:
    """The messages by (context, text), without the header."""
    return {(message.context or "", _text(message.id)): message for message in catalogue if message.id}


def _text(value: object) -> str:
    return value[0] if isinstance(value, (list, tuple)) else str(value)


def problems(app: str, wanted: Catalog | None, committed: Path) -> list[str]:
    """What is wrong with the committed catalogue of an app, given the one it ought to be."""
    where = committed.relative_to(ROOT)
    used = strings(wanted) if wanted is not None else {}
    if not committed.exists():
        return [f"{where}: missing ({len(used)} strings)"] if used else []
    catalogue = read(committed)
    known = strings(catalogue)
    found = [
        f"{where}: not in the catalogue: {text!r} (make messages)" for _, text in sorted(used.keys() - known.keys())
    ]
    found += [f"{where}: no longer used: {text!r} (make messages)" for _, text in sorted(known.keys() - used.keys())]
    found += [f"{where}: kept though obsolete: {_text(message.id)!r}" for message in catalogue.obsolete.values()]
    for (_, text), message in known.items():
        translations = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        if message.fuzzy:
            found.append(f"{where}: fuzzy: {text!r}")
        for translation in translations:
            if not translation:
                found.append(f"{where}: not translated: {text!r}")
            elif text not in NOT_HAN and not HAN.search(translation):
                found.append(f"{where}: a translation without Han: {text!r}")
            elif not _same_placeholders(message, translation):
                found.append(f"{where}: other placeholders: {text!r}")
    return found


def _same_placeholders(message: Message, translation: str) -> bool:
    ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    return any(sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(translation)) for text in ids)


def main(arguments: list[str]) -> int:
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for app in APPS:
            made = collect(app, Path(folder))
            if "--write" in arguments:
                if made.exists():
                    (ROOT / app / PO).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(made, ROOT / app / PO)
            else:
                found += problems(app, read(made, strict=False) if made.exists() else None, ROOT / app / PO)
    if found:
        print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
