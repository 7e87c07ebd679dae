"""Requests that arrive together share one transaction, and each is answered only after the commit that holds its records.

At a thousand small requests a second a commit for each would spend the disk on waiting; a few milliseconds of collecting
make them one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


class GroupCommit(Generic[Work, Result]):
    """`commit` stores many works in one transaction and returns their results in order.

    When a group fails each work is tried alone, so that one work's error reaches its own sender only.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Work]], Awaitable[list[Result]]],
        size_of: Callable[[Work], int],
        *,
        seconds: float,
        most: int,
    ) -> None:
        self._commit, self._size_of, self._seconds, self._most = commit, size_of, seconds, most
        self._waiting: list[tuple[Work, asyncio.Future[Result]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, work: Work) -> Result:
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, result))
        if self._worker is None:
            self._worker = asyncio.create_task(self._run(), name="group commit")
        return await result

    async def _run(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(self._seconds)
                await self._settle(self._next_group())
        finally:
            self._worker = None

    def _next_group(self) -> list[tuple[Work, "asyncio.Future[Result]"]]:
        size = taken = 0
        for work, _ in self._waiting:
            size += self._size_of(work)
            if taken and size > self._most:
                break
            taken += 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group

    async def _settle(self, group: Sequence[tuple[Work, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._commit([work for work, _ in group])
        except Exception as error:
            if len(group) == 1:
                _tell(group[0][1], error)
                return
            for one in group:
                await self._settle([one])
            return
        for (_, waiting), result in zip(group, results, strict=True):
            if not waiting.done():
                waiting.set_result(result)


def _tell(waiting: "asyncio.Future[Result]", error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)
