"""Streets of the demo city, and the sweepers and washers that work along them: synthetic as everything in `city.py`.

Three streets of three sections each in some subdistricts, between the rows of their service points.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.simulator.demo.city import Subdistrict, subdistricts

SWEPT, FLUSHED = (0, 4, 8), (4, 8)
"""Subdistricts by their place in the list."""
ROWS_OF_STREETS = (2, 5, 7)
"""The street of road level 1, 2 and 3; nine rows of points lie between the south and the north."""
SECTIONS = ((0.06, 0.34), (0.36, 0.64), (0.66, 0.94))
MINUTES_A_SECTION = 12
SWEEPINGS = ((4, 0), (5, 1), (7, 2), (12, 0), (14, 1), (16, 2), (19, 0))
"""Hour and street: three times a day, twice, and twice."""
FLUSHINGS = ((1, 0), (10, 1), (13, 0), (22, 1))


@dataclass(frozen=True, slots=True)
class Street:
    subdistrict: Subdistrict
    number: int

    @property
    def up(self) -> float:
        return ROWS_OF_STREETS[self.number] / 9

    def section_ids(self) -> list[str]:
        return [f"DEMO-SEC-{self.subdistrict.code[-3:]}-{self.number + 1}{part + 1}" for part in range(len(SECTIONS))]

    def features(self) -> Iterator[dict[str, Any]]:
        for part, (section_id, (begin, end)) in enumerate(zip(self.section_ids(), SECTIONS, strict=True), start=1):
            name = f"演示 {self.subdistrict.name_zh}{self.number + 1}号路{part}段"
            corners = [self.subdistrict.inside(begin + (end - begin) * corner / 4, self.up) for corner in range(5)]
            yield {
                "type": "Feature",
                "properties": {
                    "section_id": section_id,
                    "name": name,
                    "road_level": self.number + 1,
                    "district_id": self.subdistrict.code,
                },
                "geometry": {"type": "LineString", "coordinates": [list(corner) for corner in corners]},
            }


@dataclass(frozen=True, slots=True)
class Machine:
    """A sweeper or a washer."""

    vehicle_id: str
    number: int
    kind: str
    task: str
    subdistrict: Subdistrict
    rounds: Sequence[tuple[int, int]]


def machines() -> list[Machine]:
    towns = subdistricts()
    sweepers = [
        Machine(f"DEMO-S{n:02d}", n, "sweeper", "sweeping", towns[town], SWEEPINGS) for n, town in enumerate(SWEPT, start=1)
    ]
    washers = [
        Machine(f"DEMO-W{n:02d}", n, "washer", "flushing", towns[town], FLUSHINGS) for n, town in enumerate(FLUSHED, start=1)
    ]
    return sweepers + washers


def vehicle_import() -> dict[str, Any]:
    """The body of POST /v1/vehicle-imports."""
    return {"vehicles": [_vehicle(machine) for machine in machines()]}


def _vehicle(machine: Machine) -> dict[str, Any]:
    return {
        "vehicle_id": machine.vehicle_id,
        "plate": f"沪A·D{machine.vehicle_id[-3:]}",
        "kind": machine.kind,
        "waste_streams": ["street"] if machine.kind == "sweeper" else [],
        "tare_kg": 9_000,
        "capacity_kg": 7_000,
        "contractor_id": f"DEMO-C{1 + machine.number % 4}",
        "district_id": machine.subdistrict.code,
        "onboard_unit_id": f"DEMO-OBU-{machine.vehicle_id[-3:]}",
    }


def section_import() -> dict[str, Any]:
    """The body of POST /v1/section-imports."""
    towns = subdistricts()
    streets = [Street(towns[town], number) for town in SWEPT for number in range(len(ROWS_OF_STREETS))]
    features = [feature for street in streets for feature in street.features()]
    return {"content": {"type": "FeatureCollection", "features": features}}


def timetable_rows() -> Iterator[dict[str, Any]]:
    """Rows for POST /v1/timetable-imports, one for each pass over a section, the same every day."""
    for machine in machines():
        for number, (hour, street) in enumerate(machine.rounds, start=1):
            yield from _round(machine, number, hour, Street(machine.subdistrict, street))


def _round(machine: Machine, number: int, hour: int, street: Street) -> Iterator[dict[str, Any]]:
    for seq, section_id in enumerate(street.section_ids(), start=1):
        yield {
            "route_id": f"{machine.vehicle_id}-{number:02d}",
            "route_name": f"演示 {machine.subdistrict.name_zh} {'清扫' if machine.kind == 'sweeper' else '冲洗'} {number}",
            "task": machine.task,
            "section_id": section_id,
            "vehicle_id": machine.vehicle_id,
            "district_id": machine.subdistrict.code,
            "seq": seq,
            "time": f"{hour:02d}:{(seq - 1) * MINUTES_A_SECTION:02d}",
            "weekdays": "1,2,3,4,5,6,7",
        }
