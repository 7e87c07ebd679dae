"""Which of a service's processes does a task that only one may do: PostgreSQL's session advisory locks.

All locks of a process stand on one connection. Whoever loses it leads nothing any more, and another process goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.clock import monotonic

ASK_SECONDS = 1.0
"""Between two attempts to lead, and for how long an answer of the connection counts."""


class Leadership:
    def __init__(self, engine: AsyncEngine, service: str) -> None:
        self._engine, self._service = engine, service
        self._connection: AsyncConnection | None = None
        self._tasks: set[str] = set()
        self._asked_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def of(self, task: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        """Waits until this process alone may do `task`; yields a check that turns False when that is over."""
        while (connection := await self._try(task)) is None:
            await asyncio.sleep(ASK_SECONDS)

        async def still_leading() -> bool:
            return await self._answers(connection)

        try:
            yield still_leading
        finally:
            await self._give_back(task, connection)

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._drop()

    async def _try(self, task: str) -> AsyncConnection | None:
        async with self._one_at_a_time:
            if self._connection is None:
                opened = await self._engine.connect()
                self._connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
            if not await self._ask(self._connection, "SELECT pg_try_advisory_lock(hashtext(:key))", task):
                return None
            self._tasks.add(task)
            return self._connection

    async def _answers(self, connection: AsyncConnection) -> bool:
        async with self._one_at_a_time:
            if connection is self._connection and monotonic() - self._asked_at > ASK_SECONDS:
                await self._ask(connection, "SELECT true")
            return connection is self._connection

    async def _give_back(self, task: str, connection: AsyncConnection) -> None:
        async with self._one_at_a_time:
            if connection is not self._connection:
                return
            self._tasks.discard(task)
            if self._tasks:
                await self._ask(connection, "SELECT pg_advisory_unlock(hashtext(:key))", task)
            else:
                await self._drop()

    async def _ask(self, connection: AsyncConnection, sql: str, task: str = "") -> bool:
        """Whatever goes wrong on the connection, a stop in the middle too, ends it: a lock nobody can see is worse."""
        try:
            parameters = {"key": f"{self._service}:{task}"} if task else {}
            answer = bool((await connection.execute(text(sql), parameters)).scalar())
        except BaseException:
            await self._drop()
            raise
        self._asked_at = monotonic()
        return answer

    async def _drop(self) -> None:
        """A lock lives as long as its session: back in the pool the connection would carry it on."""
        dropped, self._connection = self._connection, None
        self._tasks.clear()
        if dropped is not None:
            await dropped.invalidate()
            await dropped.close()
