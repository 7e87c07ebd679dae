"""Stops that another truck took over belong to its run, whichever of the two runs the gateway hears of first."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from happenings import DAY, TEN, judged, planned, registered, stop, tell
from sqlalchemy import select

from services.gateway.store.stops import STOP
from shared.events.route import PlannedStop, RunPlanned
from shared.testing import City

pytestmark = pytest.mark.usefixtures("at_ten")


def made(*seqs: int) -> list[PlannedStop]:
    """Of the stops that `planned()` made, these."""
    return [stop("R-1", seq, TEN + timedelta(minutes=60 * (seq - 2))) for seq in seqs]


def moved() -> RunPlanned:
    return planned("R-1-X", vehicle_id="T-2").model_copy(update={"stops": made(2, 3)})


def left(revision: int = 2) -> RunPlanned:
    return planned("R-1", revision=revision).model_copy(update={"stops": made(1)})


async def stops(city: City) -> dict[str, tuple[str, str, str]]:
    """run, vehicle and verdict by stop."""
    async with city.apps["gateway"].state.resources.database.read() as session:
        query = select(STOP.c.stop_id, STOP.c.run_id, STOP.c.vehicle_id, STOP.c.verdict)
        rows = await session.execute(query.where(STOP.c.service_day == DAY))
        return {stop_id: (run_id, vehicle_id, verdict) for stop_id, run_id, vehicle_id, verdict in rows}


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize("order", [(moved, left), (left, moved)], ids=["new run first", "old run first"])
async def test_moved_stops_survive(gateway: City, console: httpx.AsyncClient, order: tuple[Any, Any], together: bool) -> None:
    await tell(gateway, registered(), registered("T-2"), planned())
    await tell(gateway, judged("R-1.1", "collected"), judged("R-1.2", "excepted"))
    events = [make() for make in order]
    if together:
        await tell(gateway, *events)
    else:
        for event in events:
            await tell(gateway, event)
    await tell(gateway, judged("R-1.2", "planned", revision=2, previous="excepted"))
    assert await stops(gateway) == {
        "R-1.1": ("R-1", "T-1", "collected"),
        "R-1.2": ("R-1-X", "T-2", "planned"),
        "R-1.3": ("R-1-X", "T-2", "planned"),
    }
    await tell(gateway, judged("R-1.2", "collected", revision=3))
    view = (await console.get("/v1/city")).json()
    assert (view["runs"]["runs"], view["runs"]["by_verdict"]) == (2, {"collected": 2, "planned": 1})


async def test_a_run_that_lost_all_its_stops_stays_without_any(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered(), planned())
    everything = planned("R-1-X", vehicle_id="T-2").model_copy(update={"stops": made(1, 2, 3)})
    await tell(gateway, everything, left().model_copy(update={"stops": []}))
    assert {run for run, _, _ in (await stops(gateway)).values()} == {"R-1-X"}
    view = (await console.get("/v1/city")).json()
    assert (view["runs"]["runs"], view["runs"]["stops"]["total"]) == (2, 3)


async def test_the_old_plan_told_again_takes_nothing_back(gateway: City) -> None:
    await tell(gateway, registered(), planned())
    await tell(gateway, moved(), left())
    await tell(gateway, planned())
    assert {stop_id: run for stop_id, (run, _, _) in (await stops(gateway)).items()} == {
        "R-1.1": "R-1",
        "R-1.2": "R-1-X",
        "R-1.3": "R-1-X",
    }
