"""A truck that tips at a small station, for tests of what follows from it."""

from typing import Any

from services.simulator.devices.day import VehicleDay, VehicleDisturbance
from services.simulator.devices.driving import drive_day
from services.simulator.devices.tipping import Station, Tipping, TippingFaults, Yard
from services.simulator.devices.weighing import Truck
from tests.unit.simulator.cities import straight_run

STATION = Station("ST-1", 121.45, 31.17, {"B1": frozenset({"residual"}), "B2": frozenset({"food"})})
TRUCKS = {"T-1": Truck("T-1", "沪A12345", 11_000, 9_000)}
YARD = Yard((STATION,), full_kg=6_300)


def three_rounds() -> list[dict[str, Any]]:
    """Eight stops each, two hours apart, so that there is time to tip in between."""
    return [straight_run(8, run_id=f"R-{number}", begin_minute=120 * number) for number in range(3)]


def weighed_day(yard: Yard | None = YARD, **faults: Any) -> VehicleDay:
    return drive_day("T-1", three_rounds(), seed=5, yard=yard, disturbance=VehicleDisturbance(tipping=TippingFaults(**faults)))


def tipping(number: int, net_kg: int, *, stream: str = "residual", station_id: str = "ST-1") -> Tipping:
    """The `number`-th of the day, one every thousand seconds."""
    at_s = 1_790_000_000 + 1000 * number
    return Tipping("T-1", number, station_id, "B1", stream, net_kg, net_kg, at_s, at_s + 60, at_s + 120, at_s + 400, at_s + 430)
