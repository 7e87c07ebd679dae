"""The evaluated month written down: what is inspected, missed, complained of, appealed against and told late, and the figures
that it must end with. Moments are local and written `YYYY-MM-DD HH:MM`. `data/evaluated_month.json` is it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.scenarios.script import Script

ROADS, ESTATES = 3, 1
Bodies = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class EvaluatedScript(Script):
    """`places`: by letter, the area whose roads and estate they are; `withheld`: by vehicle, the stop whose records come late."""

    period: str
    areas: Bodies
    contracts: Bodies
    places: Bodies
    estate_points: Mapping[str, list[str]]
    plan: Mapping[str, Any]
    withheld: Mapping[str, str]
    stations: Bodies
    truth: Bodies

    def place_bodies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Bodies of PUT /v1/places by id: `EM-A-R1`, …, `EM-A-E1`. The estate is by the third stop of its area's route."""
        for letter, area in self.places.items():
            kept = {"area_id": area["area_id"], "contractor_id": area["contractor_id"]}
            lon, lat = area["from"]
            for n in range(1, ROADS + 1):
                place = {"place_type": "road", "name": f"演练{letter}{n}路", "lon": lon, "lat": round(lat + n / 1000, 6)}
                yield f"EM-{letter}-R{n}", kept | place
            for n in range(1, ESTATES + 1):
                key, estate_lat = f"EM-{letter}-E{n}", round(lat + 0.009, 6)
                place = {
                    "place_type": "estate",
                    "name": f"演练{letter}苑",
                    "lon": lon,
                    "lat": estate_lat,
                    "facilities": {"bin_room": 2},
                    "service_point_ids": self.estate_points.get(key, []),
                }
                yield key, kept | place


def shipped_evaluated_script() -> EvaluatedScript:
    raw = json.loads((files("services.simulator") / "data" / "evaluated_month.json").read_text("utf-8"))
    same = ("period", "areas", "contracts", "places", "estate_points", "plan", "withheld", "stations", "truth")
    return EvaluatedScript(
        service_day=date.fromisoformat(raw["service_day"]),
        zone=ZoneInfo(raw["zone"]),
        begins_at=raw["begins_at"],
        ends_at=raw["ends_at"],
        vehicles=raw["vehicles"],
        routes=raw["routes"],
        troubles=raw["troubles"],
        steps=sorted(raw["script"], key=lambda step: step["at"]),
        **{name: raw[name] for name in same},
    )
