"""Daphne with the engine's needs: sockets take framed bytes, an application may start before the first request, and a
process that ends lets its requests finish.

    python -m realtime.daphne config.asgi:application     # Daphne's command line, with this server
"""

import asyncio
import contextlib
import functools
import logging
import socket
from collections.abc import Callable
from typing import Any

from autobahn.websocket import protocol as autobahn
from daphne.cli import CommandLineInterface
from daphne.http_protocol import WebRequest
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, tcp
from twisted.internet import reactor as _reactor

from realtime import listening
from realtime.handshakes import Handshakes
from realtime.raw import SEND_BUFFER_BYTES, RawTransport
from realtime.transport import ABORT_AFTER_S, EXTENSION

logger = logging.getLogger(__name__)
# Twisted puts the reactor where its module was; types know the module.
reactor: Any = _reactor

# autobahn lays out the options of each new socket for a log that nobody reads: 0.1 ms of the 0.35 a handshake costs.
vars(autobahn)["pformat"] = repr

# The others wait in the kernel, and nobody who is here waits for them.
ACCEPTS_A_TURN = 2
REQUESTS_FINISH_S = 5.0
APPLICATIONS_END_S = 2.0


class SocketProtocol(WebSocketProtocol):
    """Daphne's, that never lets a reader's slowness pile up where nobody sees it."""

    def connectionMade(self) -> None:  # noqa: N802
        # The HTTP channel would stop reading from a socket that is slow to write to: pongs and goodbyes would not be
        # heard. What is pending is bounded by the engine.
        self.transport.unregisterProducer()
        if type(self.transport) is tcp.Server:
            self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().connectionMade()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """As Daphne's, and a close keeps its code and its reason."""
        if message.get("type") == "websocket.close" and self.state == self.STATE_OPEN:
            RawTransport(self).close(message.get("code") or 1000, message.get("reason") or "")
        else:
            super().handle_reply(message)

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        # autobahn resets even after both have said goodbye; a proxy in between takes that for a failure.
        abort = abort and not self.wasClean
        super().dropConnection(abort)
        if not abort:
            # The client may never read what is still to be written.
            reactor.callLater(ABORT_AFTER_S, self.transport.abortConnection)


class Server(DaphneServer):
    """Daphne's server; also behind `runserver` and the command line, through their seam for a server class.

    `listener`: a socket that listens already, instead of Daphne's endpoints. `begun` is called when it accepts, `left`
    each second with how many sockets have gone meanwhile and how many connections there are.
    """

    def __init__(
        self,
        *args: Any,
        listener: socket.socket | None = None,
        begun: Callable[[], None] | None = None,
        left: Callable[[int, int], None] | None = None,
        **options: Any,
    ) -> None:
        if listener is not None:
            options["endpoints"] = ["a listener"]  # Daphne does without none
        super().__init__(*args, **options)
        if listener is not None:
            self.endpoints.clear()
        self._listener = listener
        self._begun = begun
        self._left = left
        self._gone = 0
        self._ports: list[Any] = []

    def run(self) -> None:
        reactor.callWhenRunning(self._begin)
        super().run()

    def _begin(self) -> None:
        self.ws_factory.protocol = SocketProtocol
        self.http_factory.buildProtocol = _in_turn(self.http_factory.buildProtocol)
        # Not setProtocolOptions: it would take back what Daphne has set.
        self.ws_factory.closeHandshakeTimeout = ABORT_AFTER_S
        listening.stop_with(self.stop_listening)
        # A task: what it does is to run on the loop, which has not begun to turn.
        self._lifespan = asyncio.ensure_future(self._start(), loop=reactor._asyncioEventloop)

    async def _start(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            # Twisted accepts until there is nobody left; a blocking socket would wait for the next one there.
            listener.setblocking(False)
            port = reactor.adoptStreamPort(listener.fileno(), listener.family, self.http_factory)
            listener.close()
            self.listen_success(port)
        if self._begun is not None:
            self._begun()
        await self._start_application()

    async def _start_application(self) -> None:
        """Give the application the chance to start now; one that knows nothing of it starts with its first request."""
        told = [{"type": "lifespan.startup"}]

        async def receive() -> dict[str, Any]:
            if not told:
                await asyncio.Event().wait()
            return told.pop()

        async def send(message: dict[str, Any]) -> None:
            logger.debug("the application says %s", message["type"])

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        with contextlib.suppress(Exception):
            await self.application(scope, receive, send)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {EXTENSION: RawTransport(protocol)}
        return super().create_application(protocol, scope)

    def protocol_disconnected(self, protocol: Any) -> None:
        super().protocol_disconnected(protocol)
        self._gone += isinstance(protocol, WebSocketProtocol)

    def application_checker(self) -> None:
        super().application_checker()
        gone, self._gone = self._gone, 0
        if gone and self._left is not None:
            self._left(gone, len(self.connections))

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)
        port.doRead = functools.partial(_accept_some, port)

    async def stop_listening(self) -> None:
        """Take no more connections. Returns when the ports are closed."""
        ports, self._ports = self._ports, []
        for port in ports:
            closed = port.stopListening()
            if closed is not None:
                await closed.asFuture(asyncio.get_running_loop())

    def kill_all_applications(self) -> Any:
        """Before the process ends: requests under way finish, then everything is cancelled."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._end_applications()))

    async def _end_applications(self) -> None:
        await self.stop_listening()
        self._lifespan.cancel()
        running = {
            details["application_instance"]: isinstance(protocol, WebRequest)
            for protocol, details in self.connections.items()
            if "application_instance" in details
        }
        requests = [application for application, is_request in running.items() if is_request]
        if requests:
            await asyncio.wait(requests, timeout=REQUESTS_FINISH_S)
        for application in running:
            application.cancel()
        if running:
            await asyncio.wait(running, timeout=APPLICATIONS_END_S)


def _in_turn(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    handshakes = Handshakes()
    return lambda address: handshakes.watch(build(address))


def _accept_some(port: Any) -> None:
    """Twisted accepts more and more of those who wait, and then all their handshakes are one turn of the loop."""
    port.numberAccepts = ACCEPTS_A_TURN
    type(port).doRead(port)


class CommandLine(CommandLineInterface):
    """Daphne's command line with our server."""

    server_class = Server


if __name__ == "__main__":
    CommandLine.entrypoint()
