"""The weighed day written down: trucks that make several trips to two stations, hauls to a plant, and what goes wrong.

Times of day are local and written HH:MM, 24:00 and later on the next day. `data/weighed_day.json` is it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.devices.furnace import FurnaceLine, LineFaults
from services.simulator.devices.hauling import HaulFaults, Plant
from services.simulator.devices.tipping import TippingFaults
from services.simulator.scenarios.script import Script

STOPS_A_TRIP, MINUTES_A_STOP, MINUTES_A_TRIP = 14, 4, 105
TRIPS_APART_DEG = 0.003
"""Each trip goes along a street of its own."""


@dataclass(frozen=True, slots=True)
class WeighedScript(Script):
    """`plant`: the body of PUT /v1/plants with its `plant_id`; `stations` and `loggers`: bodies by id."""

    turns: Sequence[str]
    stations: Mapping[str, Mapping[str, Any]]
    plant: Mapping[str, Any]
    loggers: Mapping[str, Mapping[str, Any]]
    container_kg: int
    haul_faults: HaulFaults
    cold_furnaces: Mapping[str, Sequence[Sequence[str]]]

    @property
    def where_the_plant_is(self) -> Plant:
        return Plant(self.plant["plant_id"], self.plant["lon"], self.plant["lat"])

    def tipping_faults(self, vehicle_id: str) -> TippingFaults:
        trouble = self.troubles.get(vehicle_id, {})
        return TippingFaults(
            stolen_kg={int(trip): kg for trip, kg in trouble.get("stolen_kg", {}).items()},
            wrong_bays=frozenset(trouble.get("wrong_bays", ())),
            tips_at_most=trouble.get("tips_at_most"),
            scale_factor=trouble.get("scale_factor", 1.0),
        )

    def furnace_lines(self) -> list[FurnaceLine]:
        return [
            FurnaceLine(logger["line_id"], mn, logger["password"], LineFaults(cold=self._cold(logger["line_id"])))
            for mn, logger in self.loggers.items()
        ]

    def _cold(self, line_id: str) -> tuple[tuple[int, int], ...]:
        return tuple((self.second(begin), self.second(end)) for begin, end in self.cold_furnaces.get(line_id, ()))


def _routes(rounds: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A route for each trip: full, or done with its street, the truck tips."""
    for one in rounds:
        hour, minute = map(int, one["first"].split(":"))
        for trip in range(one["trips"]):
            begin = hour * 60 + minute + trip * MINUTES_A_TRIP
            lon, lat = one["from"]
            yield {
                "route_id": f"{one['vehicle_id']}-{trip + 1}",
                "name": f"{one['name']}{trip + 1}",
                "stream": one["stream"],
                "vehicle_id": one["vehicle_id"],
                "weekdays": "1-7",
                "stops": STOPS_A_TRIP,
                "every_minutes": MINUTES_A_STOP,
                "from": [round(lon + trip * TRIPS_APART_DEG, 6), lat],
                "first": f"{begin // 60:02d}:{begin % 60:02d}",
            }


def shipped_weighed_script() -> WeighedScript:
    raw = json.loads((files("services.simulator") / "data" / "weighed_day.json").read_text("utf-8"))
    return WeighedScript(
        service_day=date.fromisoformat(raw["service_day"]),
        zone=ZoneInfo(raw["zone"]),
        begins_at=raw["begins_at"],
        ends_at=raw["ends_at"],
        vehicles=raw["vehicles"],
        routes=list(_routes(raw["rounds"])),
        troubles=raw["troubles"],
        steps=(),
        turns=raw["turns"],
        stations=raw["stations"],
        plant=raw["plant"],
        loggers=raw["loggers"],
        container_kg=raw["container_kg"],
        haul_faults=HaulFaults(lost=frozenset(raw["lost_hauls"])),
        cold_furnaces=raw["cold_furnaces"],
    )
