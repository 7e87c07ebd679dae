"""Which connections of data loggers may stay: strangers for a while and up to a number, known loggers always."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import count

from services.incinerator.metrics import Closed

IDENTIFY_SECONDS = 20.0
"""How long a device may take until a frame of its shows that it is registered and knows its password."""
MOST_PER_LOGGER = 8
"""A logger has one connection; the others are those a bad line left open."""


class Connection:
    """`mns`: the loggers that have identified themselves on it; one gateway of a plant may speak for several."""

    _numbers = count()

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self.address = str((transport.get_extra_info("peername") or [""])[0])
        self.number, self.spoke, self.mns = next(self._numbers), False, set[str]()
        self.deadline: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        """Without waiting for a peer that does not read."""
        self._transport.abort()


class Connections:
    """`most`, `most_per_address` count connections of strangers only: where there are too many, one of them makes room for
    the newest, so that whoever identifies itself at once always gets in, however many are silent."""

    def __init__(self, most: int, most_per_address: int, closed: Callable[[Closed], None]) -> None:
        self._most, self._most_per_address, self._tell_closed = most, most_per_address, closed
        self._strangers: dict[str, set[Connection]] = {}
        self._known: dict[str, list[Connection]] = {}

    def admit(self, connection: Connection) -> None:
        here = self._strangers.setdefault(connection.address, set())
        here.add(connection)
        connection.deadline = asyncio.get_running_loop().call_later(
            IDENTIFY_SECONDS, self._close, connection, Closed.UNIDENTIFIED
        )
        if len(here) > self._most_per_address:
            self._close(_first_to_go(here - {connection}), Closed.CROWDED_OUT)
        elif sum(map(len, self._strangers.values())) > self._most:
            crowd = max(self._strangers.values(), key=len)
            self._close(_first_to_go(crowd - {connection} or crowd), Closed.CROWDED_OUT)

    def identify(self, connection: Connection, mns: Iterable[str]) -> None:
        """These loggers speak on this connection."""
        self._forget_stranger(connection)
        for mn in sorted(set(mns) - connection.mns):
            connection.mns.add(mn)
            mine = self._known.setdefault(mn, [])
            mine.append(connection)
            if len(mine) > MOST_PER_LOGGER:
                self._close(mine[0], Closed.REPLACED)

    def leave(self, connection: Connection) -> None:
        self._forget_stranger(connection)
        for mn in connection.mns:
            self._known[mn].remove(connection)
            if not self._known[mn]:
                del self._known[mn]
        connection.mns.clear()

    def _close(self, connection: Connection, reason: Closed) -> None:
        self.leave(connection)
        self._tell_closed(reason)
        connection.abort()

    def _forget_stranger(self, connection: Connection) -> None:
        if connection.deadline is None:
            return
        connection.deadline.cancel()
        connection.deadline = None
        here = self._strangers[connection.address]
        here.discard(connection)
        if not here:
            del self._strangers[connection.address]


def _first_to_go(strangers: Iterable[Connection]) -> Connection:
    """The oldest that has said nothing; where all have, the oldest."""
    return min(strangers, key=lambda one: (one.spoke, one.number))
