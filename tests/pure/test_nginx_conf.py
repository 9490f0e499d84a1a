"""What nginx allows fits what Parley does."""

import re

from accounts.pictures import BYTES_MAX
from realtime.serve.worker import PING_INTERVAL_S
from realtime.session import HEARTBEATS, SILENCE_GRACE_S
from tests.nginx import CONF


def test_nginx_waits_longer_than_the_longest_heartbeat_and_takes_the_largest_picture() -> None:
    text = CONF.read_text()
    sockets = text.partition("location /ws/ {")[2].partition("}")[0]
    longest = max(beat.interval_s * beat.misses for beat in HEARTBEATS.values()) + SILENCE_GRACE_S
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        [seconds] = re.findall(rf"{name} (\d+)s;", sockets)
        assert int(seconds) > max(longest, PING_INTERVAL_S)
    [mib] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(mib) * 1024 * 1024 > BYTES_MAX


def test_no_place_forgets_the_headers_that_its_surroundings_set() -> None:
    """In nginx one `add_header` or `proxy_set_header` in a location drops all those around it."""
    text = CONF.read_text()
    for location in re.findall(r"location \S+ \{([^}]*)\}", text):
        assert "proxy_set_header" not in location
        assert "add_header" not in location or "Strict-Transport-Security" in location
