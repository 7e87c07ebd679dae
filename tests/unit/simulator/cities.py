"""Runs as GET /v1/runs/{run_id} answers them, small enough to think through."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.simulator.demo import city as demo_city

MORNING = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
METRES_PER_DEGREE_NORTH = 111_195


def stop(number: int, minute: float, *, north_m: float, run_id: str = "R-1", lon: float = 121.43) -> dict[str, Any]:
    planned = MORNING + timedelta(minutes=minute)
    return {
        "stop_id": f"{run_id}-S{number:02d}",
        "seq": number,
        "service_point_id": f"SP-{number:02d}",
        "name": f"stop {number}",
        "lon": lon,
        "lat": 31.18 + north_m / METRES_PER_DEGREE_NORTH,
        "stream": "residual",
        "expected_kg": 180,
        "planned_at": planned.isoformat(),
        "window_start": (planned - timedelta(minutes=10)).isoformat(),
        "window_end": (planned + timedelta(minutes=30)).isoformat(),
        "verdict": "planned",
        "verdict_revision": 0,
        "served_at": None,
    }


def run(stops: list[dict[str, Any]], run_id: str = "R-1", vehicle_id: str = "T-1") -> dict[str, Any]:
    return {
        "run_id": run_id,
        "route_id": f"route of {run_id}",
        "route_name": run_id,
        "service_day": "2026-11-16",
        "vehicle_id": vehicle_id,
        "district_id": "310104003",
        "stream": "residual",
        "status": "planned",
        "stops": stops,
    }


def straight_run(
    count: int = 8, *, minutes_apart: float = 5, metres_apart: float = 400, begin_minute: float = 0, run_id: str = "R-1"
) -> dict[str, Any]:
    """Stops in a line northwards, one every few minutes."""
    stops = [stop(n, begin_minute + n * minutes_apart, north_m=n * metres_apart, run_id=run_id) for n in range(1, count + 1)]
    return run(stops, run_id)


def demo_runs(vehicle_id: str) -> list[dict[str, Any]]:
    """Of a truck of the demo city, all its rounds of a day."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in demo_city.timetable_rows():
        if row["vehicle_id"] == vehicle_id:
            rows.setdefault(row["route_id"], []).append(row)
    return [{"run_id": route, "vehicle_id": vehicle_id, "stops": [_demo_stop(row) for row in of]} for route, of in rows.items()]


def _demo_stop(row: dict[str, Any]) -> dict[str, Any]:
    hour, minute = row["time"].split(":")
    planned = MORNING.replace(hour=int(hour), minute=int(minute))
    return {
        "stop_id": f"{row['route_id']}:{row['seq']}",
        "seq": row["seq"],
        "lon": row["lon"],
        "lat": row["lat"],
        "planned_at": planned.isoformat(),
        "window_start": (planned - timedelta(minutes=10)).isoformat(),
        "window_end": (planned + timedelta(minutes=30)).isoformat(),
        "expected_kg": row["expected_kg"],
    }
