"""Keeping what the registry of vehicles says of trucks; an older entry never overwrites a newer one."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.trucks import Truck, TruckEntry
from services.route.store import facts
from services.route.store import trucks as store
from shared.clock import now
from shared.errors import Conflict
from shared.events.vehicle import VehicleRegistered
from shared.labels import LABELS
from shared.vocabulary import Task


async def save_trucks(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    newest = {event.vehicle_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.trucks(session, newest)
    new = [_truck(event) for i, event in newest.items() if i not in known or event.revision > known[i].revision]
    await store.save_trucks(session, new)
    await _add_entries(session, events)
    at = now()
    for truck in new:
        old = known.get(truck.vehicle_id)
        if truck.contractor_id != (old and old.contractor_id):
            await store.give_to_contractor(session, truck.vehicle_id, truck.contractor_id, at)


def _truck(event: VehicleRegistered) -> Truck:
    return Truck(
        vehicle_id=event.vehicle_id,
        revision=event.revision,
        plate=event.plate,
        kind=event.kind.value,
        waste_streams=tuple(event.waste_streams),
        contractor_id=event.contractor_id,
        district_id=event.district_id,
    )


async def _add_entries(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    """What trucks were registered for and since when, in whatever order it is told; what they did since is judged again."""
    await store.add_entries(session, [(event.vehicle_id, _entry(event)) for event in events])
    since = {event.vehicle_id: event.registered_at for event in sorted(events, key=lambda e: e.registered_at, reverse=True)}
    await facts.touch(session, [(vehicle_id, at, max(at, now())) for vehicle_id, at in sorted(since.items())])


def _entry(event: VehicleRegistered) -> TruckEntry:
    return TruckEntry(event.registered_at, event.revision, event.kind.value, tuple(event.waste_streams))


async def require_fits(session: AsyncSession, vehicle_id: str, task: str, stream: str) -> None:
    """Conflict when the truck is not made for the task or may not carry this waste; one not registered yet may do anything."""
    if reason := await unfit(session, vehicle_id, task):
        raise Conflict(reason, code="wrong_kind")
    truck = (await store.trucks(session, [vehicle_id])).get(vehicle_id)
    if truck is not None and task == Task.COLLECTION and not truck.carries(stream):
        carried = ", ".join(LABELS[code][1] for code in truck.waste_streams)
        raise Conflict(f"vehicle {vehicle_id} may not carry {LABELS[stream][1]}, only: {carried}", code="wrong_stream")


async def unfit(session: AsyncSession, vehicle_id: str, task: str) -> str | None:
    """Why a truck of this kind cannot do the task."""
    truck = (await store.trucks(session, [vehicle_id])).get(vehicle_id)
    rules = rulebooks.SWEEPING_RULES.at(now())
    if truck is None or rules.is_fit(truck.kind, task):
        return None
    return f"vehicle {vehicle_id} is a {truck.kind}; {LABELS[task][1].lower()} takes a {' or '.join(rules.kinds[task])}"
