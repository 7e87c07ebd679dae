"""Where data loggers connect (HJ 212 over TCP): frames in, answers out once they are stored.

A connection's frames are stored before more is read from it, so what it holds is bounded, and the network slows down a logger
that sends faster than the database writes. A frame that is refused gets no answer and costs the connection nothing.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from services.incinerator.connections import Connection, Connections
from services.incinerator.domain.hj212 import Frame, Stream, Unreadable, parse
from services.incinerator.metrics import IncineratorMetrics
from services.incinerator.service.fates import KEPT, Fate
from services.incinerator.service.ingest import Arrival, Outcome, take_frames
from shared.app import Resources
from shared.group_commit import GroupCommit

log = logging.getLogger(__name__)
READ_BYTES = 1 << 16
IDLE_SECONDS = 2 * 3600.0
"""Twice the longest interval of real-time data (RtdInterval ≤ 3600 s)."""
ANSWER_SECONDS = 30.0


async def listen(resources: Resources) -> None:
    """Does nothing where no port is set."""
    settings, metrics = resources.settings, cast("IncineratorMetrics", resources.metrics)
    if settings.hj212_port is None:
        await asyncio.Future()  # a task that returns would be started again
    metrics.listening.set(0)
    loggers = Loggers(resources)
    server = await asyncio.start_server(loggers.serve, settings.host, settings.hj212_port, limit=READ_BYTES)
    log.info("listening for data loggers", extra={"port": settings.hj212_port})
    metrics.listening.set(1)
    try:
        await asyncio.Future()
    finally:
        metrics.listening.set(0)
        server.close()
        await loggers.disconnect()


class Loggers:
    """The connections of this process."""

    def __init__(self, resources: Resources) -> None:
        self._resources, self._metrics = resources, cast("IncineratorMetrics", resources.metrics)
        self._connected: set[asyncio.Task[None]] = set()
        settings = resources.settings
        self._connections = Connections(
            settings.hj212_connections, settings.hj212_connections_per_address, self._metrics.count_closed
        )
        self._intake: GroupCommit[Sequence[Arrival], list[Outcome]] = GroupCommit(
            self._commit, len, seconds=settings.group_commit_seconds, most=settings.group_commit_records
        )

    async def _commit(self, groups: Sequence[Sequence[Arrival]]) -> list[list[Outcome]]:
        async with self._resources.database.transaction() as session:
            outcomes = await take_frames(session, [one for group in groups for one in group], self._resources.settings.zone)
        self._metrics.count_outcomes(outcomes)
        rest = iter(outcomes)
        return [[next(rest) for _ in group] for group in groups]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            writer.close()
            return
        connection = Connection(writer.transport)
        self._connected.add(task)
        self._connections.admit(connection)
        self._metrics.connections.set(len(self._connected))
        try:
            await self._talk(connection, reader, writer)
        except (OSError, TimeoutError):
            connection.abort()  # it went away, or fell silent: it connects again when it has something to say
        finally:
            self._connected.discard(task)
            self._connections.leave(connection)
            self._metrics.connections.set(len(self._connected))
            writer.close()

    async def _talk(self, connection: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream, damaged = Stream(), 0
        while chunk := await asyncio.wait_for(reader.read(READ_BYTES), IDLE_SECONDS):
            frames = stream.feed(chunk)
            self._metrics.damaged.inc(stream.damaged_frames - damaged)
            damaged = stream.damaged_frames
            for reply in await self._replies(connection, frames):
                writer.write(reply)
            await asyncio.wait_for(writer.drain(), ANSWER_SECONDS)

    async def _replies(self, connection: Connection, frames: Sequence[Frame]) -> list[bytes]:
        arrivals = []
        for frame in frames:
            try:
                arrivals.append(Arrival(frame, parse(frame.data)))
            except Unreadable:
                self._metrics.count_frames([Fate.UNREADABLE])
        if not arrivals:
            return []
        connection.spoke = True
        try:
            outcomes = await self._intake.submit(arrivals)
        except Exception as error:
            # Not stored, so not answered: the loggers send again (HJ 212-2017 6.1: three times, then at the next connection).
            log.warning("frames were not stored", extra={"error": repr(error), "frames": len(arrivals)})
            return []
        if mns := {one.message.mn for one, outcome in zip(arrivals, outcomes, strict=True) if outcome.fate in KEPT}:
            self._connections.identify(connection, mns)
        return [outcome.reply for outcome in outcomes if outcome.reply is not None]

    async def disconnect(self) -> None:
        for task in self._connected:
            task.cancel()
        await asyncio.gather(*self._connected, return_exceptions=True)
