"""Keeping the read model: each function is the effect of one event. Older facts never move it back."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import store
from services.gateway.rules import stream_of_lift
from shared.clock import service_day
from shared.events.base import Alive
from shared.events.route import RunPlanned, StopJudged
from shared.events.vehicle import AlertChanged, BinLifted, TelemetryRecorded, Track, VehicleRegistered

REGISTRY = ("plate", "kind", "waste_streams", "district_id", "contractor_id", "revision")


async def note_alive(session: AsyncSession, event: Alive) -> None:
    await store.put_part(session, event.service, event.at)


async def register_vehicle(session: AsyncSession, event: VehicleRegistered) -> None:
    seq = await store.next_seq(session)
    row = (await store.vehicles(session, [event.vehicle_id]))[event.vehicle_id]
    if event.revision > row["revision"]:
        entry = event.model_dump(mode="json")
        await store.put_vehicles(session, [row | {name: entry[name] for name in REGISTRY} | {"changed_seq": seq}])


async def move_vehicles(session: AsyncSession, event: TelemetryRecorded) -> None:
    seq = await store.next_seq(session)
    rows = await store.vehicles(session, {track.vehicle_id for track in event.tracks})
    for track in event.tracks:
        _advance(rows[track.vehicle_id], track, seq)
    await store.put_vehicles(session, list(rows.values()))


def _advance(row: dict[str, Any], track: Track, seq: int) -> None:
    """Count all records; show the newest position and load by their own time."""
    row["records"] += track.records
    row["changed_seq"] = seq
    if track.positions:
        newest = max(track.positions, key=lambda p: p.at)
        if row["last_at"] is None or newest.at > row["last_at"]:
            row |= {"last_at": newest.at, "lon": newest.lon, "lat": newest.lat, "speed_kmh": newest.speed_kmh}
            row |= {"heading_deg": newest.heading_deg, "ignition": newest.ignition}
    if track.loads:
        load = max(track.loads, key=lambda p: p.at)
        if row["load_at"] is None or load.at > row["load_at"]:
            row |= {"load_at": load.at, "load_kg": load.load_kg}


async def count_lift(session: AsyncSession, event: BinLifted, zone: ZoneInfo) -> None:
    """An impossible weight counts as a lift of 0 kg: it happened, and nobody knows how heavy it was."""
    seq = await store.next_seq(session)
    row = (await store.vehicles(session, [event.vehicle_id]))[event.vehicle_id]
    await store.put_vehicles(session, [row | {"lifts": row["lifts"] + 1, "changed_seq": seq}])
    day = service_day(event.at, zone)
    stream = stream_of_lift(row["waste_streams"], await store.streams_collected(session, event.vehicle_id, day))
    net_kg = 0 if "implausible_weight" in event.flags else event.net_kg
    await store.add_lifted(session, day, row["district_id"] or "", stream, net_kg)


async def plan_run(session: AsyncSession, event: RunPlanned) -> None:
    seq = await store.next_seq(session)
    if event.revision <= await store.run_revision(session, event.run_id):
        return
    run = event.model_dump(include={"run_id", "revision", "route_name", "service_day", "vehicle_id", "district_id", "stream"})
    of_run = {name: run[name] for name in ("run_id", "service_day", "vehicle_id", "district_id")}
    new = of_run | {"verdict": "planned", "revision": 0, "served_at": None, "changed_seq": seq}
    shown = ("stop_id", "seq", "name", "lon", "lat", "window_start", "window_end")
    stops = [{name: getattr(stop, name) for name in shown} | new for stop in event.stops]
    await store.put_run(session, run, stops)


async def judge_stop(session: AsyncSession, event: StopJudged) -> None:
    seq = await store.next_seq(session)
    values = {"verdict": event.verdict.value, "served_at": event.served_at, "changed_seq": seq}
    await store.judge_stop(session, event.stop_id, event.revision, values)


async def change_alert(session: AsyncSession, event: AlertChanged) -> None:
    seq = await store.next_seq(session)
    if event.revision <= await store.alert_revision(session, event.alert_id):
        return
    vehicle = (await store.vehicles(session, [event.vehicle_id]))[event.vehicle_id]
    row = event.model_dump(mode="python") | {"kind": event.kind.value, "status": event.status.value, "changed_seq": seq}
    row |= {"subject_id": event.subject_id or "", "value": event.value or 0, "limit": event.limit or 0}
    await store.put_alert(session, row | {"district_id": vehicle["district_id"], "contractor_id": vehicle["contractor_id"]})
