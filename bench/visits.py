"""`python -m bench.visits PORT FILE --at-once 8 --times 5`: load pages as so many browsers would, and say how it went.

A line of FILE is a visit: the address, the cookies, what only the right page says. Each browser keeps its connection
and asks for the next page as soon as it has one. Prints one JSON object; `wrong` says which pages were not as expected.
"""

import argparse
import http.client
import itertools
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HEADERS = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "en", "Connection": "keep-alive"}
PATIENCE_S = 20
TOLD = 200


class Visit(NamedTuple):
    """A page that is asked for."""

    path: str
    cookies: str
    says: str


class Visits:
    """What came of the visits so far. Browsers are threads; each adds to it when a page has come."""

    def __init__(self, port: int, visits: Iterator[Visit]) -> None:
        self._port = port
        self._visits = visits
        self._lock = threading.Lock()
        self.taken_s: list[float] = []
        self.bytes = 0
        self.connections = 0
        self.wrong: Counter[str] = Counter()

    def browse(self) -> None:
        """Be one browser until there is nothing left to visit."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        while (visit := self._next()) is not None:
            fresh = connection.sock is None
            began = time.monotonic()
            try:
                cookies = {"Cookie": visit.cookies} if visit.cookies else {}
                connection.request("GET", visit.path, headers={**HEADERS, **cookies})
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                body, found = b"", f"{type(error).__name__}: {error}"
            else:
                found = unlike(visit, response.status, body)
            taken = time.monotonic() - began
            with self._lock:
                self.taken_s.append(taken)
                self.bytes += len(body)
                self.connections += fresh
                if found:
                    self.wrong[found[:TOLD]] += 1
        connection.close()

    def _next(self) -> Visit | None:
        with self._lock:
            return next(self._visits, None)


def unlike(visit: Visit, status: int, body: bytes) -> str:
    """Why this is not the page that was asked for; empty if it is."""
    if status != http.client.OK:
        return f"{visit.path} is answered with {status}"
    return "" if visit.says.encode() in body else f"{visit.path} does not say {visit.says}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    listed = [Visit(*line.split("\t")) for line in options.file.read_text().splitlines()]
    visits = Visits(options.port, itertools.chain.from_iterable(itertools.repeat(listed, options.times)))
    browsers = [threading.Thread(target=visits.browse) for _ in range(options.at_once)]
    began = time.monotonic()
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    cuts = statistics.quantiles(visits.taken_s, n=100, method="inclusive")
    print(
        json.dumps(
            {
                "pages": len(visits.taken_s),
                "seconds": time.monotonic() - began,
                "p50_ms": cuts[49] * 1000,
                "p99_ms": cuts[98] * 1000,
                "bytes": visits.bytes,
                "connections": visits.connections,
                "wrong": visits.wrong,
            }
        )
    )


if __name__ == "__main__":
    main()
