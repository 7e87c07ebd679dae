"""`sanitation simulate`: a whole service day as fast as the city takes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.simulator.devices.day import Record, VehicleDay, epoch_s
from services.simulator.devices.fleet import City, DeviceTokens, by_vehicle, each, runs_of
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.scenarios.disturbances import disturbed_day, silent_vehicle
from services.simulator.scenarios.truth import Truth, truth_of, truth_without_vehicle, write_truth

BATCH_RECORDS = 500
VEHICLES_AT_ONCE = 8


@dataclass(slots=True)
class Outcome:
    """What was sent and answered. `refused`: records of batches that the city would not take at all."""

    vehicles: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    refused: int = 0
    failures: int = 0
    truths: list[Truth] = field(default_factory=list)

    def add(self, unit: OnboardUnit) -> None:
        self.vehicles += 1
        self.stored += unit.stored
        self.duplicates += unit.duplicates
        self.rejected += unit.rejected
        self.refused += len(unit.refused)
        self.failures += unit.failures

    def __str__(self) -> str:
        return (
            f"{self.vehicles} vehicles: {self.stored} records stored, {self.duplicates} duplicates, "
            f"{self.rejected} rejected, {self.refused} refused; {self.failures} attempts failed; "
            f"{len(self.truths)} stops in the truth"
        )


def progress_bar(*, quiet: bool = False) -> Progress:
    """On standard error, and nothing there when it is not a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )


async def simulate_day(
    city: City,
    service_day: date,
    seed: int,
    *,
    interval_seconds: int = 10,
    disturbed: bool = True,
    truth_file: Path | None = None,
    vehicle_ids: Sequence[str] | None = None,
    quiet: bool = False,
) -> Outcome:
    """Drives all runs of the day (or those of some vehicles) and sends everything; the truth is in the outcome, and in
    the file when one is named. `city` is an ApiClient signed in as admin."""
    runs = await runs_of(city, service_day)
    fleet = {vehicle: runs for vehicle, runs in by_vehicle(runs).items() if not vehicle_ids or vehicle in vehicle_ids}
    silent = silent_vehicle(fleet, seed) if disturbed else None
    tokens = DeviceTokens(city)
    outcome = Outcome()
    if not vehicle_ids:
        outcome.truths = [truth for run in runs if not run["vehicle_id"] for truth in truth_without_vehicle(run)]
    with progress_bar(quiet=quiet) as progress:
        task = progress.add_task("vehicles", total=len(fleet))

        async def drive(vehicle_id: str) -> None:
            silently = vehicle_id == silent
            day = disturbed_day(vehicle_id, fleet[vehicle_id], seed=seed, disturbed=disturbed, silent=silently)
            outcome.truths += truth_of(day)
            if not day.disturbance.silent:
                outcome.add(await send_day(day, city, tokens, interval_seconds, seed))
            progress.advance(task)

        await each(fleet, drive, VEHICLES_AT_ONCE)
    outcome.truths.sort(key=lambda truth: (truth.run_id, truth.stop_id))
    if truth_file:
        write_truth(truth_file, outcome.truths)
    return outcome


async def send_day(day: VehicleDay, city: City, tokens: DeviceTokens, interval_seconds: int, seed: int) -> OnboardUnit:
    unit = OnboardUnit(
        day.vehicle_id,
        city,
        tokens.issue,
        batch_records=BATCH_RECORDS,
        repeats=day.disturbance.repeats,
        seed=seed,
    )
    unit.note(in_order_of_sending(day, day.records(interval_seconds), seed))
    await unit.flush()
    return unit


def in_order_of_sending(day: VehicleDay, records: Sequence[Record], seed: int) -> list[Record]:
    """What was noted without a network comes after everything else, in order or shuffled."""
    at_once: list[Record] = []
    backlog: list[Record] = []
    ahead = day.disturbance.clock_ahead_seconds
    for record in records:
        at_s = epoch_s(record["at"]) - ahead
        lost = any(begin_s <= at_s < end_s for begin_s, end_s in day.disturbance.signal_losses)
        (backlog if lost else at_once).append(record)
    if day.disturbance.shuffled:
        Random(f"{seed}:{day.vehicle_id}:backlog").shuffle(backlog)
    return at_once + backlog
