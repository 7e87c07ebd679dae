"""Dispatch orders go out with answers to telemetry: until they are answered, told as delivered once, and for nothing more
than a look at the state row where there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from trucks import START, position, send

from services.vehicle.service import ingest
from services.vehicle.service.orders import save_orders
from shared.events.route import OrderChanged
from shared.outbox import OutboxRow
from shared.testing import City


def changed(revision: int = 1, status: str = "open", order_id: str = "O-1", vehicle_id: str = "T-1") -> OrderChanged:
    about = {"kind": "message", "text": "回场", "given_at": START, "due_at": START + timedelta(minutes=30)}
    times = {"changed_at": START, "status_at": START}
    whole = {"order_id": order_id, "revision": revision, "vehicle_id": vehicle_id, "status": status, **about, **times}
    return OrderChanged.model_validate(whole)


async def keep(city: City, *events: OrderChanged) -> None:
    """One transaction for each event, as they come one by one."""
    for one in events:
        async with city.apps["vehicle"].state.resources.database.transaction() as session:
            await save_orders(session, [one])


async def shown(truck: httpx.AsyncClient, second: float) -> list[str]:
    return [order["order_id"] for order in (await send(truck, [position(second)]))["orders"]]


async def delivered(city: City) -> list[str]:
    async with city.apps["vehicle"].state.resources.database.read() as session:
        rows = await session.execute(
            OutboxRow.__table__.select().where(OutboxRow.__table__.c.type == "vehicle.order_delivered.v1")  # type: ignore[attr-defined]
        )
        return [row.subject for row in rows]


async def test_an_order_goes_out_until_it_is_answered_and_is_told_once(vehicles: City, truck: httpx.AsyncClient) -> None:
    assert await shown(truck, 0) == []
    await keep(vehicles, changed())
    assert await shown(truck, 1) == ["O-1"]
    await keep(vehicles, changed(2, "delivered"))
    assert await shown(truck, 2) == ["O-1"]
    assert await shown(truck, 2) == ["O-1"]
    assert await delivered(vehicles) == ["O-1"]
    await keep(vehicles, changed(3, "accepted"))
    assert await shown(truck, 3) == []
    await keep(vehicles, changed(order_id="O-2"))
    assert await shown(truck, 4) == ["O-2"]


async def test_older_revisions_never_bring_an_order_back(vehicles: City, truck: httpx.AsyncClient) -> None:
    history = [(1, "open"), (2, "delivered"), (3, "accepted")]
    for number, arrivals in enumerate(permutations(history)):
        await keep(vehicles, *(changed(revision, status, f"O-{number}") for revision, status in arrivals))
    assert await shown(truck, 1) == []


async def test_an_order_for_a_truck_never_heard_of_waits_for_its_first_telemetry(
    vehicles: City, truck: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    await keep(vehicles, changed(), changed(order_id="O-9", vehicle_id="T-9"))
    known = (await admin.get("/v1/vehicles/T-1")).json()
    assert known["state"]["last_at"] is None
    assert await shown(truck, 1) == ["O-1"]
    assert await delivered(vehicles) == ["O-1"]


async def test_what_was_not_committed_was_not_delivered(
    vehicles: City, truck: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(vehicles, changed())

    async def away(*_: Any) -> None:
        raise ValueError("the outbox is gone")

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "publish", away)
        answer = await truck.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [position(1)]})
        assert answer.status_code == 500
    assert await delivered(vehicles) == []
    assert await shown(truck, 1) == ["O-1"]
    assert await delivered(vehicles) == ["O-1"]


async def test_a_batch_with_rejected_records_gets_its_orders_too(vehicles: City, truck: httpx.AsyncClient) -> None:
    await keep(vehicles, changed())
    answer = await send(truck, [position(1), {"kind": "position"}])
    assert (answer["rejected"], [order["order_id"] for order in answer["orders"]]) == (1, ["O-1"])


@contextmanager
def asked_of_orders(city: City) -> Iterator[list[str]]:
    """The statements about orders' own table while this lasts, by their first word."""
    engine = city.apps["vehicle"].state.resources.database.writer.sync_engine
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "pending_order" in statement:
            asked.append(statement.split(maxsplit=1)[0])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


async def test_telemetry_asks_about_orders_only_where_one_waits(vehicles: City, truck: httpx.AsyncClient) -> None:
    with asked_of_orders(vehicles) as asked:
        await shown(truck, 0)
        assert asked == []
    await keep(vehicles, changed())
    with asked_of_orders(vehicles) as asked:
        await shown(truck, 1)
        assert asked == ["SELECT", "UPDATE"]
        await shown(truck, 2)
        assert asked == ["SELECT", "UPDATE", "SELECT"]
    await keep(vehicles, changed(2, "refused"))
    with asked_of_orders(vehicles) as asked:
        await shown(truck, 3)
        assert asked == []
