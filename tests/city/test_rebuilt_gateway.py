"""A gateway that lost all of its read model is filled again from what the services hold, while the city goes on, and ends as one
that never was away."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, select

from deploy.local.rabbitmq import LocalRabbit
from services.cli import rehearsals
from services.cli.rebuilds import rebuild_gateway
from services.cli.rehearsals import WEIGHED_SHUFFLED_AND_TWICE, evaluate_in_city, told, weigh_in_city
from services.gateway.tables.base import GatewayTable
from services.simulator.scenarios.rehearsal import Delivery
from shared.bus import Bus
from shared.db import Database
from shared.inbox import InboxRow
from shared.rabbit_bus import RabbitBus
from shared.settings import Settings

pytestmark = pytest.mark.slow
OWN = {"city_district", "city_quota"}
"""What no other service could tell again."""
OF_THE_WAY = {"city_clock", "city_part", "city_finding_change", "balance_due"} | OWN
"""How the model came to be what it is, not what it says."""
WHEN = {"changed_seq", "opened_at", "changed_at", "lifts_resent_at"}
LAST_OF_MONTH = 15
Tables = dict[str, list[str]]


async def read_model(gateway: Database) -> Tables:
    """Every row as text, in order; without what was withdrawn, or has come to nothing."""
    found: Tables = {}
    async with gateway.read() as session:
        for table in GatewayTable.metadata.sorted_tables:
            if table.name in OF_THE_WAY:
                continue
            left_out = WHEN | ({"revision"} if table.name == "city_finding" else set())
            columns = [column for column in table.columns if column.name not in left_out]
            rows = (await session.execute(select(*columns))).mappings().all()
            found[table.name] = sorted(str(sorted(_plain(row).items())) for row in rows if not _is_nothing(table.name, row))
    return found


def _is_nothing(table: str, row: Any) -> bool:
    match table:
        case "city_flow":
            return (row["net_kg"], row["facts"]) == (0, 0)
        case "city_posted":
            return not row["rows"]
        case "city_finding":
            return bool(row["status"] == "withdrawn")
    return False


def _plain(row: Any) -> dict[str, Any]:
    return {name: _same_everywhere(value) for name, value in row.items()}


def _same_everywhere(value: Any) -> Any:
    """PostgreSQL keeps the keys of JSON in an order of its own, and speeds in single precision."""
    if isinstance(value, dict):
        return sorted(map(str, value.items()))
    return round(value, 4) if isinstance(value, float) else value


async def lose_all(gateway: Database) -> None:
    async with gateway.transaction() as session:
        for table in GatewayTable.metadata.sorted_tables:
            if table.name not in OWN:
                await session.execute(delete(table))
        await session.execute(delete(InboxRow))


class Mishap(rehearsals.OwnClock):
    """Before its `unlucky` turn, with all at rest, the gateway loses its read model; after it once more, while things go on."""

    def __init__(self, unlucky: int, compared: list[tuple[Tables, Tables]], *given: Any) -> None:
        super().__init__(*given)
        self._left, self._compared = unlucky, compared
        self._filling: asyncio.Task[int] | None = None

    async def turn(self, at: datetime) -> None:
        self._left -= 1
        if self._left == 0:
            await self.settled()
            before = await read_model(self._database("gateway"))
            await lose_all(self._database("gateway"))
            await self._fill()
            await self.settled()
            self._compared.append((before, await read_model(self._database("gateway"))))
        await super().turn(at)
        if self._left == 0:
            await lose_all(self._database("gateway"))
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> int:
        return await rebuild_gateway(self._city.settings, lambda *_: None)

    async def settled(self) -> None:
        if self._filling is not None:
            assert await self._filling > 0
            self._filling = None
        await super().settled()


def assert_same(compared: list[tuple[Tables, Tables]], *filled: str) -> None:
    [(before, after)] = compared
    assert {name for name, rows in before.items() if rows} >= set(filled)
    for name, rows in before.items():
        lost, added = sorted(set(rows) - set(after[name])), sorted(set(after[name]) - set(rows))
        assert (lost, added) == ([], []), name


async def test_weighed_kilograms_and_findings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """SQLite with the local bus is the all-in-one way to run, PostgreSQL with RabbitMQ the suite's."""
    compared: list[tuple[Tables, Tables]] = []
    monkeypatch.setattr(rehearsals, "OwnClock", partial(Mishap, 9, compared))
    bus: Bus | None = None
    if settings.database_url is not None:
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        bus = RabbitBus(rabbit.url)
    checks = await weigh_in_city(settings, WEIGHED_SHUFFLED_AND_TWICE, bus, migrated=True)
    assert_same(compared, "city_vehicle", "city_run", "city_stop", "city_lift", "city_tip", "city_haul", "city_trip", "city_flow")
    assert all(check.holds for check in checks), told(checks)


async def test_complaints_inspections_and_the_published_index(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Tables, Tables]] = []
    monkeypatch.setattr(rehearsals, "OwnClock", partial(Mishap, LAST_OF_MONTH, compared))
    checks = await evaluate_in_city(settings, Delivery(), migrated=True)
    assert_same(compared, "city_complaint", "city_index", "city_inspection_finding", "city_deduction")
    assert all(check.holds for check in checks), told(checks)
