"""From a station to the plant: containers fill from tickets, are sealed, hauled and weighed again; the plant's day.

Pure and deterministic: the same tippings and seed give the same hauls. Whole kilograms, epoch seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from random import Random

from services.simulator.devices.acts import Act, Chain
from services.simulator.devices.day import rfc3339
from services.simulator.devices.motion import Plane, apart_m
from services.simulator.devices.tipping import Station, Tipping, weighed_kg

SEAL_AFTER_SECONDS = 240
"""The compactor finishes; then the container is sealed."""
LEAVE_AFTER_SECONDS = 600
HAUL_MS, HAUL_DETOUR = 36 / 3.6, 1.3
UNLOAD_SECONDS = 900
HAUL_TARE_KG = 15_500
"""Tractor, trailer and empty container."""
OF_FED = {"slag": 0.21, "fly_ash": 0.03}
LEACHATE_OF_INTAKE = 0.18
KWH_PER_FED_KG = 0.42
FED_OF_INTAKE = 0.9


@dataclass(frozen=True, slots=True)
class Plant:
    plant_id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class HaulFaults:
    """Hauls by their number in the order they are sealed, from 1: those that are `lost` on the way, and (from → hours) those that
    come so much later."""

    lost: frozenset[int] = frozenset()
    late_hours: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Haul:
    """`net_kg`: the sum of its tickets; `intake_kg`: what the plant's scale says; None: it never came."""

    name: str
    station_id: str
    container_id: str
    stream: str
    tippings: tuple[Tipping, ...]
    net_kg: int
    sealed_s: int
    left_s: int
    arrive_s: int
    intake_kg: int | None
    plant_id: str


def hauls_of(
    tippings: Iterable[Tipping],
    stations: Sequence[Station],
    plant: Plant,
    *,
    container_kg: int,
    day: str,
    seed: int,
    faults: HaulFaults | None = None,
    rest_goes: bool = True,
) -> list[Haul]:
    """Of one day, in the order they are sealed. A container of each station and stream is sealed when it holds `container_kg`;
    what is left in the evening goes too, unless it stays in stock."""
    faults = faults or HaulFaults()
    fillings = sorted(
        _fillings(tippings, container_kg, rest_goes=rest_goes), key=lambda filling: (_full_s(filling), filling[-1].vehicle_id)
    )
    seconds = {station.station_id: _drive_seconds(station, plant) for station in stations}
    hauls: list[Haul] = []
    for number, filling in enumerate(fillings, start=1):
        last = filling[-1]
        name = f"{last.station_id}-{day}-{number:03d}"
        rng = Random(f"{seed}:{name}")
        net_kg = sum(one.net_kg for one in filling)
        sealed_s = _full_s(filling) + SEAL_AFTER_SECONDS
        left_s = sealed_s + LEAVE_AFTER_SECONDS + rng.randint(0, 600)
        arrive_s = left_s + seconds[last.station_id] + rng.randint(0, 900) + round(3600 * faults.late_hours.get(number, 0))
        intake_kg = None if number in faults.lost else weighed_kg(net_kg, rng)
        container_id = f"{last.station_id}-C{number:03d}"
        hauls.append(
            Haul(
                name,
                last.station_id,
                container_id,
                last.stream,
                tuple(filling),
                net_kg,
                sealed_s,
                left_s,
                arrive_s,
                intake_kg,
                plant.plant_id,
            )
        )
    return hauls


def _fillings(tippings: Iterable[Tipping], container_kg: int, *, rest_goes: bool) -> list[list[Tipping]]:
    fillings: list[list[Tipping]] = []
    filling: dict[tuple[str, str], list[Tipping]] = {}
    for one in sorted(tippings, key=lambda one: (one.bay_s, one.vehicle_id)):
        container = filling.setdefault((one.station_id, one.stream), [])
        container.append(one)
        if sum(each.net_kg for each in container) >= container_kg:
            fillings.append(filling.pop((one.station_id, one.stream)))
    return fillings + (list(filling.values()) if rest_goes else [])


