"""An onboard unit: notes records, sends them in batches, and forgets only what the city gave a final answer for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import islice
from random import Random
from typing import Any, Protocol

from services.simulator.devices.day import Record
from shared.client import ApiError

MOST_RECORDS_IN_A_BATCH = 1000
FINAL = frozenset({"stored", "duplicate", "rejected"})
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SIGNED_OUT = 401
NOT_LET_IN = frozenset({403, 404})
REFUSED_FOR_GOOD = frozenset({400, 413, 422})

Pause = Callable[[float], Awaitable[None]]


class Poster(Protocol):
    """The writing half of shared.client.ApiClient; it zips large bodies."""

    async def post(self, path: str, body: Any, *, token: str | None = None) -> Any: ...


class OnboardUnit:
    """`aboard` holds every record that has no final answer yet, oldest first. `refused` holds those of whole batches
    that the city refuses however often they come: they are kept, told apart one by one, and not sent again. `orders` are
    the dispatch orders that came with the answers, by id."""

    def __init__(
        self,
        vehicle_id: str,
        client: Poster,
        credentials: Callable[[str], Awaitable[str]] | None = None,
        *,
        batch_records: int = 500,
        repeats: int | None = None,
        pause: Pause = asyncio.sleep,
        seed: int = 0,
    ) -> None:
        """`credentials` gives a token for a vehicle id; it is asked again when the city answers 401. `repeats`: every
        so many batches one is sent twice, as a unit does that lost the answer."""
        self.vehicle_id = vehicle_id
        self.aboard: dict[int, Record] = {}
        self.refused: list[Record] = []
        self.orders: dict[str, dict[str, Any]] = {}
        self.stored = self.duplicates = self.rejected = self.batches = self.failures = 0
        self._client = client
        self._credentials = credentials
        self._token: str | None = None
        self._batch_records = min(batch_records, MOST_RECORDS_IN_A_BATCH)
        self._repeats = repeats
        self._pause = pause
        self._rng = Random(f"{seed}:{vehicle_id}:pauses")
        self._noted = 0
        self._failures_in_a_row = 0

    def note(self, records: Sequence[Record]) -> None:
        for record in records:
            self.aboard[self._noted] = record
            self._noted += 1

    async def flush(self) -> None:
        """Until nothing is aboard: sends, waits and sends again, however long the city is away.

        Raises ApiError when the city does not let this unit in (403, 404); everything is still aboard then.
        """
        while self.aboard:
            numbers = list(islice(self.aboard, self._batch_records))
            wait_seconds = await self._send(numbers)
            if wait_seconds:
                await self._pause(wait_seconds)

    async def _send(self, numbers: list[int]) -> float:
        """Seconds to wait before the next attempt."""
        try:
            await self._post(numbers)
        except ApiError as problem:
            return await self._failed(numbers, problem)
        self._failures_in_a_row = 0
        return 0.0

    async def _post(self, numbers: list[int]) -> None:
        body = {"vehicle_id": self.vehicle_id, "records": [self.aboard[number] for number in numbers]}
        if self._token is None and self._credentials:
            self._token = await self._credentials(self.vehicle_id)
        answer = await self._client.post("/v1/telemetry", body, token=self._token)
        self._forget(numbers, answer)
        self.orders |= {order["order_id"]: order for order in answer.get("orders", ())}
        self.batches += 1
        if self._repeats and self.batches % self._repeats == 0:
            with suppress(ApiError):
                again = await self._client.post("/v1/telemetry", body, token=self._token)
                self.duplicates += int(again["duplicates"])

    def _forget(self, numbers: list[int], answer: dict[str, Any]) -> None:
        """Deletes what has a final status; an answer that does not account for all of the batch deletes nothing."""
        counts = [int(answer[name]) for name in ("stored", "duplicates", "rejected")]
        open_ones = {int(item["index"]) for item in answer.get("items", ()) if item["status"] not in FINAL}
        if sum(counts) + len(open_ones) != len(numbers):
            raise ApiError(0, f"the answer accounts for {sum(counts)} of {len(numbers)} records")
        for index, number in enumerate(numbers):
            if index not in open_ones:
                del self.aboard[number]
        self.stored, self.duplicates, self.rejected = (
            before + now for before, now in zip((self.stored, self.duplicates, self.rejected), counts, strict=True)
        )

    async def _failed(self, numbers: list[int], problem: ApiError) -> float:
        self.failures += 1
        if problem.status == SIGNED_OUT and self._credentials:
            self._token = None
        elif problem.status in NOT_LET_IN:
            raise problem
        elif problem.status in REFUSED_FOR_GOOD:
            return await self._tell_apart(numbers)
        backoff = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures_in_a_row, 10))
        self._failures_in_a_row += 1
        # Jitter, so that a fleet that lost the city together does not come back together.
        return max(problem.retry_after_seconds or 0.0, backoff * self._rng.uniform(0.5, 1.0))

    async def _tell_apart(self, numbers: list[int]) -> float:
        """One record can make a whole batch unreadable or too large: the halves are sent by themselves."""
        still_aboard = [number for number in numbers if number in self.aboard]
        if len(still_aboard) == 1:
            self.refused.append(self.aboard.pop(still_aboard[0]))
            return 0.0
        middle = len(still_aboard) // 2
        return await self._send(still_aboard[:middle]) or await self._send(still_aboard[middle:])
