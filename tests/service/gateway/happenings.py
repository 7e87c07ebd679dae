"""What the services tell the gateway, in a Monday morning in Xuhui: ten o'clock local time is 02:00 UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.events.base import Event
from shared.events.route import PlannedStop, RunPlanned, StopJudged, ViolationChanged
from shared.events.vehicle import AlertChanged, BinLifted, Load, Position, TelemetryRecorded, Track, VehicleRegistered
from shared.ids import new_id
from shared.outbox import publish
from shared.testing import City

TEN = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 16)
XUHUI, TIANPING, CAOHEJING, HUANGPU = "310104", "310104003", "310104012", "310101"


async def tell(city: City, *events: Event) -> None:
    """Publish as a service would and wait until the gateway has taken it."""
    async with city.apps["gateway"].state.resources.database.transaction() as session:
        await publish(session, *events)
    await city.settle()


def registered(vehicle_id: str = "T-1", revision: int = 1, **more: Any) -> VehicleRegistered:
    entry = {"plate": f"沪A{vehicle_id}", "kind": "compactor", "waste_streams": ["residual"], "district_id": TIANPING}
    size = {"tare_kg": 12_000, "capacity_kg": 8_000, "registered_at": TEN}
    return VehicleRegistered.model_validate({"vehicle_id": vehicle_id, "revision": revision} | entry | size | more)


def moved(vehicle_id: str = "T-1", minutes: float = 0, lon: float = 121.43, lat: float = 31.18, **more: Any) -> TelemetryRecorded:
    """One fix; `minutes` counted from ten."""
    at = TEN + timedelta(minutes=minutes)
    return recorded(Track(vehicle_id=vehicle_id, positions=[Position(at=at, lon=lon, lat=lat, **more)], records=1))


def weighed(vehicle_id: str, minutes: float, load_kg: int) -> TelemetryRecorded:
    load = Load(at=TEN + timedelta(minutes=minutes), load_kg=load_kg)
    return recorded(Track(vehicle_id=vehicle_id, loads=[load], records=1))


def recorded(*tracks: Track) -> TelemetryRecorded:
    return TelemetryRecorded(group_id=new_id(), received_at=TEN, tracks=list(tracks))


def lifted(vehicle_id: str = "T-1", net_kg: int = 40, minutes: float = 0, flags: tuple[str, ...] = ()) -> BinLifted:
    at = TEN + timedelta(minutes=minutes)
    return BinLifted(lift_id=new_id(), vehicle_id=vehicle_id, at=at, received_at=TEN, net_kg=net_kg, flags=list(flags))


def alert(alert_id: str = "A-1", revision: int = 1, status: str = "open", **more: Any) -> AlertChanged:
    at = {"opened_at": TEN, "last_at": TEN, "closed_at": None if status == "open" else TEN}
    known = {
        "alert_id": alert_id,
        "revision": revision,
        "status": status,
        "vehicle_id": "T-1",
        "kind": "overspeed",
        "value": 70.0,
    }
    return AlertChanged.model_validate(known | at | more)


def planned(
    run_id: str = "R-1", revision: int = 1, stops: tuple[float, ...] = (-60, 0, 60), day: date = DAY, **more: Any
) -> RunPlanned:
    """A run whose stops are due these many minutes from ten, each within a window of 15 minutes either way."""
    entry = {"route_id": "L-1", "route_name": "天平一线", "vehicle_id": "T-1", "district_id": TIANPING, "stream": "residual"}
    made = [stop(run_id, seq, TEN + timedelta(minutes=minutes)) for seq, minutes in enumerate(stops, start=1)]
    given = {"run_id": run_id, "revision": revision, "planned_at": TEN, "service_day": day, "stops": made}
    return RunPlanned.model_validate(given | entry | more)


def stop(run_id: str, seq: int, at: datetime) -> PlannedStop:
    window = {"window_start": at - timedelta(minutes=15), "window_end": at + timedelta(minutes=15), "planned_at": at}
    place = {"service_point_id": f"SP-{seq}", "name": f"康平路{seq}号", "lon": 121.43 + seq / 1000, "lat": 31.18}
    return PlannedStop.model_validate({"stop_id": f"{run_id}.{seq}", "seq": seq} | place | window)


def judged(stop_id: str, verdict: str, revision: int = 1, previous: str = "planned") -> StopJudged:
    about = {"run_id": stop_id.partition(".")[0], "service_day": DAY, "judged_at": TEN, "served_at": None}
    return StopJudged.model_validate({"stop_id": stop_id, "verdict": verdict, "previous": previous, "revision": revision} | about)


def mixed(violation_id: str = "V-1", revision: int = 1, status: str = "open", district_id: str = TIANPING) -> ViolationChanged:
    """A food waste truck lifted residual waste."""
    of_lift = {"lift_id": f"L-{violation_id}", "at": TEN, "service_day": DAY, "vehicle_id": "T-1", "district_id": district_id}
    what = {"kind": "mixed_collection", "stream": "residual", "truck_streams": ["food"], "found_at": TEN, "changed_at": TEN}
    return ViolationChanged.model_validate(
        {"violation_id": violation_id, "revision": revision, "status": status} | of_lift | what
    )
