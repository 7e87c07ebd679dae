"""What must be true of the weighed day: from the script and what the trucks, containers and furnaces did, never from the city."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.simulator.devices.day import VehicleDay
from services.simulator.devices.furnace import FURNACE_SECONDS, FurnaceLine, temperature
from services.simulator.devices.hauling import Haul
from services.simulator.devices.tipping import Tipping
from services.simulator.devices.weighing import ticket_name

COLDEST_ALLOWED_C, COLD_MEANS_ALLOWED = 850.0, 5
"""GB 18485-2014 with order No. 10 of 2019: so many 5-minute means of a day may be colder."""


def ticket_truth(tipping: Tipping) -> dict[str, Any]:
    """As GET /v1/tickets has it."""
    return {
        "station_id": tipping.station_id,
        "vehicle_id": tipping.vehicle_id,
        "stream": tipping.stream,
        "bay_id": tipping.bay_id,
        "net_kg": tipping.net_kg,
        "status": "closed",
    }


def haul_truth(haul: Haul, districts: Mapping[str, str]) -> dict[str, Any]:
    """`origins`: what each truck's district gave; `districts` by vehicle."""
    origins = Counter[str]()
    for one in haul.tippings:
        origins[districts[one.vehicle_id]] += one.net_kg
    return {
        "station_id": haul.station_id,
        "stream": haul.stream,
        "net_kg": haul.net_kg,
        "origins": dict(origins),
        "status": "left" if haul.intake_kg is None else "arrived",
    }


def intake_truth(haul: Haul, haul_id: str) -> dict[str, Any] | None:
    """As GET /v1/intakes has it; None: it never came."""
    if haul.intake_kg is None:
        return None
    return {
        "haul_id": haul_id,
        "net_kg": haul.intake_kg,
        "net_difference_kg": haul.intake_kg - haul.net_kg,
        "status": "closed",
        "stream": haul.stream,
    }


def stock_truth(tippings: Iterable[Tipping], hauls: Iterable[Haul]) -> dict[str, dict[str, int]]:
    """kg by station and stream: what came less what went."""
    stored: dict[str, Counter[str]] = {}
    for tipping in tippings:
        stored.setdefault(tipping.station_id, Counter())[tipping.stream] += tipping.net_kg
    for haul in hauls:
        stored[haul.station_id][haul.stream] -= haul.net_kg
    return {station_id: dict(streams) for station_id, streams in stored.items()}


def balance_truth(days: Iterable[VehicleDay]) -> dict[str, dict[str, int]]:
    """By stream: what was lifted (by the onboard scales), what was tipped (by the weighbridges), what is still on board, and the
    rest. All trucks begin empty, and each carries one stream."""
    balance: dict[str, Counter[str]] = {}
    for day in days:
        stream = next(stop.stream for stop in day.stops if stop.stream)
        lifted_kg = sum(record["net_kg"] for _, record in day.occasions if record["kind"] == "bin_lift")
        of_stream = balance.setdefault(stream, Counter())
        of_stream["lifted_kg"] += lifted_kg
        of_stream["tipped_kg"] += sum(one.net_kg for one in day.tippings)
        of_stream["on_board_start_kg"] += 0
        of_stream["on_board_end_kg"] += lifted_kg - sum(one.lifted_kg for one in day.tippings)
    for of_stream in balance.values():
        of_stream["residue_kg"] = of_stream["lifted_kg"] - of_stream["tipped_kg"] - of_stream["on_board_end_kg"]
    return {stream: dict(figures) for stream, figures in balance.items()}


def haul_balance_truth(hauls: Iterable[Haul]) -> dict[str, dict[str, int]]:
    """By stream: what left the stations, what the plant weighed, what never came, and the rest."""
    by_stream: dict[str, Counter[str]] = {}
    for haul in hauls:
        of_stream = by_stream.setdefault(
            haul.stream, Counter(under_way_start_kg=0, under_way_end_kg=0, received_kg=0, residue_kg=0)
        )
        of_stream["hauled_kg"] += haul.net_kg
        if haul.intake_kg is None:
            of_stream["under_way_end_kg"] += haul.net_kg
        else:
            of_stream["received_kg"] += haul.intake_kg
            of_stream["residue_kg"] += haul.net_kg - haul.intake_kg
    return {stream: dict(figures) for stream, figures in by_stream.items()}


def cold_lines(lines: Iterable[FurnaceLine], begin_s: int, end_s: int, seed: int) -> dict[str, int]:
    """Lines that were colder than 850 °C more often than allowed on the day, and how often."""
    cold_by_line = {}
    for line in lines:
        means = (temperature(line, at_s, seed) for at_s in range(begin_s, end_s, FURNACE_SECONDS))
        cold = sum(mean < COLDEST_ALLOWED_C for mean in means)
        if cold > COLD_MEANS_ALLOWED:
            cold_by_line[line.line_id] = cold
    return cold_by_line


def finding_truth(days: Sequence[VehicleDay], hauls: Iterable[Haul], ids: Mapping[str, str]) -> list[list[str]]:
    """[kind, subject, status] of what the balance must name; `ids` as the city gave them, by name."""
    findings = [
        ["trip_difference", ids[ticket_name(one)], "open"]
        for day in days
        for one in day.tippings
        if one.trip in day.disturbance.tipping.stolen_kg
    ]
    findings += [["scale_drift", day.vehicle_id, "open"] for day in days if day.disturbance.tipping.scale_factor != 1]
    findings += [["haul_overdue", ids[haul.name], "open"] for haul in hauls if haul.intake_kg is None]
    return sorted(findings)
