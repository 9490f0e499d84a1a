"""Keeps the processes of `serve --processes N` running. Plain Python: it costs a few MiB and has nothing that fails.

TERM, INT   every process drains and ends, then this one
HUP         one process after the other is replaced: the new one accepts before the old one drains
a process that dies is started again at once, and with growing pauses if it keeps dying
a process whose loop has not turned for a minute is killed, which is dying
"""

import argparse
import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from realtime.serve import lines
from realtime.serve.listeners import listen
from realtime.serve.place import PLACE

logger = logging.getLogger("serve")

STEADY_S = 10.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# A drain takes 10 s at most (realtime/engine.py), requests and threads a little more.
LEAVE_WITHIN_S = 20.0
READY_WITHIN_S = 60.0
TRIES_TO_BEGIN = 3
# What a process whose loop turns says into its pipe, how often, and after how long a silence it is given up. A machine
# that swaps, or a debugger, stops a process for a while and lets it go on; nobody's sockets are thrown away for that.
BEAT = b"\n"
BEAT_EVERY_S = 2.0
STUCK_AFTER_S = 60.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass(eq=False)
class Process:
    """One that was started. `ready` is its end of a pipe: readable once it accepts, and again with each beat."""

    place: int
    child: "subprocess.Popen[bytes]"
    ready: int
    started: float = field(default_factory=time.monotonic)
    heard: float = 0.0
    silent: bool = False
    leave_by: float | None = None

    @property
    def accepts(self) -> bool:
        """Whether it has come up."""
        return self.heard > 0

    @property
    def deadline(self) -> float:
        """When it has to have ended, to have come up, or to have been heard of again."""
        if self.leave_by is not None:
            return self.leave_by
        return self.heard + STUCK_AFTER_S if self.accepts else self.started + READY_WITHIN_S

    def __str__(self) -> str:
        return f"process {self.place + 1} (pid {self.child.pid})"

    def leave(self) -> None:
        """Ask it to drain and end."""
        if self.leave_by is None:
            self.leave_by = time.monotonic() + LEAVE_WITHIN_S
            self.child.terminate()


