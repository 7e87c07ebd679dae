"""A ticket changes: its next revision, what it moves, the alarm of a wrong bay, and the event, in one transaction."""

from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.service import alarms, stock
from services.transfer_station.store import tickets as store
from shared.clock import now
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.outbox import publish
from shared.vocabulary import AlertStatus, StationAlarmKind, TicketStatus


async def save(
    session: AsyncSession,
    station: dict[str, Any],
    row: dict[str, Any],
    action: str,
    actor: str,
    *,
    person: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """The ticket as it is stored. The caller holds the station's lock."""
    row = row | {"revision": row["revision"] + 1, "changed_at": now()}
    change = {
        "ticket_id": row["ticket_id"],
        "revision": row["revision"],
        "action": action,
        "actor": actor,
        "person": person,
        "reason": reason,
        "changed_at": row["changed_at"],
        "ticket": to_jsonable_python(row),
    }
    await store.put(session, row, change)
    counts = row["status"] == TicketStatus.CLOSED
    at: datetime = row["bay_at"] or row["weighed_out_at"] or row["weighed_in_at"]
    kg, district = (row["net_kg"], row["district_id"]) if counts else (0, None)
    await stock.book(session, row["ticket_id"], "ticket", row["station_id"], row["stream"], at, kg, district)
    if action == "bay" and row["status"] == TicketStatus.CLOSED:
        await _watch_bay(session, station, row | {"status": TicketStatus.OPEN.value})  # told late: it was wrong while it lasted
    await _watch_bay(session, station, row)
    await publish(session, WeighbridgeTicketChanged.model_validate(row))
    return row


async def _watch_bay(session: AsyncSession, station: dict[str, Any], row: dict[str, Any]) -> None:
    takes = {bay["bay_id"]: bay["streams"] for bay in station["bays"]}
    is_open = row["status"] == TicketStatus.OPEN
    wrong = is_open and row["bay_id"] is not None and row["stream"] not in takes.get(row["bay_id"], [])
    gone = row["status"] == TicketStatus.VOID
    at = row["bay_at"] if wrong else row["weighed_out_at"] or row["bay_at"]
    await alarms.settle(
        session,
        StationAlarmKind.WRONG_BAY,
        row["station_id"],
        row["ticket_id"],
        at or row["weighed_in_at"],
        wanted=wrong,
        ending=AlertStatus.WITHDRAWN if gone else AlertStatus.CLOSED,
        ticket_id=row["ticket_id"],
        bay_id=row["bay_id"],
        vehicle_id=row["vehicle_id"],
        stream=row["stream"],
    )
