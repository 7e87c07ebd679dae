"""Where the demo city's waste goes: two transfer stations at its edges and a plant with two furnace lines, all synthetic; and
what goes wrong there, a little every day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.demo import city as demo_city
from services.simulator.devices.furnace import FurnaceLine, LineFaults, Peak
from services.simulator.devices.hauling import HaulFaults
from services.simulator.devices.tipping import TippingFaults
from shared.clock import day_bounds

CONTAINER_KG = 15_000
WORTH_SHARE = 0.5
"""Between two rounds a truck goes to tip if it is half full."""
STREAMS = ("residual", "residual", "food", "recyclable", "green", "bulky", "hazardous")
"""Of the bays of each station."""
CAPACITY_KG = {"residual": 160_000, "food": 90_000, "recyclable": 90_000, "green": 60_000, "bulky": 60_000, "hazardous": 8_000}
PLANT_ID = "DEMO-P1"
LINES = {"DEMO-L1": "1#", "DEMO-L2": "2#"}
DRIFT_FACTOR, STOLEN_KG, LATE_HOURS = 1.06, 700, 9.0
NOX_CODE, NOX_PEAK = "a21002", 330.0


def stations() -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/stations/{station_id}: outside of all subdistricts, so that no service point is near."""
    return {
        "DEMO-ST1": _station("演示 城西中转站", "Demo station west", demo_city.WEST - 0.009, 31.170, "310104013"),
        "DEMO-ST2": _station("演示 滨江中转站", "Demo station riverside", demo_city.EAST + 0.009, 31.150, "310104016"),
    }


def _station(name_zh: str, name_en: str, lon: float, lat: float, district_id: str) -> dict[str, Any]:
    bays = [{"bay_id": f"B{number}", "streams": [stream]} for number, stream in enumerate(STREAMS, start=1)]
    return {
        "name_zh": name_zh,
        "name_en": name_en,
        "lon": round(lon, 6),
        "lat": lat,
        "district_id": district_id,
        "capacity_kg": CAPACITY_KG,
        "bays": bays,
        "compactors": [{"compactor_id": "K1"}, {"compactor_id": "K2"}],
    }


def plant() -> dict[str, Any]:
    """The body of PUT /v1/plants/{PLANT_ID}."""
    return {
        "name_zh": "演示 环境产业园",
        "name_en": "Demo resource recovery park",
        "lon": 121.370,
        "lat": 31.080,
        "bunker_capacity_kg": 6_000_000,
        "lines": [{"line_id": line_id, "name": name} for line_id, name in LINES.items()],
    }


def mn_of(line_id: str) -> str:
    """Of the line's data logger."""
    return f"DEMO00000000000000{line_id[-2:]}"


@dataclass(frozen=True, slots=True)
class DemoFaults:
    """The same every day for one seed, but for the truck that loses a load and for the hour of the furnace's trouble."""

    seed: int
    zone: ZoneInfo
    disturbed: bool = True

    def of_truck(self, vehicle_id: str, day: date) -> TippingFaults | None:
        """One compactor's scale drifts all the time; each day one loses part of its second load, another uses a wrong bay."""
        if not self.disturbed:
            return None
        compactors = [truck.vehicle_id for truck in demo_city.trucks() if truck.duty is demo_city.RESIDUAL]
        drifting, *others = Random(f"{self.seed}:drift").sample(compactors, len(compactors))
        robbed, astray = Random(f"{self.seed}:{day}:loads").sample(others, 2)
        kilograms = {
            drifting: TippingFaults(scale_factor=DRIFT_FACTOR),
            robbed: TippingFaults(stolen_kg={2: STOLEN_KG}),
            astray: TippingFaults(wrong_bays=frozenset({1})),
        }
        return kilograms.get(vehicle_id)

    def of_hauls(self, day: date) -> HaulFaults:
        """Early ones: whoever looks in the afternoon sees that they are overdue."""
        if not self.disturbed:
            return HaulFaults()
        lost, late = Random(f"{self.seed}:{day}:hauls").sample(range(2, 8), 2)
        return HaulFaults(lost=frozenset({lost}), late_hours={late: LATE_HOURS})

    def of_line(self, line: FurnaceLine, day: date) -> FurnaceLine:
        """Line 1 is cold for forty minutes, line 2 emits too much NOx for an hour, both in the morning."""
        if not self.disturbed:
            return line
        rng = Random(f"{self.seed}:{day}:{line.line_id}")
        at_s = int((day_bounds(day, self.zone)[0] + timedelta(hours=rng.randint(1, 8))).timestamp())
        of_lines: Mapping[str, LineFaults] = {
            "DEMO-L1": LineFaults(cold=((at_s, at_s + 2400),)),
            "DEMO-L2": LineFaults(peaks=(Peak(NOX_CODE, at_s, NOX_PEAK),)),
        }
        return FurnaceLine(line.line_id, line.mn, line.password, of_lines.get(line.line_id, LineFaults()))

    def day_of(self, at_s: int) -> date:
        return datetime.fromtimestamp(at_s, self.zone).date()