class Supervisor:
    """Runs `command --fd …` once for each listener."""

    def __init__(self, command: Sequence[str], listeners: list[socket.socket]) -> None:
        self.command = list(command)
        self.listeners = listeners
        self.processes: list[Process] = []
        self.stopping = False
        self.begun = False
        self._failures = [0] * len(listeners)
        self._due: dict[int, float] = dict.fromkeys(range(len(listeners)), 0.0)
        self._replacing: list[int] = []
        self._turned = time.monotonic()
        self._lifeline, self._held = os.pipe()
        self._wakes, self._wake = os.pipe()

    def run(self) -> int:
        """Until everything has ended: the exit status."""
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        while self.processes or self._due:
            self._start_due()
            self._wait()
            self._reap()
            self._hurry()
        return 0 if self.begun else 1

    # ---- starting

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, due in self._due.items() if due <= now]:
            del self._due[place]
            self._start(place)

    def _start(self, place: int) -> None:
        ready, says_ready = os.pipe()
        passed = {"fd": self.listeners[place].fileno(), "lifeline": self._lifeline, "ready": says_ready}
        arguments = [f"--{name}={number}" for name, number in passed.items()]
        environment = {**os.environ, PLACE: str(place)}
        # A group of its own: Ctrl-C in a terminal is for the supervisor, which then asks everybody to drain.
        child = subprocess.Popen(  # noqa: S603
            [*self.command, *arguments],
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(passed.values()),
            process_group=0,
            env=environment,
        )
        os.close(says_ready)
        self.processes.append(Process(place, child, ready))

    # ---- what happens

    def _wait(self) -> None:
        """Until a signal comes, a process accepts, or it is time for something."""
        speaking = {process.ready: process for process in self.processes if not process.silent}
        times = [*self._due.values(), *(process.deadline for process in self.processes)]
        timeout = max(0.0, min(times) - time.monotonic()) if times else BEAT_EVERY_S
        readable, _, _ = select.select([self._wakes, *speaking], [], [], min(timeout, BEAT_EVERY_S))
        self._forgive()
        for descriptor in readable:
            if descriptor == self._wakes:
                for number in os.read(self._wakes, 64):
                    self._signalled(number)
            else:
                self._hear(speaking[descriptor])

    def _forgive(self) -> None:
        """Who stood still herself (the whole machine did, perhaps) does not know how long others have been silent."""
        stood, self._turned = time.monotonic() - self._turned, time.monotonic()
        if stood > 3 * BEAT_EVERY_S:
            for process in self.processes:
                process.heard += stood if process.accepts else 0.0

    def _hear(self, process: Process) -> None:
        if not os.read(process.ready, 4096):
            process.silent = True  # it has ended, or is about to
            return
        came_up = not process.accepts
        process.heard = time.monotonic()
        if came_up:
            self._accepts(process)

    def _signalled(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT) and not self.stopping:
            logger.info("stopping")
            self.stopping = True
            self._due.clear()
            self._replacing.clear()
            for listener in self.listeners:
                listener.close()
            for process in self.processes:
                process.leave()
        elif number == signal.SIGHUP and not self.stopping and not self._replacing:
            logger.info("replacing the processes, one after the other")
            self._replacing = [process.place for process in self.processes if process.leave_by is None]
            self._replace_next()

    def _replace_next(self) -> None:
        if self._replacing:
            self._start(self._replacing[0])

    def _accepts(self, process: Process) -> None:
        """It takes connections: whoever had its place before may go."""
        self.begun = True
        logger.info("%s is up", process)
        for other in self.processes:
            if other.place == process.place and other is not process:
                other.leave()

    def _reap(self) -> None:
        for process in [process for process in self.processes if process.child.poll() is not None]:
            self.processes.remove(process)
            os.close(process.ready)
            if not self.stopping:
                self._ended(process)

    def _ended(self, process: Process) -> None:
        place = process.place
        if any(other.place == place for other in self.processes):
            if process.leave_by is None:
                logger.error("a replacement died with status %s; the old process stays", process.child.returncode)
                self._replacing.clear()
            elif self._replacing:
                self._replacing.pop(0)
                self._replace_next()
                if not self._replacing:
                    logger.info("all processes are replaced")
            return
        steady = process.leave_by is not None or time.monotonic() - process.started >= STEADY_S
        self._failures[place] = 0 if steady else self._failures[place] + 1
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._failures[place] - 1)) if not steady else 0.0
        logger.error("%s ended with status %s; the next in %.1f s", process, process.child.returncode, pause)
        if not self.begun and self._failures[place] >= TRIES_TO_BEGIN:
            logger.error("no process comes up")
            self._signalled(signal.SIGTERM)
        else:
            self._due[place] = time.monotonic() + pause

    def _hurry(self) -> None:
        """Who does not end, or does not come up, is killed."""
        now = time.monotonic()
        for process in self.processes:
            if now >= process.deadline:
                if process.leave_by is None and process.accepts:
                    logger.error("%s has not turned its loop for %.0f s: killed", process, STUCK_AFTER_S)
                    process.heard = now  # said once
                with contextlib.suppress(ProcessLookupError):
                    process.child.kill()


def main(arguments: Sequence[str]) -> int:
    """`--host HOST --port PORT --processes N [--shared] [--log-format json] -- COMMAND…`"""
    parser = argparse.ArgumentParser(prog="realtime.serve.supervisor")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--shared", action="store_true")
    parser.add_argument("--log-format", choices=lines.FORMATS, default="text")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    handler = logging.StreamHandler()
    handler.setFormatter(lines.formatter(options.log_format))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        listeners = listen(options.host, options.port, options.processes, shared=options.shared)
    except OSError as error:
        logger.error("cannot listen on %s, port %s: %s", options.host, options.port, error.strerror)
        return 1
    port = listeners[0].getsockname()[1]
    logger.info("serving at %s, port %s, with %s processes", options.host, port, options.processes)
    return Supervisor(options.command, listeners).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
