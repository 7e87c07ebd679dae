"""The stops of a route in the order they are driven, past midnight where the evening goes on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from services.route.domain.timetable.drafts import COLLECTION, Draft, Notes
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.placement import warn_of_odd_places
from services.route.domain.timetable.routes import Route, TimedStop, most_common


def in_order(stops: list[Draft], limits: ImportLimits, notes: Notes) -> list[Draft]:
    """Sorted by seq; times after midnight moved to the next day; what is odd about the order goes to the notes."""
    ordered = sorted(_rolled_past_midnight(sorted(stops, key=_place), limits), key=_place)
    _warn_repeated_seq(ordered, notes)
    _warn_backwards(ordered, notes)
    warn_of_odd_places(ordered, limits, notes)
    return ordered


def _place(stop: Draft) -> tuple[int, int, int]:
    return stop.seq, stop.second, stop.row


@dataclass(slots=True)
class _Evening:
    first_second: int | None = None
    is_late: bool = False


def _rolled_past_midnight(ordered: Iterable[Draft], limits: ImportLimits) -> list[Draft]:
    """01:10 after 23:50 is the next day. Each weekday on its own: other days may have other times."""
    evenings: defaultdict[int, _Evening] = defaultdict(_Evening)
    rolled = []
    for draft in ordered:
        stop = draft
        days = [evenings[day] for day in stop.weekdays]
        is_early = stop.second < limits.early_morning_hour * 3600
        if is_early and any(day.is_late and stop.second < (day.first_second or 0) for day in days):
            stop = stop.next_day()
        for day in days:
            day.first_second = stop.second if day.first_second is None else day.first_second
            day.is_late |= stop.second >= limits.late_evening_hour * 3600
        rolled.append(stop)
    return rolled


def _warn_repeated_seq(ordered: list[Draft], notes: Notes) -> None:
    for before, stop in pairwise(ordered):
        if stop.seq == before.seq and stop.weekdays & before.weekdays:
            notes.warn(stop, "duplicate_sequence", f"the same place in the order as row {before.row}", "seq", "time")


def _warn_backwards(ordered: list[Draft], notes: Notes) -> None:
    last: dict[int, Draft] = {}
    for stop in ordered:
        before = max((last[day] for day in stop.weekdays if day in last), key=lambda s: s.second, default=None)
        if before is not None and stop.second < before.second:
            detail = f"earlier than row {before.row}, which comes before it in the order"
            notes.warn(stop, "time_goes_backwards", detail, "seq", "time")
        last |= dict.fromkeys(stop.weekdays, stop)


# --- routes -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Keys:
    """Gives each stop of a route a key of its own."""

    used: dict[int, int] = field(default_factory=dict)

    def next(self, seq: int) -> str:
        self.used[seq] = self.used.get(seq, 0) + 1
        return str(seq) if self.used[seq] == 1 else f"{seq}.{self.used[seq]}"


def routes_of(ordered: Mapping[str, list[Draft]], point_ids: Mapping[int, str], notes: Notes) -> tuple[Route, ...]:
    return tuple(_route(route_id, stops, point_ids, notes) for route_id, stops in ordered.items())


def _route(route_id: str, stops: list[Draft], point_ids: Mapping[int, str], notes: Notes) -> Route:
    keys = _Keys()
    return Route(
        route_id=route_id,
        name=_agreed(stops, "route_name", notes) or route_id,
        district_id=_agreed(stops, "district_id", notes),
        vehicle_id=_agreed(stops, "vehicle_id", notes),
        task=_agreed(stops, "task", notes) or COLLECTION,
        stops=tuple(_timed_stop(stop, keys.next(stop.seq), point_ids) for stop in stops),
    )


def _agreed(stops: list[Draft], target: str, notes: Notes) -> str | None:
    """The value most rows of the route give; rows that give another one are named."""
    values = [(stop, value) for stop in stops if (value := getattr(stop, target)) is not None]
    if not values:
        return None
    agreed = most_common([value for _, value in values])
    for stop, value in values:
        if value != agreed:
            notes.warn(stop, f"{target}_differs", f"most rows of this route say {agreed}", target)
    return agreed


def _timed_stop(stop: Draft, key: str, point_ids: Mapping[int, str]) -> TimedStop:
    return TimedStop(
        row=stop.row,
        key=key,
        seq=stop.seq,
        service_point_id=stop.section_id or point_ids.get(stop.row, f"{stop.route_id}.{key}"),
        name=stop.name,
        lon=stop.lon,
        lat=stop.lat,
        second=stop.second,
        window_start_second=stop.window_start_second,
        window_end_second=stop.window_end_second,
        weekdays=stop.weekdays,
        stream=stop.stream,
        expected_kg=stop.expected_kg,
        kind=stop.kind,
        mode=stop.mode,
        section_id=stop.section_id,
        by_calendar=stop.by_calendar,
        valid_from=stop.valid_from,
        valid_to=stop.valid_to,
    )
