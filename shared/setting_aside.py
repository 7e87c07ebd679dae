"""Work lists where one bad item does not stop the others.

Each item of a transaction is done within a savepoint. When one fails for a reason that will not pass by itself, only it is
undone, told in the log and in a metric, and passed over for a while.
"""

import logging
from collections.abc import Awaitable, Hashable
from typing import Generic, TypeVar

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import monotonic
from shared.errors import is_outage

log = logging.getLogger(__name__)
SET_ASIDE_SECONDS = 60.0
K = TypeVar("K", bound=Hashable)


class SetAside(Generic[K]):
    """The items of one task that fail. Only whoever leads the task needs to know them: a successor finds out by itself."""

    def __init__(self, task: str, gauge: Gauge | None = None) -> None:
        self._task = task
        self._until: dict[K, float] = {}
        self._gauge = gauge.labels(task) if gauge is not None else None
        self._show()

    def keys(self) -> list[K]:
        """What is not to be tried now."""
        at = monotonic()
        return [key for key, until in self._until.items() if at < until]

    async def attempt(self, session: AsyncSession, key: K, work: Awaitable[None]) -> bool:
        """Do one item within the session's transaction. False when it failed: it is undone and set aside.

        An outage is raised: it is not the item's fault.
        """
        try:
            async with session.begin_nested():
                await work
        except Exception as error:
            if is_outage(error):
                raise
            self.add(key, error)
            return False
        if self._until.pop(key, None) is not None:
            self._show()
        return True

    def add(self, key: K, error: Exception) -> None:
        log.warning("set aside", exc_info=error, extra={"task": self._task, "item": str(key)})
        self._until[key] = monotonic() + SET_ASIDE_SECONDS
        self._show()

    def _show(self) -> None:
        if self._gauge is not None:
            self._gauge.set(len(self._until))
