"""`manage.py serve`: the server, as `make run` and production start it."""

import os
import socket
import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from realtime import schema
from realtime.serve import profile
from realtime.serve.listeners import listen, raise_file_limit

MOST_PROCESSES = 256


class Command(BaseCommand):
    """One process runs here. Several are looked after by a supervisor that takes this process's place."""

    help = "Serve Parley. SIGTERM drains: every socket is sent on, what is under way finishes."
    # The server needs no more than Daphne's own command line; `check` is a command.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on (default: 127.0.0.1).")
        parser.add_argument("--port", type=int, default=settings.PORT, help="The port (default: PORT, or 8000).")
        parser.add_argument(
            "--processes",
            type=int,
            default=1,
            help="How many server processes share the port; one per core is right. More than one needs REDIS_URL.",
        )
        parser.add_argument(
            "--profile",
            default="",
            metavar="FILE",
            help="Write a flame graph at the end: FILE.html, or speedscope's FILE.json.",
        )
        parser.add_argument("--shared", action="store_true", help=SUPPRESS)  # for bench/listening.py
        for name in ("fd", "lifeline", "ready"):  # from the supervisor
            parser.add_argument(f"--{name}", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        flames = options["profile"]
        if options["processes"] < 1 or options["processes"] > MOST_PROCESSES:
            raise CommandError(f"--processes is from 1 to {MOST_PROCESSES}.")
        if options["processes"] > 1 and not settings.REDIS_URL:
            raise CommandError(
                "--processes above 1 needs REDIS_URL: without it the processes would not hear of each other, and what "
                "is said on one would come late to the people on another."
            )
        if flames and not flames.endswith(profile.KINDS):
            raise CommandError(f"--profile writes FILE.html or FILE.json, not {flames}.")
        if flames and (sentence := profile.missing()):
            raise CommandError(sentence)
        if flames and options["processes"] > 1:
            raise CommandError("--profile looks at one process: leave --processes out.")
        if sentence := schema.refuses():
            raise CommandError(sentence)
        raise_file_limit()
        if options["processes"] > 1:
            _supervise(options)
        # Imported where it serves: this installs Twisted's reactor.
        from realtime.serve import worker

        worker.run(_listener(options), lifeline=options["lifeline"], ready=options["ready"], flames=flames)


def _listener(options: dict[str, Any]) -> socket.socket:
    if options["fd"] is not None:
        return socket.socket(fileno=options["fd"])
    try:
        return listen(options["host"], options["port"], 1)[0]
    except OSError as error:
        raise CommandError(f"Cannot listen on {options['host']}, port {options['port']}: {error.strerror}.") from None


def _supervise(options: dict[str, Any]) -> None:
    """Become the supervisor. Does not return."""
    command = [sys.executable, sys.argv[0], "serve"]
    arguments = [f"--{name}={options[name]}" for name in ("host", "port", "processes")]
    arguments.append(f"--log-format={settings.LOG_FORMAT}")
    if options["shared"]:
        arguments.append("--shared")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "realtime.serve.supervisor", *arguments, "--", *command])  # noqa: S606
