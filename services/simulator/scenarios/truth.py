"""What the city ought to conclude at the end of the day, from what the simulated trucks did, and how far it does.

The truth never looks at the server's verdicts: a stop's window comes from its plan, its service from the drive.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from services.simulator.devices.day import PlannedStop, VehicleDay, Visit, rfc3339

LONGEST_LISTING = 20
ASK_AGAIN_SECONDS = 2.0

Pause = Callable[[float], Awaitable[None]]


class Reader(Protocol):
    """The reading half of shared.client.ApiClient."""

    async def get(self, path: str, params: dict[str, Any] | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Truth:
    """One line of the truth file. `served_at` (RFC 3339) is when the truck, by its own clock, came to serve."""

    stop_id: str
    run_id: str
    vehicle_id: str | None
    verdict: str
    served_at: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    truth: Truth
    found: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """`table`: how often (expected verdict, found verdict) came together."""

    table: Mapping[tuple[str, str], int]
    differences: tuple[Difference, ...]

    @property
    def compared(self) -> int:
        return sum(self.table.values())

    @property
    def complete(self) -> bool:
        return self.compared > 0 and not self.differences

    def __str__(self) -> str:
        lines = [f"{self.compared - len(self.differences)} of {self.compared} verdicts as the truth has them"]
        lines += [f"  {expected:>9} -> {found:<9} {count:6}" for (expected, found), count in sorted(self.table.items())]
        lines += [
            f"  {d.truth.stop_id} (run {d.truth.run_id}, {d.truth.vehicle_id}): {d.truth.verdict} [{d.truth.reason}, "
            f"served {d.truth.served_at}], found {d.found}"
            for d in self.differences[:LONGEST_LISTING]
        ]
        if len(self.differences) > LONGEST_LISTING:
            lines.append(f"  … and {len(self.differences) - LONGEST_LISTING} more")
        return "\n".join(lines)


def verdict_of(stop: PlannedStop, visit: Visit | None, clock_ahead_seconds: int = 0) -> str:
    if visit is None:
        return "missed"
    served_s = visit.arrive_s + clock_ahead_seconds
    if served_s < stop.window_start_s:
        return "early"
    return "late" if served_s > stop.window_end_s else "collected"


def truth_of(day: VehicleDay) -> list[Truth]:
    visits = {stop.stop_id: visit for visit in day.visits for stop in visit.stops}
    return [_truth(day, stop, visits.get(stop.stop_id)) for stop in day.stops]


def truth_without_vehicle(run: Mapping[str, Any]) -> list[Truth]:
    """Nobody drives the run, so nobody knows what became of its stops."""
    return [Truth(stop["stop_id"], run["run_id"], None, "unknown", None, "no vehicle") for stop in run["stops"]]


def _truth(day: VehicleDay, stop: PlannedStop, visit: Visit | None) -> Truth:
    if day.disturbance.silent:
        return Truth(stop.stop_id, stop.run_id, day.vehicle_id, "unknown", None, "the unit never sends")
    ahead = day.disturbance.clock_ahead_seconds
    served_at = rfc3339(visit.arrive_s + ahead) if visit else None
    verdict = verdict_of(stop, visit, ahead)
    broken_s = day.broken_down_s
    excused = stop.stop_id in day.disturbance.run(stop.run_id).blocked
    excused |= broken_s is not None and stop.window_end_s >= broken_s + ahead
    if verdict == "missed" and excused:
        verdict = "excepted"
    return Truth(stop.stop_id, stop.run_id, day.vehicle_id, verdict, served_at, _reason(day, stop, verdict))


def _reason(day: VehicleDay, stop: PlannedStop, verdict: str) -> str:
    disturbance = day.disturbance.run(stop.run_id)
    if verdict == "missed" and stop.stop_id in disturbance.partial:
        return "only a part"
    if stop.stop_id in disturbance.blocked:
        return "blocked"
    if verdict in {"missed", "excepted"}:
        return "passed by" if stop.stop_id in disturbance.missed else "breakdown"
    if verdict == "collected":
        return "as planned"
    return "shifted run" if disturbance.shift_seconds else "tight timetable"


def write_truth(path: Path, truths: Iterable[Truth]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for truth in truths:
            file.write(json.dumps(asdict(truth), ensure_ascii=False) + "\n")


def read_truth(path: Path) -> list[Truth]:
    with path.open(encoding="utf-8") as file:
        return [Truth(**json.loads(line)) for line in file if line.strip()]


async def compare_when_settled(
    truths: Sequence[Truth], client: Reader, *, patience_seconds: float = 60, pause: Pause = asyncio.sleep
) -> Agreement:
    """Compares until all agree, or nothing has changed for `patience_seconds`: what was sent may still be on its way."""
    agreement = await compare_truth(truths, client)
    waited_seconds = 0.0
    while not agreement.complete and waited_seconds < patience_seconds:
        await pause(ASK_AGAIN_SECONDS)
        waited_seconds += ASK_AGAIN_SECONDS
        again = await compare_truth(truths, client)
        if again.table != agreement.table:
            waited_seconds = 0.0
        agreement = again
    return agreement


async def compare_truth(truths: Iterable[Truth], client: Reader) -> Agreement:
    """Asks the city for each run of the truth and sets its verdicts beside it, stop by stop."""
    by_run: dict[str, list[Truth]] = {}
    for truth in truths:
        by_run.setdefault(truth.run_id, []).append(truth)
    table: Counter[tuple[str, str]] = Counter()
    differences: list[Difference] = []
    for run_id, expected in by_run.items():
        run = await client.get(f"/v1/runs/{run_id}")
        verdicts = {stop["stop_id"]: str(stop["verdict"]) for stop in run["stops"]}
        for truth in expected:
            verdict = verdicts.get(truth.stop_id, "no such stop")
            table[truth.verdict, verdict] += 1
            if verdict != truth.verdict:
                differences.append(Difference(truth, verdict))
    return Agreement(table, tuple(differences))
