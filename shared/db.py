"""One service's database: PostgreSQL (a schema per service) or one SQLite file, behind the same few calls.

A transaction commits in exactly one place: at the end of `Database.transaction()`. Requests reach it through
`Transaction`, consumers through `shared.consumers`.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from pydantic_core import from_json, to_json
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Dialect,
    Table,
    any_,
    bindparam,
    delete,
    event,
    func,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.clock import EPOCH, monotonic, require_aware
from shared.errors import is_disk_full
from shared.files import private_directory
from shared.leadership import Leadership
from shared.settings import Settings
from shared.sqlite import connect_sqlite

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """An aware moment: timestamptz in PostgreSQL, microseconds since 1970 in SQLite. Naive datetimes are refused.

    PostgreSQL's driver does all of that by itself; a function of ours for each value would be a tenth of an ingest.
    """

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(kind)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return None if dialect.name == "postgresql" else _to_microseconds

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], Any] | None:
        return None if dialect.name == "postgresql" else _from_microseconds


def _to_microseconds(at: datetime | None) -> int | None:
    return None if at is None else (require_aware(at) - EPOCH) // timedelta(microseconds=1)


def _from_microseconds(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def _json(value: Any) -> str:
    return to_json(value).decode()


AS_JSON: dict[str, Any] = {"json_serializer": _json, "json_deserializer": from_json}


class Database:
    """`read()` sees committed data; `transaction()` commits once at its end, and then wakes the tasks it made work for."""

    def __init__(self, settings: Settings, service: str) -> None:
        self.service = service
        self.is_postgres = settings.database_url is not None
        self._wakes: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._full_at = float("-inf")
        self._url = settings.database_url.get_secret_value() if settings.database_url else None
        self._connections = settings.database_connections
        self._file = settings.data_dir / f"{service}.sqlite3"
        self.reader, self.writer = self._engines()
        self._leadership = Leadership(self.writer, service)

    def _engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        if self._url is not None:
            url = self._url.replace("postgresql://", "postgresql+asyncpg://", 1)
            connect = {
                "server_settings": {"search_path": self.service, "jit": "off"},
                "timeout": 5,
                "command_timeout": 60,
            }
            engine = create_async_engine(
                url,
                pool_size=self._connections,
                max_overflow=0,
                pool_timeout=10,
                pool_use_lifo=True,  # the connection used last knows the statements best
                connect_args=connect,
                **AS_JSON,
            )
            # Reading takes no transaction: READ COMMITTED promises each statement as much, and BEGIN and ROLLBACK are trips.
            return engine.execution_options(isolation_level="AUTOCOMMIT"), engine
        private_directory(self._file.parent)
        url = f"sqlite+aiosqlite:///{self._file}"
        opened = partial(connect_sqlite, self._file)
        reader = create_async_engine(url, pool_size=3, max_overflow=0, async_creator=opened, **AS_JSON)
        # One writer: SQLite has a single write lock, and waiting in our pool beats SQLITE_BUSY.
        writer = create_async_engine(url, pool_size=1, max_overflow=0, async_creator=opened, **AS_JSON)
        _begin_with(reader, "BEGIN")
        _begin_with(writer, "BEGIN IMMEDIATE")
        return reader, writer

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(self.writer, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if is_disk_full(error):
                self._full_at = monotonic()
            raise
        for task in session.info.get("wakes", ()):
            self._wakes[task].set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    async def woken(self, task: str, seconds: float) -> bool:
        """Waits until a transaction of this process has made work for `task`; False when there was none for `seconds`.

        What other processes store wakes nobody here: whoever waits looks again after a while.
        """
        event = self._wakes[task]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        was_woken = event.is_set()
        event.clear()
        return was_woken

    def hurry(self) -> None:
        """Whoever waits for work in this process looks at once, for somebody whose clock runs ahead of the processor's."""
        for wake in self._wakes.values():
            wake.set()

    @asynccontextmanager
    async def leadership(self, task: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        """Waits until this process alone may do `task`; yields a check that turns False when that is over.

        SQLite has one process anyway.
        """
        if not self.is_postgres:
            yield _always
            return
        async with self._leadership.of(task) as still_leading:
            yield still_leading

    def was_full_within(self, seconds: float) -> bool:
        """Whether a write failed for want of space in the last `seconds`."""
        return monotonic() - self._full_at < seconds

    async def ping(self) -> None:
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._leadership.close()
        await self.reader.dispose()
        await self.writer.dispose()


async def _always() -> bool:
    return True


def _begin_with(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def wake(session: AsyncSession, task: str) -> None:
    """When the session's transaction commits, and only then, `task` of this process goes on at once."""
    session.info.setdefault("wakes", set()).add(task)


def is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def among(session: AsyncSession, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`: one array parameter in PostgreSQL, where a parameter for each would have to be rendered."""
    if not is_postgres(session):
        return column.in_(list(values))
    return column == any_(literal(list(values), ARRAY(column.type, dimensions=1)))


async def insert_new(session: AsyncSession, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are."""
    if rows:
        await session.execute(_inserting_new(_core(table), is_postgres(session)), list(rows))


@cache
def _inserting_new(core: Table, postgres: bool) -> Any:
    """Kept: SQLAlchemy knows again a statement that it has seen, which is much of the price of a small one."""
    return (pg_insert if postgres else sqlite_insert)(core).on_conflict_do_nothing()


async def take_rows(
    session: AsyncSession, table: Table, *where: ColumnElement[bool], order_by: Sequence[ColumnElement[Any]], limit: int
) -> list[Any]:
    """Remove the first rows of a work list and return them as they are when they are removed, in that order.

    A row that another transaction is changing is left for the next call: reading first and deleting then would lose its change.
    """
    keys = list(table.primary_key.columns)
    # A query that locks is run once as a common table expression; as a subquery it may be run again and take more.
    first = select(*keys).where(*where).order_by(*order_by).limit(limit).with_for_update(skip_locked=True).cte("first")
    taking = delete(table).where(tuple_(*keys).in_(select(first))).returning(*table.c, *_ordering(order_by))
    taken = await session.execute(taking)
    return sorted(taken.all(), key=lambda row: row[len(table.c) :])


def _ordering(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [column.label(f"order_{number}") for number, column in enumerate(columns)]


async def rows_after(session: AsyncSession, table: Table, after: Sequence[Any] | None, limit: int) -> list[dict[str, Any]]:
    """The next rows in the order of the primary key, after this key."""
    keys = list(table.primary_key.columns)
    query = select(*table.c).order_by(*keys).limit(limit)
    if after is not None:
        last = [literal(value, column.type) for value, column in zip(after, keys, strict=True)]
        query = query.where(tuple_(*keys) > tuple_(*last))
    return [dict(row) for row in (await session.execute(query)).mappings()]


async def upsert(session: AsyncSession, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or overwrite every given column of those whose primary key is there. All rows have the same columns."""
    if rows:
        columns = tuple(rows[0])
        await merge_rows(session, table, columns, [tuple(row[name] for name in columns) for row in rows], _given)


async def copy_rows(session: AsyncSession, table: Any, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Bulk insert in the session's transaction: COPY in PostgreSQL (a key that is there already is an error)."""
    if not rows:
        return
    core = _core(table)
    connection = await session.connection()
    if is_postgres(session):
        if as_json := {n for n, name in enumerate(columns) if isinstance(core.c[name].type, JSON)}:
            rows = [tuple(_json(v) if n in as_json and v is not None else v for n, v in enumerate(row)) for row in rows]
        raw = await connection.get_raw_connection()
        await raw.driver_connection.copy_records_to_table(core.name, records=rows, columns=columns)  # type: ignore[union-attr]
    else:
        await connection.execute(core.insert(), [dict(zip(columns, row, strict=True)) for row in rows])


def _given(_: Any, given: Any) -> Any:
    return given


Merge = Callable[[Any, Any], Any]
"""From the columns of the stored row and of the given one to what is stored when both have the same key."""


async def merge_rows(
    session: AsyncSession, table: Any, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], merge: Merge | None = None
) -> None:
    """Many rows at the price of one statement: a row whose key is there is merged with it, or left as it is without `merge`.

    A key must not stand twice in `rows`.
    """
    if not rows:
        return
    postgres = is_postgres(session)
    statement = _merging(_core(table), columns, merge, postgres)
    if postgres:
        named = {f"given_{name}": list(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}
        await session.execute(statement, named)
    else:
        await session.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])


@cache
def _merging(core: Table, columns: tuple[str, ...], merge: Merge | None, postgres: bool) -> Any:
    if postgres:
        arrays = [func.unnest(bindparam(f"given_{name}", type_=ARRAY(core.c[name].type, dimensions=1))) for name in columns]
        statement: Any = pg_insert(core).from_select(columns, select(*arrays))
    else:
        statement = sqlite_insert(core).values({name: bindparam(name) for name in columns})
    if merge is None:
        return statement.on_conflict_do_nothing()
    keys = [column.name for column in core.primary_key]
    merged = merge(core.c, statement.excluded)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: merged[name] for name in columns if name in merged and name not in keys}
    )


def _core(table: Any) -> Table:
    return cast("Table", table if isinstance(table, Table) else table.__table__)


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.resources.database
    scope = database.read if request.method in {"GET", "HEAD"} else database.transaction
    async with scope() as session:
        yield session


# scope="function" commits before the answer is sent: a failed commit must not have answered 2xx already.
Transaction = Annotated[AsyncSession, Depends(_session, scope="function")]
