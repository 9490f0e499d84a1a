"""What must not be committed: secrets, paths and hosts of one machine, third-party files, downloads by address."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SIZE_LIMIT = 1024 * 1024
ALLOWED_BINARY = re.compile(r"^(docs/screenshots|static/img)/[\w.-]+\.(png|ico|webp)$")

FORBIDDEN = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a secret": re.compile(r"""^\s*(SECRET_KEY|METRICS_TOKEN|[A-Z_]*PASSWORD)=["']?[\w\-+/]{20,}"""),
    "a cloud or forge token": re.compile(r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[baprs]-\w{10,}|npm_\w{30,})"),
    "a password in an address": re.compile(r"\b\w+://[^\s/:@\"'{]+:(?!secret@|password@|PASSWORD@)[^\s/@\"'{]+@"),
    "a path of one machine": re.compile(r"(?<![\w.])/(home|Users|root|work|opt/wheels|tmp/\w+)/"),
    "an address of a package registry": re.compile(
        r"(registry\.(npmjs|yarnpkg)|files\.pythonhosted|pypi\.org|npmmirror|tuna\.tsinghua|deb\.debian)\b"
    ),
    "a place to download from": re.compile(r'"resolved"\s*:\s*"|--(extra-)?index-url|find-links'),
}
# The words above stand here themselves, and where they are planted to show that they are found.
EXEMPT = {"tests/check/hygiene.py", "tests/check/test_planted.py"}


def committed() -> list[str]:
    """What git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def problems(name: str) -> list[str]:
    data = (ROOT / name).read_bytes()
    if len(data) > SIZE_LIMIT:
        return [f"{name}: larger than 1 MiB"]
    if b"\0" in data:
        return [] if ALLOWED_BINARY.match(name) else [f"{name}: a binary file"]
    found = []
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        if len(line) > 5000 and not name.startswith("tests/vectors/"):
            found.append(f"{name}:{number}: a line of {len(line)} characters: minified?")
            continue
        found += [f"{name}:{number}: {what}" for what, pattern in FORBIDDEN.items() if pattern.search(line)]
    return found


def main() -> int:
    names = committed()
    assert "manage.py" in names, "git lists nothing"
    found = [problem for name in names if name not in EXEMPT for problem in problems(name)]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
