"""What a service holds, published again as the events that first told it: for a consumer that has lost its own copy.

A table is read in pieces in the order of its key, each piece in a transaction of its own, while the service goes on. An event
carries the revision or total that its row has, so a consumer keeps the newest, whichever reaches it first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import rows_after
from shared.events.base import Event
from shared.outbox import publish
from shared.rows import from_row

PIECE = 200
T = TypeVar("T")
Row = dict[str, Any]
Key = tuple[Any, ...]
EventsOf = Callable[[AsyncSession, Sequence[Row]], Awaitable[Sequence[Event]]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`event`: the type that it publishes. `events_of`: the events of these rows of `table`."""

    event: type[Event]
    table: Table
    events_of: EventsOf
    rows: int = PIECE

    async def publish_next(self, session: AsyncSession, after: Key | None, queue: str) -> tuple[int, Key | None]:
        """Publish the events of the rows after this key to one queue: how many rows, and the last key, or None at the end."""
        rows = await rows_after(session, self.table, after, self.rows)
        await publish(session, *await self.events_of(session, rows), queue=queue)
        last = tuple(rows[-1][column.name] for column in self.table.primary_key) if len(rows) == self.rows else None
        return len(rows), last

    async def count(self, session: AsyncSession) -> int:
        return (await session.execute(select(func.count()).select_from(self.table))).scalar_one()


def of_type(
    event: type[Event], table: Table, kind: type[T], events_of: Callable[[AsyncSession, Sequence[T]], Awaitable[Sequence[Event]]]
) -> Snapshot:
    """Of a table whose rows are read as `kind`."""

    async def events_of_rows(session: AsyncSession, rows: Sequence[Row]) -> Sequence[Event]:
        return await events_of(session, [from_row(kind, row) for row in rows])

    return Snapshot(event, table, events_of_rows)


def of_rows(event: type[Event], table: Table) -> Snapshot:
    """Of a table whose rows have all that the event says; revision 0: nobody was told of it yet."""

    async def events_of(_: AsyncSession, rows: Sequence[Row]) -> list[Event]:
        return [event.model_validate(row) for row in rows if row.get("revision") != 0]

    return Snapshot(event, table, events_of)
