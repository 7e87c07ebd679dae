"""Ports on 127.0.0.1 that nobody uses now."""

import os
import socket
from collections.abc import Iterator

# Below Linux's ephemeral range (32768…), so that a server that was killed finds its port still free when it
# starts again: an outgoing connection of some other program cannot have taken it.
LOWEST_PORT = 18_000
HIGHEST_PORT = 32_000

_handed_out: set[int] = set()


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int, *, start: int | None = None) -> list[int]:
    """`count` different free ports, none handed out before in this process. Without `start` the search begins at a
    place that depends on the process, so that two test runs side by side rarely meet."""
    first = start if start is not None else LOWEST_PORT + (os.getpid() * 37) % (HIGHEST_PORT - LOWEST_PORT)
    ports: list[int] = []
    for port in _from(first):
        if port not in _handed_out and is_free(port):
            ports.append(port)
            _handed_out.add(port)
        if len(ports) == count:
            return ports
    raise OSError(f"no {count} free ports between {LOWEST_PORT} and {HIGHEST_PORT}")


def free_port() -> int:
    return free_ports(1)[0]


def _from(first: int) -> Iterator[int]:
    yield from range(first, HIGHEST_PORT)
    yield from range(LOWEST_PORT, first)
