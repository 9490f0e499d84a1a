"""The sockets that processes accept from. Plain Python: the supervisor imports nothing else of ours."""

import resource
import socket

BACKLOG = 4096
# Enough for any process; some systems say "unlimited", which no process may ask for.
MOST_FILES = 1 << 20


def listen(host: str, port: int, count: int, *, shared: bool = False) -> list[socket.socket]:
    """A listening socket for each of `count` processes, on one address. Raises OSError.

    The kernel spreads connections over sockets with SO_REUSEPORT evenly, where a shared one gives most of them to the
    process that wakes up first (bench/listening.py measures both). They are made here and not by the processes: what
    waits in a socket's queue while its process is restarted is served by the next one.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listeners: list[socket.socket] = []
    for _ in range(1 if shared else count):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if count > 1 and not shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # With port 0 the first one finds a free port for all.
        listener.bind((address[0], listeners[0].getsockname()[1] if listeners else address[1], *address[2:]))
        listener.listen(BACKLOG)
        listeners.append(listener)
    return listeners * count if shared else listeners


def raise_file_limit() -> int:
    """Let this process have as many sockets as the system allows it; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
