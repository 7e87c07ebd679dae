"""Whether a service can do its work, for `/health/ready` and for the metrics.

| status | HTTP | meaning |
|---|---|---|
| ready | 200 | all is well; the broker may be away, the outbox has room |
| degraded | 200 | requests are answered, but events do not flow: the broker refuses them, or a consumer gets nowhere |
| not ready | 503 | the database is away, cannot be written to, or is older than the code; or the service is stopping |
"""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import delete, text

from shared.bus import Bus
from shared.clock import monotonic, now
from shared.db import Database, insert_new
from shared.event_processing.processor import EventProcessor
from shared.inbox import InboxRow

SERVICES_HOME = Path(__file__).parent.parent / "services"
PROBE_SECONDS = 3.0
PROBE_EVERY_SECONDS = 2.0
FULL_SECONDS = 10.0
"""After a write that failed for want of space: a probe is smaller and may still find room."""
STUCK_SECONDS = 30.0
"""A batch that waits for a database's short absence is no failure; one that has not been committed for so long is."""
WATCH_SECONDS = 10.0
CONNECTIONS = """SELECT count(*), current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
FROM pg_stat_activity WHERE backend_type = 'client backend'"""
PROBE = {"consumer": "health", "event_id": "probe"}


class Health:
    """Asks the database at most every PROBE_EVERY_SECONDS, however often it is asked itself."""

    def __init__(self, database: Database, bus: Bus, processor: EventProcessor, registry: CollectorRegistry) -> None:
        self._database, self._bus, self._processor = database, bus, processor
        self._metrics = _HealthMetrics(registry, postgres=database.is_postgres)
        self._storage: dict[str, bool] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def state(self, *, stopping: bool) -> dict[str, Any]:
        storage = await self._ask_storage()
        blocked, stuck = self._bus.blocked_seconds(), self._processor.stuck_seconds()
        status = "ready" if all(storage.values()) and not stopping else "not ready"
        if status == "ready" and (blocked or stuck > STUCK_SECONDS):
            status = "degraded"
        return {
            "status": status,
            **storage,
            "bus": await self._bus.ready(),
            "publisher_blocked_seconds": round(blocked, 1),
            "consumer_stuck_seconds": round(stuck, 1),
        }

    async def watch(self) -> None:
        """Keeps the metrics true, whether or not anybody asks."""
        while True:
            for check, holds in (await self._ask_storage()).items():
                self._metrics.storage.labels(check).set(holds)
            if self._database.is_postgres:
                await _succeeds(self._count_connections())
            await asyncio.sleep(WATCH_SECONDS)

    async def _count_connections(self) -> None:
        async with self._database.read() as session:
            held, most = (await session.execute(text(CONNECTIONS))).one()
        self._metrics.connections.set(held)
        self._metrics.most_connections.set(most)

    async def _ask_storage(self) -> dict[str, bool]:
        async with self._asking:
            if monotonic() - self._asked_at > PROBE_EVERY_SECONDS:
                self._storage = {
                    "database": await _succeeds(self._database.ping()),
                    "migrated": await _succeeds(self._require_revision()),
                    "writable": await _succeeds(self._write()),
                }
                self._asked_at = monotonic()
            return self._storage

    async def _require_revision(self) -> None:
        async with self._database.read() as session:
            revision = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        if int(revision) < int(newest_revision(self._database.service)):
            raise LookupError("the database is older than the code")

    async def _write(self) -> None:
        """A real write: a full disk is told by no other way."""
        if self._database.was_full_within(FULL_SECONDS):
            raise OSError("a write failed because the disk is full")
        async with self._database.transaction() as session:
            await insert_new(session, InboxRow, [PROBE | {"claimed_at": now()}])
        async with self._database.transaction() as session:
            await session.execute(delete(InboxRow).filter_by(**PROBE))


class _HealthMetrics:
    def __init__(self, registry: CollectorRegistry, *, postgres: bool) -> None:
        self.storage = Gauge(
            "sanitation_storage_ok",
            "Whether the database answers, has the code's revision, and can be written to",
            ["check"],
            registry=registry,
        )
        if postgres:
            self.connections = Gauge("sanitation_postgres_connections", "Connections of all clients", registry=registry)
            self.most_connections = Gauge("sanitation_postgres_connections_most", "What it has room for", registry=registry)


async def _succeeds(asking: Any) -> bool:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await asking
    except Exception:  # whatever it is, the answer is no
        return False
    return True


@cache
def newest_revision(service: str) -> str:
    """The revision that this code needs its database to have."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES_HOME / service / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head() or "0"
