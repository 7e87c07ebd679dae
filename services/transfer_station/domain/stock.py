"""A station's stock: what came in, what went out, what was counted, where what is there comes from. Whole kilograms."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Literal

from shared.domain_errors import Conflict
from shared.vocabulary import WasteStream

UNKNOWN = "unknown"
Kind = Literal["ticket", "haul", "correction"]


class EntryKind(StrEnum):
    """What a person says of the stock: what was there when it was counted, or what went away unweighed."""

    STOCK_TAKING = "stock_taking"
    RESIDUE = "residue"
    MOISTURE_LOSS = "moisture_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What moves a station's stock: tickets in (+), hauls out (−), corrections (±). A void one weighs 0."""

    movement_id: str
    kind: Kind
    station_id: str
    stream: WasteStream
    at: datetime
    kg: int
    district_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockEntry:
    """Counted (`stock_taking`, `kg` is what was there) or lost (`residue`, `moisture_loss`); kept for good."""

    entry_id: str
    station_id: str
    stream: WasteStream
    kind: EntryKind
    kg: int
    at: datetime
    person: str
    reason: str
    recorded_at: datetime

    @property
    def is_count(self) -> bool:
        return self.kind is EntryKind.STOCK_TAKING

    def as_loss(self) -> Movement:
        """Of an entry that is no count."""
        return Movement(
            movement_id=self.entry_id,
            kind="correction",
            station_id=self.station_id,
            stream=self.stream,
            at=self.at,
            kg=-self.kg,
        )

    def require_same(self, other: "StockEntry") -> None:
        if replace(other, recorded_at=self.recorded_at) != self:
            raise Conflict("another entry has this client_id; give this one its own", code="entry_exists")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What was last told of a stream's stock. `dirty`: something moved since; `moved_from`: that is the oldest of it."""

    station_id: str
    stream: WasteStream
    revision: int = 0
    stored_kg: int = 0
    capacity_kg: int = 0
    dirty: bool = False
    moved_from: datetime | None = None
    at: datetime

    def mark(self, since: datetime | None) -> "Stock":
        """To be told again, and its days from that of `since` on."""
        moved_from = min((at for at in (self.moved_from, since) if at is not None), default=None)
        return replace(self, dirty=True, moved_from=moved_from)

    def tell(self, stored_kg: int, capacity_kg: int, at: datetime) -> "Stock":
        now_clean = replace(self, dirty=False, moved_from=None)
        return replace(now_clean, stored_kg=stored_kg, capacity_kg=capacity_kg, at=at, revision=self.revision + 1)

    def is_high(self, high_ratio: float, clear_ratio: float) -> bool | None:
        """Nearly full; None in between, where an alarm stays as it is. Without a capacity it never is."""
        if self.capacity_kg > 0 and self.stored_kg >= high_ratio * self.capacity_kg:
            return True
        return False if self.capacity_kg == 0 or self.stored_kg < clear_ratio * self.capacity_kg else None


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
        correction = correction_kg(count.kg, level, sum(move.kg for move in since))
        booked += [*since, Move(count.at, count.entry_id, "correction", correction)]
        level = count.kg
    return [*booked, *waiting]


@dataclass(frozen=True, slots=True)
class StationDay:
    """opening + in = out + lost + closing, to the kilogram. `lost_kg`: by name; less than 0 is more than the books say."""

    day: date
    opening_kg: int
    in_kg: int
    out_kg: int
    lost_kg: Mapping[str, int]
    closing_kg: int

    @classmethod
    def without_moves(cls, day: date, level_kg: int) -> "StationDay":
        return cls(day, level_kg, 0, 0, {}, level_kg)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDay:
    """A day of a stream as it was last told; one on which nothing moved any more is told so."""

    station_id: str
    stream: WasteStream
    revision: int
    day: date
    opening_kg: int
    in_kg: int
    out_kg: int
    lost_kg: Mapping[str, int]
    closing_kg: int
    changed_at: datetime

    @classmethod
    def first(cls, station_id: str, stream: WasteStream, books: StationDay, at: datetime) -> "StockDay":
        return cls(station_id=station_id, stream=stream, revision=1, changed_at=at, **asdict(books))

    @property
    def books(self) -> StationDay:
        return StationDay(self.day, self.opening_kg, self.in_kg, self.out_kg, self.lost_kg, self.closing_kg)

    def change_to(self, books: StationDay, at: datetime) -> "StockDay":
        """The same day when it was told like this."""
        return self if books == self.books else replace(self, **asdict(books), revision=self.revision + 1, changed_at=at)


def by_day(
    moves: Iterable[Move], opening_kg: int, day_of: Callable[[datetime], date], named: Mapping[str, str]
) -> list[StationDay]:
    """The days on which anything moved, oldest first. `named`: what each correction was, by movement."""
    days: list[StationDay] = []
    for day, group in groupby(sorted(moves, key=_turn), key=lambda move: day_of(move.at)):
        of_day = list(group)
        lost: Counter[str] = Counter()
        for move in of_day:
            if move.kind == "correction":
                lost[named[move.movement_id]] -= move.kg
        in_kg, out_kg = _kg_of(of_day, "ticket"), -_kg_of(of_day, "haul")
        closing = opening_kg + in_kg - out_kg - lost.total()
        days.append(StationDay(day, opening_kg, in_kg, out_kg, dict(sorted(lost.items())), closing))
        opening_kg = closing
    return days


def _kg_of(moves: Iterable[Move], kind: Kind) -> int:
    return sum(move.kg for move in moves if move.kind == kind)


def origins(moves: Iterable[Move], opening_kg: int = 0) -> dict[str, dict[str, int]]:
    """Where each haul's waste comes from, by haul: kg by district, first in, first out; sums to the haul exactly.

    What was there at the beginning, what was found more than the books say, and what was hauled beyond all that came in is
    `unknown`. Losses are taken from the oldest, as hauls are.
    """
    queue: deque[tuple[str, int]] = deque([(UNKNOWN, opening_kg)] if opening_kg > 0 else [])
    of_hauls: dict[str, dict[str, int]] = {}
    for move in sorted(moves, key=_turn):
        if move.kg > 0:
            queue.append((move.district_id or UNKNOWN, move.kg))
        taken = _take(queue, -move.kg) if move.kg < 0 else {}
        if move.kind == "haul":
            of_hauls[move.movement_id] = taken
    return of_hauls


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
