"""What the consumer must not do, whatever Channels would do by itself (trap 19)."""

import inspect

import pytest
from channels.consumer import AsyncConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.test import override_settings

from realtime.consumer import SocketConsumer

REDIS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.mark.parametrize("layers", [None, REDIS])
def test_a_socket_owns_no_channel(layers: dict[str, dict[str, str]] | None) -> None:
    with override_settings(CHANNEL_LAYERS=settings.CHANNEL_LAYERS if layers is None else layers):
        assert SocketConsumer.channel_layer_alias not in settings.CHANNEL_LAYERS
        assert get_channel_layer(SocketConsumer.channel_layer_alias) is None
    assert not getattr(SocketConsumer, "groups", None)


def test_no_event_of_a_socket_hops_to_a_thread() -> None:
    assert "aclose_old_connections" in inspect.getsource(AsyncConsumer.dispatch), "Channels still does; else drop ours"
    assert SocketConsumer.dispatch is not AsyncConsumer.dispatch
    for name in ("dispatch", "websocket_disconnect"):
        assert "close_old_connections" not in inspect.getsource(getattr(SocketConsumer, name))
