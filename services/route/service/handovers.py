"""Stops that changed trucks during their day: what any of the trucks did there counts, whenever its data comes.

The judge looks at a stop with the facts of the truck that has it. For one that had it before, the stop is looked at with
that truck's facts too, and what it did is kept with the hand-over (`found`). So it makes no difference whether the first
truck's data came before another took over or hours later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.handover import Finding, Former, combined
from services.route.service.verdicts import Found
from services.route.store import handovers as store
from services.route.store import judgements

Stop = dict[str, Any]
Handovers = Sequence[dict[str, Any]]


async def note(session: AsyncSession, stops: Iterable[Stop], at: datetime) -> None:
    """These stops, as they were, are another truck's from now on."""
    rows = [
        {name: stop[name] for name in ("stop_id", "vehicle_id", "contractor_id", "service_day", "planned_at")}
        | {"at": at, "found": None}
        for stop in stops
        if stop["vehicle_id"] is not None
    ]
    await store.add(session, rows)


def lent(handovers: Handovers, vehicle_id: str) -> dict[str, dict[str, Any]]:
    """By stop, the hand-overs by which this vehicle gave stops away that it has no more."""
    return {row["stop_id"]: row for row in handovers if row["vehicle_id"] == vehicle_id != row["stop_vehicle_id"]}


async def keep(
    session: AsyncSession, given: Mapping[str, dict[str, Any]], judged: Iterable[Found], day: date, at: datetime
) -> None:
    """What a vehicle did at the stops it gave away; those who have them now are judged anew if it is news."""
    owners = set()
    for found in judged:
        row = given.get(found.stop_id)
        if row is None:
            continue
        served = _to_json(found) if Finding(*found[1:]).service_at else None
        if served != row["found"]:
            await store.put_found(session, row["stop_id"], row["vehicle_id"], served)
            owners.add(row["stop_vehicle_id"])
    await judgements.queue(session, [(owner or judgements.NO_VEHICLE, day) for owner in owners], at)


def formers(handovers: Handovers, vehicle_id: str) -> set[str]:
    """The vehicles that had stops of this one before."""
    return {row["vehicle_id"] for row in handovers if row["stop_vehicle_id"] == vehicle_id != row["vehicle_id"]}


async def heard_of(session: AsyncSession, handovers: Handovers, vehicle_id: str) -> dict[str, datetime | None]:
    """Until when the data of each of `formers` reaches."""
    vehicle_ids = formers(handovers, vehicle_id)
    return await store.known_until(session, vehicle_ids) if vehicle_ids else {}


def counted_in(
    handovers: Handovers, heard: Mapping[str, datetime | None], vehicle_id: str, judged: Sequence[Found]
) -> list[Found]:
    """The findings of a vehicle about its own stops, with what those who had them before did there.

    `heard` must have been read before what they did was looked at, or it may promise data that nobody has seen.
    """
    former: dict[str, list[dict[str, Any]]] = {}
    for row in handovers:
        if row["stop_vehicle_id"] == vehicle_id != row["vehicle_id"]:
            former.setdefault(row["stop_id"], []).append(row)
    return [
        Found(found.stop_id, *combined(Finding(*found[1:]), [_former(row, heard) for row in former[found.stop_id]]))
        if found.stop_id in former
        else found
        for found in judged
    ]


def _former(row: dict[str, Any], heard: Mapping[str, datetime | None]) -> Former:
    return Former(row["vehicle_id"], row["at"], heard.get(row["vehicle_id"]), row["found"] and _from_json(row["found"]))


def _to_json(found: Found) -> dict[str, Any]:
    served_at = found.served_at.isoformat() if found.served_at else None
    return {"verdict": found.verdict, "served_at": served_at, "evidence": found.evidence}


def _from_json(found: dict[str, Any]) -> Finding:
    return Finding(found["verdict"], datetime.fromisoformat(found["served_at"]), found["evidence"])
