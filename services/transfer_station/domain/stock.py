"""A station's stock: what came in, what went out, what was counted, where what is there comes from. Whole kilograms."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal

UNKNOWN = "unknown"
Kind = Literal["ticket", "haul", "correction"]


@dataclass(frozen=True, slots=True)
class Move:
    """`kg` > 0 comes in, < 0 goes out; `movement_id` orders what happened at the same moment."""

    at: datetime
    movement_id: str
    kind: Kind
    kg: int
    district_id: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Somebody counted (or estimated) what is there at `at`."""

    at: datetime
    entry_id: str
    kg: int


def correction_kg(counted_kg: int, before_kg: int, moved_kg: int) -> int:
    """What a stock-taking found more (less) than the books: `before_kg` by the stock-taking before, `moved_kg` since."""
    return counted_kg - before_kg - moved_kg


def with_counts(moves: Iterable[Move], counts: Iterable[Counted], opening_kg: int) -> list[Move]:
    """The moves, and each stock-taking as the correction that it was; a move at the moment of counting was counted."""
    waiting, level, booked = deque(sorted(moves, key=lambda m: m.at)), opening_kg, []
    for count in sorted(counts, key=lambda c: (c.at, c.entry_id)):
        since = []
        while waiting and waiting[0].at <= count.at:
            since.append(waiting.popleft())
        found = correction_kg(count.kg, level, sum(move.kg for move in since))
        booked += [*since, Move(count.at, count.entry_id, "correction", found)]
        level = count.kg
    return [*booked, *waiting]


@dataclass(frozen=True, slots=True)
class StationDay:
    """opening + in = out + lost + closing, to the kilogram. `lost_kg`: by name; less than 0 is more than the books say."""

    day: date
    opening_kg: int
    in_kg: int
    out_kg: int
    lost_kg: dict[str, int]
    closing_kg: int


def by_day(
    moves: Iterable[Move], opening_kg: int, day_of: Callable[[datetime], date], named: Mapping[str, str]
) -> list[StationDay]:
    """The days on which anything moved, oldest first. `named`: what each correction was, by movement."""
    days: list[StationDay] = []
    for day, of_day in groupby(sorted(moves, key=_turn), key=lambda move: day_of(move.at)):
        kg: Counter[str] = Counter()
        lost: Counter[str] = Counter()
        for move in of_day:
            if move.kind == "correction":
                lost[named[move.movement_id]] -= move.kg
            else:
                kg[move.kind] += move.kg
        closing = opening_kg + kg["ticket"] + kg["haul"] - lost.total()
        days.append(StationDay(day, opening_kg, kg["ticket"], -kg["haul"], dict(sorted(lost.items())), closing))
        opening_kg = closing
    return days


def origins(moves: Iterable[Move], opening_kg: int = 0) -> dict[str, dict[str, int]]:
    """Where each haul's waste comes from, by haul: kg by district, first in, first out; sums to the haul exactly.

    What was there at the beginning, what was found more than the books say, and what was hauled beyond all that came in is
    `unknown`. Losses are taken from the oldest, as hauls are.
    """
    queue: deque[tuple[str, int]] = deque([(UNKNOWN, opening_kg)] if opening_kg > 0 else [])
    found: dict[str, dict[str, int]] = {}
    for move in sorted(moves, key=_turn):
        if move.kg > 0:
            queue.append((move.district_id or UNKNOWN, move.kg))
        taken = _take(queue, -move.kg) if move.kg < 0 else {}
        if move.kind == "haul":
            found[move.movement_id] = taken
    return found


def _turn(move: Move) -> tuple[datetime, int, str]:
    """Of what happened at the same moment tickets come first and stock-takings last."""
    return move.at, ("ticket", "haul", "correction").index(move.kind), move.movement_id


def _take(queue: deque[tuple[str, int]], kg: int) -> dict[str, int]:
    taken: dict[str, int] = {}
    while kg > 0:
        origin, there = queue.popleft() if queue else (UNKNOWN, kg)
        part = min(kg, there)
        taken[origin] = taken.get(origin, 0) + part
        kg -= part
        if there > part:
            queue.appendleft((origin, there - part))
    return taken


def hours_to_full(stored_kg: int, capacity_kg: int, net_in_kg: int, hours: float) -> float | None:
    """By the pace of the last `hours`, in which the stock grew by `net_in_kg`; None when it does not grow; 0 when full."""
    if stored_kg >= capacity_kg:
        return 0.0
    return round((capacity_kg - stored_kg) / (net_in_kg / hours), 2) if net_in_kg > 0 else None


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least `percent` of all do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
