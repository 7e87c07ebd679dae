"""`sanitation replay FILE`: real tracks, sent by onboard units at a speed factor or as fast as the city takes them."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.devices.day import Record
from services.simulator.devices.fleet import City, DeviceTokens, each, pages
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.scenarios.simulate import progress_bar
from services.simulator.scenarios.track_file import Fix, TrackFile, read_tracks
from shared.clock import monotonic

TICK_SECONDS = 1.0
MOST_VEHICLES_IN_AN_IMPORT = 1000
MOST_RECORDS_NOTED_AT_ONCE = 500


@dataclass(slots=True)
class Replayed:
    """`duplicates`: the city had the fix already, or the file has it twice."""

    rows: int
    sent: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    refused: int = 0
    vehicles: int = 0
    registered: int = 0
    ambiguous_times: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, int]:
        return {
            "stored": self.stored,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "refused": self.refused,
        }

    def __str__(self) -> str:
        lines = [f"{self.rows} rows of {self.vehicles} vehicles ({self.registered} newly registered): {self.sent} sent"]
        lines += [f"  {count} {name}" for name, count in self.answers.items() if count]
        lines += [f"  {count} rows left out: {reason}" for reason, count in self.unusable.most_common()]
        if self.ambiguous_times:
            lines.append(f"  {self.ambiguous_times} local times came twice (clocks went back): taken as the first")
        lines += [f"  {name!r} is no id: sent as {vehicle_id}" for name, vehicle_id in sorted(self.renamed.items())]
        return "\n".join(lines)


async def replay(
    city: City,
    path: Path,
    *,
    columns: dict[str, str | None] | None = None,
    zone: ZoneInfo | None = None,
    speed_factor: float = 0,
    shuffle_seed: int | None = None,
    quiet: bool = False,
) -> Replayed:
    """`speed_factor` 60 sends an hour of the file in a minute, 0 as fast as possible; `shuffle_seed` mixes all rows.

    `city` is an ApiClient signed in as admin. Raises UnusableFile.
    """
    tracks = read_tracks(path, columns or {}, zone)
    report = _report(tracks)
    fixes = sorted(tracks.fixes, key=lambda fix: (fix.at, fix.row))
    report.registered = await register_unknown(city, fixes)
    if shuffle_seed is not None:
        Random(shuffle_seed).shuffle(fixes)
    tokens = DeviceTokens(city)
    units = {vehicle_id: OnboardUnit(vehicle_id, city, tokens.issue) for vehicle_id in {fix.vehicle_id for fix in fixes}}
    with progress_bar(quiet=quiet) as progress:
        task = progress.add_task("fixes", total=len(fixes))
        for portion in _portions(fixes, speed_factor if shuffle_seed is None else 0):
            await _wait_until(portion)
            await _send(portion.fixes, units)
            progress.advance(task, len(portion.fixes))
    _add_up(report, units.values())
    return report


async def register_unknown(city: City, fixes: Iterable[Fix]) -> int:
    """Vehicles that the city does not know yet are imported as kind `other`, with their name for a plate."""
    known = {vehicle["vehicle_id"] async for vehicle in pages(city, "/v1/vehicles")}
    names = {fix.vehicle_id: fix.name for fix in fixes if fix.vehicle_id not in known}
    entries = [{"vehicle_id": vehicle_id, "plate": name, "kind": "other"} for vehicle_id, name in sorted(names.items())]
    for start in range(0, len(entries), MOST_VEHICLES_IN_AN_IMPORT):
        await city.post("/v1/vehicle-imports", {"vehicles": entries[start : start + MOST_VEHICLES_IN_AN_IMPORT]})
    return len(entries)


@dataclass(frozen=True, slots=True)
class _Portion:
    """Fixes to send together, not before `due` (seconds of shared.clock.monotonic)."""

    fixes: Sequence[Fix]
    due: float


def _portions(fixes: Sequence[Fix], speed_factor: float) -> Iterable[_Portion]:
    begin = monotonic()
    if speed_factor <= 0 or not fixes:
        size = MOST_RECORDS_NOTED_AT_ONCE * 8
        return (_Portion(fixes[start : start + size], begin) for start in range(0, len(fixes), size))
    first_at = fixes[0].at

    def tick(fix: Fix) -> int:
        return int((fix.at - first_at).total_seconds() / speed_factor / TICK_SECONDS)

    return (_Portion(list(group), begin + number * TICK_SECONDS) for number, group in groupby(fixes, key=tick))


async def _wait_until(portion: _Portion) -> None:
    if (left := portion.due - monotonic()) > 0:
        await asyncio.sleep(left)


async def _send(fixes: Iterable[Fix], units: dict[str, OnboardUnit]) -> None:
    by_unit: dict[str, list[Record]] = {}
    for fix in fixes:
        by_unit.setdefault(fix.vehicle_id, []).append(_record(fix))

    async def send(vehicle_id: str) -> None:
        units[vehicle_id].note(by_unit[vehicle_id])
        await units[vehicle_id].flush()

    await each(by_unit, send)


def _record(fix: Fix) -> Record:
    record: dict[str, Any] = {
        "kind": "position",
        "at": fix.at.isoformat().replace("+00:00", "Z"),
        "lon": fix.lon,
        "lat": fix.lat,
    }
    if fix.speed_kmh is not None:
        record["speed_kmh"] = fix.speed_kmh
    if fix.heading_deg is not None:
        record["heading_deg"] = fix.heading_deg
    return record


def _report(tracks: TrackFile) -> Replayed:
    return Replayed(
        rows=tracks.rows,
        vehicles=len({fix.vehicle_id for fix in tracks.fixes}),
        ambiguous_times=tracks.ambiguous_times,
        unusable=tracks.unusable,
        renamed={fix.name: fix.vehicle_id for fix in tracks.fixes if fix.name != fix.vehicle_id},
    )


def _add_up(report: Replayed, units: Iterable[OnboardUnit]) -> None:
    for unit in units:
        report.stored += unit.stored
        report.duplicates += unit.duplicates
        report.rejected += unit.rejected
        report.refused += len(unit.refused)
    report.sent = report.stored + report.duplicates + report.rejected
