"""A station's weighbridge: what its operator enters for a truck that tips."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from services.simulator.devices.acts import Act, Chain
from services.simulator.devices.day import rfc3339
from services.simulator.devices.tipping import Station, Tipping, Yard

FULL_SHARE = 0.7
"""Of what a truck may carry: then it goes and tips."""
TARE_SPREAD_KG = 12
"""Fuel, water and crew: an empty truck never weighs quite the same."""


@dataclass(frozen=True, slots=True)
class Truck:
    """As the registry has it, kg."""

    vehicle_id: str
    plate: str
    tare_kg: int
    capacity_kg: int


def trucks_of(answers: list[dict[str, Any]]) -> dict[str, Truck]:
    """From the items of GET /v1/vehicles, by id."""
    kept = ("vehicle_id", "plate", "tare_kg", "capacity_kg")
    return {one["vehicle_id"]: Truck(**{name: one[name] for name in kept}) for one in answers}


def yard_for(truck: Truck, stations: tuple[Station, ...], worth_share: float = 0.0) -> Yard:
    return Yard(stations, round(FULL_SHARE * truck.capacity_kg), max(1, round(worth_share * truck.capacity_kg)))


def ticket_name(tipping: Tipping) -> str:
    """The station's own id of the ticket, by truck and minute (UTC); the same load has the same one in every simulation."""
    return f"{tipping.vehicle_id}-{rfc3339(tipping.weigh_in_s)[:16].replace(':', '')}"


def ticket_chain(tipping: Tipping, trucks: Mapping[str, Truck]) -> Chain:
    """First weighing, bay, second weighing. The truck is named by its plate, as a camera reads it."""
    name, truck = ticket_name(tipping), trucks[tipping.vehicle_id]
    tare_kg = truck.tare_kg + Random(name).randint(-TARE_SPREAD_KG, TARE_SPREAD_KG)
    weighed_in = {
        "client_id": name,
        "number": name,
        "plate": truck.plate,
        "stream": tipping.stream,
        "scale_id": "1",
        "gross_kg": tare_kg + tipping.net_kg,
        "at": rfc3339(tipping.weigh_in_s),
    }
    return Chain(
        name,
        [
            Act(tipping.weigh_in_s, f"/v1/stations/{tipping.station_id}/weigh-ins", weighed_in, ("ticket_id", name)),
            Act(tipping.bay_s, f"/v1/tickets/{{{name}}}/bay", {"bay_id": tipping.bay_id, "at": rfc3339(tipping.bay_s)}),
            Act(
                tipping.weigh_out_s,
                f"/v1/tickets/{{{name}}}/weigh-out",
                {"tare_kg": tare_kg, "at": rfc3339(tipping.weigh_out_s), "scale_id": "1"},
            ),
        ],
    )
