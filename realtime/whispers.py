"""What is ephemeral: shown to the sockets it is for, here and in the other processes, and never again."""

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from realtime.bell import Encoded
from realtime.protocol import codec
from realtime.publish import Whisper

if TYPE_CHECKING:
    from realtime.hub import Hub

EVERY_S = 1.0


class Whispers:
    """One per hub. All state is touched on the loop's thread only."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._held: dict[str, Whisper] = {}
        hub.afar["said"] = self._heard

    def overhear(self, whispers: list[Whisper]) -> None:
        """Whispers of this process's services, on whatever thread committed them."""
        with contextlib.suppress(RuntimeError):
            self._hub.loop.call_soon_threadsafe(self._take, whispers)

    def _take(self, whispers: list[Whisper]) -> None:
        for whisper in whispers:
            if not whisper.key:
                self.say(whisper)
                continue
            if not self._held:
                self._hub.loop.call_later(EVERY_S, self._say_held)
            self._held[whisper.key] = whisper

    def _say_held(self) -> None:
        held, self._held = self._held, {}
        for whisper in held.values():
            self.say(whisper)

    def say(self, whisper: Whisper) -> None:
        """Say it here and elsewhere, unless its person is hiding."""
        if whisper.on_screen and self._hub.hidden(whisper.about):
            return
        frame = codec.encode(whisper.payload, frame_id=f"{whisper.payload.type}.{whisper.about}")
        topics, spared = list(whisper.topics), whisper.about if whisper.to_others else ""
        self._show(topics, frame, on_screen=whisper.on_screen, spared=spared)
        message = {"type": "said", "t": topics, "d": frame, "f": whisper.on_screen, "x": spared}
        self._hub.tell_afar(topics[0] if len(topics) == 1 else "", message)

    def _heard(self, message: dict[str, Any]) -> None:
        # While the server is being replaced, processes of the version before say nothing of whom they spare.
        self._show(message["t"], message["d"], on_screen=message["f"], spared=message.get("x", ""))

    def _show(self, names: Iterable[str], frame: bytes, *, on_screen: bool, spared: str) -> None:
        encoded, shown = Encoded(frame), set()
        for name in names:
            for socket in self._hub.people_in(name):
                if socket not in shown and socket.user != spared and (not on_screen or socket.focus == name):
                    shown.add(socket)
                    socket.whisper(encoded)