def _full_s(filling: Sequence[Tipping]) -> int:
    """When what is in it has been weighed."""
    return max(one.weigh_out_s for one in filling)


def _drive_seconds(station: Station, plant: Plant) -> int:
    plane = Plane(station.lon, station.lat)
    return ceil(HAUL_DETOUR * apart_m((0.0, 0.0), plane.place(plant.lon, plant.lat)) / HAUL_MS)


def haul_chain(haul: Haul) -> Chain:
    """Sealed, gone, weighed at the plant by its seal, and the station told of it."""
    left_at = rfc3339(haul.left_s)
    acts = [
        Act(
            haul.sealed_s,
            f"/v1/stations/{haul.station_id}/containers/{haul.container_id}/seal",
            {"seal_number": haul.name, "stream": haul.stream, "at": rfc3339(haul.sealed_s)},
        ),
        Act(
            haul.left_s,
            "/v1/hauls",
            {
                "station_id": haul.station_id,
                "container_id": haul.container_id,
                "seal_number": haul.name,
                "destination_plant_id": haul.plant_id,
                "plate": plate_of(haul),
                "net_kg": haul.net_kg,
                "left_at": left_at,
            },
            ("haul_id", haul.name),
        ),
    ]
    return Chain(haul.name, acts if haul.intake_kg is None else [*acts, *_intake_acts(haul, haul.intake_kg)])


def _intake_acts(haul: Haul, intake_kg: int) -> list[Act]:
    name, gone_s = f"{haul.name}-in", haul.arrive_s + UNLOAD_SECONDS
    weighed_in = {
        "client_id": name,
        "plate": plate_of(haul),
        "seal_number": haul.name,
        "stream": haul.stream,
        "gross_kg": HAUL_TARE_KG + intake_kg,
        "at": rfc3339(haul.arrive_s),
    }
    return [
        Act(haul.arrive_s, f"/v1/plants/{haul.plant_id}/weigh-ins", weighed_in, ("ticket_id", name)),
        Act(haul.arrive_s, f"/v1/hauls/{{{haul.name}}}/arrival", {"at": rfc3339(haul.arrive_s)}),
        Act(gone_s, f"/v1/intakes/{{{name}}}/weigh-out", {"tare_kg": HAUL_TARE_KG, "at": rfc3339(gone_s)}),
    ]


def plate_of(haul: Haul) -> str:
    """One of the station's few tractors."""
    return f"转运{Random(haul.name).randint(1, 9)}号"


def ledger_of(hauls: Iterable[Haul], plant: Plant, day_end_s: int) -> dict[str, int]:
    """What the plant enters of its day: kg, of power kWh. Hauls weighed out after its end belong to the next."""
    weighed = [haul.intake_kg for haul in hauls if haul.plant_id == plant.plant_id and _left_plant_s(haul) < day_end_s]
    intake_kg = sum(filter(None, weighed))
    fed_kg = round(FED_OF_INTAKE * intake_kg)
    return {
        "fed": fed_kg,
        **{kind: round(share * fed_kg) for kind, share in OF_FED.items()},
        "leachate": round(LEACHATE_OF_INTAKE * intake_kg),
        "power": round(KWH_PER_FED_KG * fed_kg),
    }


def _left_plant_s(haul: Haul) -> int:
    return haul.arrive_s + UNLOAD_SECONDS


def ledger_chain(entries: Mapping[str, int], plant: Plant, day: str, at_s: int) -> Chain:
    return Chain(
        f"{plant.plant_id}-{day}",
        [
            Act(
                at_s,
                f"/v1/plants/{plant.plant_id}/entries/{day}-{kind}",
                {"day": day, "kind": kind, "amount": amount},
                None,
                "PUT",
            )
            for kind, amount in entries.items()
        ],
    )
