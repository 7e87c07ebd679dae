"""A day written down: what is planned, what goes wrong, what the dispatcher does about it, and what must be true in the end.

Times of day are local and written HH:MM, stops `<route>:<place in the order>`. `data/rehearsal.json` is one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.devices.day import RunDisturbance, VehicleDisturbance

METRES_BETWEEN_STOPS = 250
METRES_PER_DEGREE = 111_194.93
DISTRICT = "310104"
"""Of a route that names none."""
MAPPED = (
    "route_id",
    "route_name",
    "vehicle_id",
    "district_id",
    "stream",
    "seq",
    "stop_id",
    "name",
    "time",
    "lon",
    "lat",
    "weekdays",
    "calendar",
    "window_start",
    "window_end",
)
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    service_day: date
    zone: ZoneInfo
    begins_at: str
    ends_at: str
    vehicles: Sequence[Mapping[str, Any]]
    routes: Sequence[Mapping[str, Any]]
    troubles: Mapping[str, Mapping[str, Any]]
    steps: Sequence[Step]

    def at(self, time_of_day: str) -> datetime:
        hour, minute = time_of_day.split(":")
        midnight = datetime(self.service_day.year, self.service_day.month, self.service_day.day, tzinfo=self.zone)
        return midnight + timedelta(hours=int(hour), minutes=int(minute))

    def moment(self, written: str) -> datetime:
        """A time of the day, or of another one (`2026-10-12 10:10`)."""
        day, _, time_of_day = written.rpartition(" ")
        at = self.at(time_of_day)
        return at + (date.fromisoformat(day) - self.service_day) if day else at

    def second(self, time_of_day: str) -> int:
        return int(self.at(time_of_day).timestamp())

    def place(self, stop: str) -> tuple[float, float]:
        """(lon, lat) of a planned stop."""
        route_id, number = stop.split(":")
        route = next(route for route in self.routes if route["route_id"] == route_id)
        return _place(route, int(number))

    def vehicle_import(self) -> dict[str, Any]:
        return {"vehicles": [dict(vehicle) for vehicle in self.vehicles]}

    def timetable_import(self) -> dict[str, Any]:
        rows = [row for route in self.routes for row in _rows(route, self)]
        content = json.dumps(rows, ensure_ascii=False)
        mapping = {name: name for name in MAPPED}
        return {"format": "json", "content": content, "mapping": mapping, "datum": "WGS-84", "dry_run": False}

    def disturbance(self, vehicle_id: str, run_ids: Mapping[str, str]) -> VehicleDisturbance:
        """What the script has in store for a vehicle; `run_ids` by route."""
        trouble = self.troubles.get(vehicle_id, {})
        losses = tuple((self.second(begin), self.second(end)) for begin, end in trouble.get("signal_losses", ()))
        runs = {run_id: _of_run(route_id, run_id, trouble) for route_id, run_id in run_ids.items()}
        return VehicleDisturbance(runs={run_id: of_run for run_id, of_run in runs.items() if of_run}, signal_losses=losses)


def _of_run(route_id: str, run_id: str, trouble: Mapping[str, Any]) -> RunDisturbance | None:
    def mine(name: str) -> list[str]:
        return [stop for stop in trouble.get(name, ()) if stop.split(":")[0] == route_id]

    def stop_id(stop: str) -> str:
        return f"{run_id}:{stop.split(':')[1]}"

    made = RunDisturbance(
        missed=frozenset(map(stop_id, mine("missed"))),
        blocked=frozenset(map(stop_id, mine("blocked"))),
        mixed={stop_id(stop): trouble["mixed"][stop] for stop in mine("mixed")},
        breakdown_after=trouble.get("breakdown_after", {}).get(route_id),
    )
    return None if made == RunDisturbance() else made


def _rows(route: Mapping[str, Any], script: Script) -> list[dict[str, Any]]:
    window = route.get("window", ("", ""))
    rows = []
    for number in range(1, route["stops"] + 1):
        planned_at = script.at(route["first"]) + timedelta(minutes=route["every_minutes"] * (number - 1))
        lon, lat = _place(route, number)
        rows.append(
            {
                "route_id": route["route_id"],
                "route_name": route["name"],
                "vehicle_id": route["vehicle_id"],
                "district_id": route.get("district_id", DISTRICT),
                "stream": route["stream"],
                "seq": number,
                "stop_id": f"{route['route_id']}-S{number}",
                "name": f"{route['name']}{number}号点",
                "time": planned_at.strftime("%H:%M"),
                "lon": lon,
                "lat": lat,
                "weekdays": route["weekdays"],
                "calendar": route.get("calendar", "weekdays"),
                "window_start": window[0],
                "window_end": window[1],
            }
        )
    return rows


def _place(route: Mapping[str, Any], number: int) -> tuple[float, float]:
    lon, lat = route["from"]
    return lon, round(lat + METRES_BETWEEN_STOPS * (number - 1) / METRES_PER_DEGREE, 6)


def shipped_script() -> Script:
    raw = json.loads((files("services.simulator") / "data" / "rehearsal.json").read_text("utf-8"))
    steps = sorted(raw["script"], key=lambda step: step["at"])
    return Script(
        service_day=date.fromisoformat(raw["service_day"]),
        zone=ZoneInfo(raw["zone"]),
        begins_at=steps[0]["at"],
        ends_at=raw["ends_at"],
        vehicles=raw["vehicles"],
        routes=raw["routes"],
        troubles=raw["troubles"],
        steps=steps,
    )
