"""What a furnace line emits, and what its data logger makes of it: 5-minute means of the furnace temperature, 10-minute and hour
means of the five pollutants. Pure: a line, a seed and its faults give the same frames, whenever they are asked for.

mg/m³ dry at 11 % O₂, °C. Everything lies well within GB 18485 unless a fault says otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from services.simulator.devices import hj212

FURNACE_SECONDS, MINUTE_SECONDS, HOUR_SECONDS = 300, 600, 3600
SEND_AFTER_SECONDS = 5
FURNACE_CODE, FURNACE_RANGE, COLD_RANGE = "a01901", (885.0, 960.0), (790.0, 835.0)
USUAL_RANGES: Mapping[str, tuple[float, float]] = {
    "a34013": (4.0, 11.0),
    "a21002": (110.0, 190.0),
    "a21026": (12.0, 45.0),
    "a21024": (6.0, 24.0),
    "a21005": (8.0, 40.0),
}
"""Particulate, NOx, SO₂, HCl, CO."""


@dataclass(frozen=True, slots=True)
class Peak:
    """From `start_s` (on the hour) for an hour this pollutant is at about `level` mg/m³."""

    code: str
    start_s: int
    level: float


@dataclass(frozen=True, slots=True)
class LineFaults:
    """`cold`: (from, to) in which the furnace is below 850 °C; `peaks` of pollutants."""

    cold: tuple[tuple[int, int], ...] = ()
    peaks: tuple[Peak, ...] = ()


@dataclass(frozen=True, slots=True)
class FurnaceLine:
    """A line with the logger that speaks for it."""

    line_id: str
    mn: str
    password: str
    faults: LineFaults = LineFaults()


@dataclass(frozen=True, slots=True)
class Report:
    """A frame that is due at `at_s`; `qn` is how the answer names it."""

    at_s: int
    qn: str
    frame: bytes


def reports(line: FurnaceLine, from_s: int, to_s: int, zone: ZoneInfo, seed: int) -> Iterator[Report]:
    """Of all periods that end in [from_s, to_s), in the order they end."""
    for end_s in range(-(-from_s // FURNACE_SECONDS) * FURNACE_SECONDS, to_s, FURNACE_SECONDS):
        start_s = end_s - FURNACE_SECONDS
        yield _report(line, "2111", start_s, end_s, f"{FURNACE_CODE}-Avg={temperature(line, start_s, seed)}", zone)
        if end_s % MINUTE_SECONDS == 0:
            yield _report(line, "2051", end_s - MINUTE_SECONDS, end_s, _means(line, end_s, MINUTE_SECONDS, seed), zone)
        if end_s % HOUR_SECONDS == 0:
            yield _report(line, "2061", end_s - HOUR_SECONDS, end_s, _means(line, end_s, HOUR_SECONDS, seed), zone)


def temperature(line: FurnaceLine, start_s: int, seed: int) -> float:
    """°C of the five minutes that begin then."""
    is_cold = any(begin_s <= start_s < end_s for begin_s, end_s in line.faults.cold)
    return round(Random(f"{seed}:{line.mn}:{start_s}").uniform(*(COLD_RANGE if is_cold else FURNACE_RANGE)), 1)


def concentration(line: FurnaceLine, code: str, start_s: int, seed: int) -> float:
    """mg/m³ of the ten minutes that begin then."""
    rng = Random(f"{seed}:{line.mn}:{code}:{start_s}")
    peak = next((p for p in line.faults.peaks if p.code == code and p.start_s <= start_s < p.start_s + HOUR_SECONDS), None)
    return round(peak.level * rng.uniform(0.97, 1.03) if peak else rng.uniform(*USUAL_RANGES[code]), 2)


def _means(line: FurnaceLine, end_s: int, seconds: int, seed: int) -> str:
    means = []
    for code in USUAL_RANGES:
        values = [concentration(line, code, at_s, seed) for at_s in range(end_s - seconds, end_s, MINUTE_SECONDS)]
        means.append(f"{code}-ZsAvg={sum(values) / len(values):.2f},{code}-Flag=N")
    return ";".join(means)


def _report(line: FurnaceLine, cn: str, start_s: int, end_s: int, values: str, zone: ZoneInfo) -> Report:
    sent_s = end_s + SEND_AFTER_SECONDS
    qn = f"{_stamp(sent_s, zone)}{int(cn) % 1000:03d}"
    content = f"DataTime={_stamp(start_s, zone)};{values}"
    return Report(sent_s, qn, hj212.frame(qn=qn, cn=cn, mn=line.mn, password=line.password, content=content))


def _stamp(at_s: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_s, zone):%Y%m%d%H%M%S}"
