"""Locust: members who connect, read and now and then say something, in stages from 50 to 1 000 of them.

    make bench ONLY=locust        # a private server, kept in bench/results/

Against a server of one's own, with people in its database (they are made in bulk, so only into a scratch one):

    .venv/bin/python -m bench.people people.tsv --people 1000 --rooms 100 --each 10
    BENCH_PEOPLE=people.tsv .venv/bin/locust -f bench/locustfile.py --headless --host http://127.0.0.1:8000
"""

import contextlib
import itertools
import json
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any, ClassVar

import gevent
import websocket
from locust import LoadTestShape, User, between, task
from locust.exception import StopUser

USERS = (50, 100, 200, 400, 700, 1000)
STAGE_S = float(os.environ.get("BENCH_STAGE_S", "15"))
# Members who join in a second: a stage's newcomers are all there before it is half over.
SPAWN_PER_S = 60
ANSWER_WITHIN_S = 30


def people() -> list[list[str]]:
    """The lines of BENCH_PEOPLE: target, room, credential."""
    return [line.split("\t") for line in Path(os.environ["BENCH_PEOPLE"]).read_text().splitlines()]


class Stages(LoadTestShape):
    """So many users, a stage each."""

    def tick(self) -> tuple[int, float] | None:
        stage = int(self.get_run_time() // STAGE_S)
        return (USERS[stage], SPAWN_PER_S) if stage < len(USERS) else None


class Member(User):
    """One signed-in person with one socket."""

    wait_time = between(2, 8)
    everybody: ClassVar[list[list[str]]] = people() if "BENCH_PEOPLE" in os.environ else []
    numbers: ClassVar[Any] = itertools.count()

    def on_start(self) -> None:
        """Connect, say hello, wait for `ready`."""
        _, self.room, credential, *_ = self.everybody[next(self.numbers) % len(self.everybody)]
        began = time.monotonic()
        self.waiting: dict[str, float] = {}
        self.socket = websocket.WebSocket()
        try:
            self.socket.connect(
                self.host.replace("http", "ws", 1) + "/ws/",
                subprotocols=["parley.v1.json"],
                header=[f"Authorization: Bearer {credential.partition(':')[2]}"],
                suppress_origin=True,
                timeout=ANSWER_WITHIN_S,
            )
            self.say("hello", "h", network="lan")
            if json.loads(self.socket.recv())["type"] != "ready":
                raise RuntimeError("no ready")
        except Exception as error:
            self.report("connect → ready", began, error)
            raise StopUser from error
        self.report("connect → ready", began)
        self.socket.settimeout(None)
        self.listening = gevent.spawn(self.listen)

    def on_stop(self) -> None:
        """Leave."""
        with contextlib.suppress(Exception):
            self.socket.close()

    def say(self, kind: str, re: str, **payload: Any) -> None:
        """Send a command."""
        self.socket.send(json.dumps({"id": re, "type": kind, "payload": payload}))

    def report(self, name: str, began: float, error: Exception | None = None) -> None:
        """Tell Locust how long something took."""
        self.environment.events.request.fire(
            request_type="ws",
            name=name,
            response_time=(time.monotonic() - began) * 1000,
            response_length=0,
            exception=error,
        )

    def listen(self) -> None:
        """Take what comes; answers are timed, so is what others say."""
        while True:
            try:
                frame = json.loads(self.socket.recv())
            except Exception:
                return
            match frame["type"]:
                case "ping":
                    self.say("pong", "p")
                case "ack" | "error" if frame.get("re") in self.waiting:
                    failed = RuntimeError(frame["payload"]["code"]) if frame["type"] == "error" else None
                    self.report("send → ack", self.waiting.pop(frame["re"]), failed)
                case "message.created":
                    sent = frame["payload"]["message"]["text"].partition(" ")[0]
                    self.report("send → another reader", float(sent))

    @task
    def talk(self) -> None:
        """Say something; the clock it carries is this machine's."""
        re = uuid.uuid4().hex
        self.waiting[re] = now = time.monotonic()
        text = f"{now:.6f} something that {random.choice(['one', 'nobody', 'everybody'])} says in a chat, now and then"
        self.say("message.send", re, room=self.room, client_id=str(uuid.uuid4()), text=text)
