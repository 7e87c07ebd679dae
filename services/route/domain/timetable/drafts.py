"""One row of a timetable file read into a draft of a stop, not yet compared with other rows."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from services.route.domain import cells
from services.route.domain.coverage.sections import SectionPlace
from services.route.domain.places import COVERAGE, FIXED_TIME, ISOLATION, PASSING
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.timetable.notation import Notation
from services.route.domain.timetable.routes import Finding
from services.route.domain.timetable.rows import BadField, FileColumns, FileRow
from services.route.domain.timetable.weekdays import follows_calendar
from shared import geo
from shared.tables_in.cells import BadCell
from shared.tables_in.coordinates import coordinates_of
from shared.tables_in.decimals import decimal_of
from shared.tables_in.times import second_of_day

DAY_SECONDS = 86_400
MODES = {
    PASSING: ["经过收运", "kerbside", "drive by"],
    FIXED_TIME: ["定时定点", "fixed time", "fixed-time fixed-point"],
    ISOLATION: ["医学隔离", "隔离点", "medical isolation"],
    COVERAGE: ["沿街", "沿路", "along the street"],
}
COLLECTION, STREET = "collection", "street"
TASKS = {
    COLLECTION: ["收运", "收集", "door to door", "上门收运", "沿街收运"],
    "sweeping": ["清扫", "机扫", "保洁", "sweep"],
    "flushing": ["冲洗", "洒水", "flush"],
    "disinfection": ["消杀", "消毒", "disinfect"],
}
CALENDARS = {
    "weekdays": ["weekly", "每周", "weekday"],
    "public": ["public calendar", "working days", "working_days", "工作日", "节假日"],
}
T = TypeVar("T")
_COMPARED_LATER = ("route_id", "seq", "stop_id", "name", "time", "lon", "lat")


class Season(NamedTuple):
    """Both ends belong to it."""

    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    source: FileRow
    route_id: str
    route_name: str
    district_id: str | None
    vehicle_id: str | None
    seq: int
    stop_ref: str | None
    name: str
    lon: float
    lat: float
    second: int
    window_start_second: int | None
    window_end_second: int | None
    weekdays: frozenset[int]
    stream: str
    expected_kg: int | None
    kind: str
    mode: str
    task: str
    section_id: str | None
    by_calendar: bool
    season: Season

    @property
    def row(self) -> int:
        """The number of its row."""
        return self.source.number

    @property
    def valid_from(self) -> date | None:
        return self.season.valid_from

    @property
    def valid_to(self) -> date | None:
        return self.season.valid_to

    def next_day(self) -> "Draft":
        """The same times after midnight."""
        start, end = self.window_start_second, self.window_end_second
        return replace(
            self,
            second=self.second + DAY_SECONDS,
            window_start_second=None if start is None else start + DAY_SECONDS,
            window_end_second=None if end is None else end + DAY_SECONDS,
        )

    def metres_to(self, other: "Draft") -> float:
        return geo.flat_m(self.lon, self.lat, other.lon, other.lat)


@dataclass(slots=True)
class Notes:
    """Collects what an import has to say about its rows."""

    rejected: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def reject(self, row: FileRow, code: str, detail: str, *targets: str) -> None:
        self.rejected.append(Finding(row.number, code, detail, row.shown(*targets)))

    def reject_draft(self, draft: Draft, code: str, detail: str) -> None:
        self.reject(draft.source, code, detail, *_COMPARED_LATER)

    def warn(self, draft: Draft, code: str, detail: str, *targets: str) -> None:
        self.warnings.append(Finding(draft.row, code, detail, draft.source.shown("route_id", *targets)))


class RowReader:
    def __init__(
        self,
        columns: FileColumns,
        limits: ImportLimits,
        notation: Notation,
        datum: str,
        sections: Mapping[str, SectionPlace],
        most_window_hours: float,
    ) -> None:
        self.columns, self.limits, self.datum = columns, limits, datum
        self.notation, self.sections, self.most_window_seconds = notation, sections, most_window_hours * 3600
        self._rows_of_route: Counter[str] = Counter()
        self._ids_warned: set[tuple[str, str]] = set()

    def read(self, row: FileRow, broken: str | None, notes: Notes) -> Draft | None:
        """The row's draft; None when it was rejected, which is then in the notes."""
        try:
            if broken is not None:
                raise BadCell("bad_row", broken)
            if row.is_empty:
                raise BadCell("empty_row", "no cell has a value")
            draft = self._draft(row)
        except BadCell as error:
            notes.reject(row, error.code, str(error))
            return None
        except BadField as bad:
            detail = f"{' and '.join(bad.targets)}: {bad.error}"
            notes.reject(row, bad.error.code, detail, "route_id", "stop_id", *bad.targets)
            return None
        self._remark(draft, notes)
        return draft

    def _draft(self, row: FileRow) -> Draft:
        limits = self.limits
        route_key = self._text(row, "route_id", required=True)
        self._rows_of_route[route_key] += 1
        second = row.read("time", self._second)
        window = self._window(row, second)
        task, section_id = self._task(row)
        section = self.sections[section_id] if section_id else None
        stop_key = self._text(row, "stop_id", required="stop_id" in self.columns.names) if section is None else ""
        lon, lat = (section.lon, section.lat) if section else self._place(row)
        return Draft(
            source=row,
            route_id=_usable_id(route_key, limits.route_id_max_length),
            route_name=self._text(row, "route_name") or route_key,
            district_id=row.text("district_id", limits.code_max_length) or (section.district_id if section else None),
            vehicle_id=self._vehicle_id(row),
            seq=self._seq(row, route_key),
            stop_ref=_usable_id(stop_key, limits.code_max_length) if stop_key else None,
            name=self._text(row, "name", required=section is None) or (section.name if section else ""),
            lon=lon,
            lat=lat,
            second=second,
            window_start_second=window[0],
            window_end_second=window[1],
            weekdays=row.read("weekdays", cells.days_of),
            stream=self._stream(row, task),
            expected_kg=self._expected_kg(row),
            kind=self._word(row, "kind", limits.kinds, required=False),
            mode=self._mode(row, second, window, section_id),
            task=task,
            section_id=section_id,
            by_calendar=self._by_calendar(row),
            season=self._season(row),
        )

    def _text(self, row: FileRow, target: str, required: bool = False) -> str:
        return row.text(target, self.limits.name_max_length, required)

    def _number(self, row: FileRow, target: str, code: str, parse: Callable[[Decimal], T]) -> T:
        cell = cells.without_unit(row.cell(target))
        return row.read(target, lambda _: parse(decimal_of(cell, self.notation.marks[target], code)))

    def _seq(self, row: FileRow, route_key: str) -> int:
        """As the file says, else the place of the row among those of its route."""
        if not self.columns.has("seq"):
            return self._rows_of_route[route_key]
        return self._number(row, "seq", "bad_sequence", cells.seq_of)

    def _second(self, text: str) -> int:
        return second_of_day(text, compact=self.notation.compact_times, latest_hour=self.limits.latest_hour)

    def _expected_kg(self, row: FileRow) -> int | None:
        if not row.raw("expected_kg"):
            return None
        return self._number(row, "expected_kg", "bad_weight", lambda kg: cells.kg_of(kg, self.limits))

    def _word(self, row: FileRow, target: str, words: Mapping[str, list[str]], *, required: bool) -> str:
        """A stream left blank in a column that is mapped is missing; without such a column the default holds."""
        if not row.raw(target) and not (required and target in self.columns.names):
            return str(self.limits.defaults[target])
        return row.read(target, lambda text: cells.word_of(text, words, f"unknown_{target}"))

    def _vehicle_id(self, row: FileRow) -> str | None:
        text = self._text(row, "vehicle_id")
        if text and not cells.is_id(text):
            raise BadField(BadCell("bad_id", "only letters, digits and . _ : - are allowed, 64 at most"), "vehicle_id")
        return text or None

    def _place(self, row: FileRow) -> tuple[float, float]:
        lon, lat = (self._number(row, target, "bad_coordinate", float) for target in ("lon", "lat"))
        try:
            coordinates_of(lon, lat)
        except BadCell as error:
            raise BadField(error, "lon", "lat") from error
        return geo.to_wgs84(self.datum, lon, lat)

    def _window(self, row: FileRow, second: int) -> tuple[int | None, int | None]:
        """Start and end on the side of midnight where the stop's own time lies between them."""
        start, end = (row.read_if_any(target, self._second) for target in ("window_start", "window_end"))
        if start is None or end is None:
            return start, end
        if start == end == second:  # arrive = leave says no more than the planned time
            return None, None
        if start == end:
            raise BadField(BadCell("bad_window", "is one moment, and not that of the stop"), "window_start", "window_end")
        if end < start:
            end += DAY_SECONDS
        for shift in (0, -DAY_SECONDS, DAY_SECONDS):
            if start + shift <= second <= end + shift:
                return start + shift, end + shift
        return start, end

    def _mode(self, row: FileRow, second: int, window: tuple[int | None, int | None], section_id: str | None) -> str:
        """A truck that waits must be told from when until when."""
        mode = row.read_if_any("mode", lambda text: cells.word_of(text, MODES, "unknown_mode"))
        if (section_id is not None) != ((mode or (COVERAGE if section_id else PASSING)) == COVERAGE):
            raise BadField(
                BadCell("section_needed", "a section, and nothing else, is covered along its line"), "mode", "section_id"
            )
        if mode == FIXED_TIME and None in window:
            raise BadField(BadCell("window_needed", "a fixed-time point needs window_start and window_end"), "mode")
        if section_id:
            self._check_window_of_pass(second, window)
        return mode or (COVERAGE if section_id else PASSING)

    def _check_window_of_pass(self, second: int, window: tuple[int | None, int | None]) -> None:
        """What a truck covers counts for the pass whose window is nearest; so that must be a window one can be near to."""
        start, end = (second if edge is None else edge for edge in window)
        if not start <= second <= end or end - start > self.most_window_seconds:
            hours = self.most_window_seconds / 3600
            detail = f"the planned time lies in the window of a section, which lasts {hours:g} hours at most: a pass each"
            raise BadField(BadCell("bad_window", detail), "time", "window_start", "window_end")

    def _task(self, row: FileRow) -> tuple[str, str | None]:
        """What is done, and on which road section."""
        task = row.read_if_any("task", lambda text: cells.word_of(text, TASKS, "unknown_task")) or COLLECTION
        section_id = self._text(row, "section_id") or None
        if section_id and section_id not in self.sections:
            raise BadField(BadCell("unknown_section", "no such road section; import it first"), "section_id")
        if task != COLLECTION and section_id is None:
            raise BadField(
                BadCell("section_needed", "only road sections are swept, flushed or disinfected"), "task", "section_id"
            )
        return task, section_id

    def _stream(self, row: FileRow, task: str) -> str:
        if task != COLLECTION and not row.raw("stream"):
            return STREET
        return self._word(row, "stream", self.limits.streams, required=True)

    def _by_calendar(self, row: FileRow) -> bool:
        """As the column `calendar` says; without it, weekdays given as working days or holidays follow the calendar."""
        calendar = row.read_if_any("calendar", lambda text: cells.word_of(text, CALENDARS, "unknown_calendar"))
        return calendar == "public" if calendar else follows_calendar(row.raw("weekdays"))

    def _season(self, row: FileRow) -> Season:
        valid_from, valid_to = (row.read_if_any(target, cells.date_of) for target in ("valid_from", "valid_to"))
        if valid_from and valid_to and valid_to < valid_from:
            raise BadField(BadCell("bad_season", "ends before it begins"), "valid_from", "valid_to")
        return Season(valid_from, valid_to)

    def _remark(self, draft: Draft, notes: Notes) -> None:
        raw_name = draft.source.raw("name")
        if any(c in raw_name for c in "\r\n\t\v\f"):
            notes.warn(draft, "line_break_in_name", "line breaks and tabs became spaces", "name")
        start, end = draft.window_start_second, draft.window_end_second
        if (start is not None and draft.second < start) or (end is not None and draft.second > end):
            notes.warn(
                draft, "time_outside_window", "the planned time lies outside its window", "time", "window_start", "window_end"
            )
        for target, used in (("route_id", draft.route_id), ("stop_id", draft.stop_ref)):
            raw = draft.source.raw(target)
            if raw and used not in (None, raw) and (target, raw) not in self._ids_warned:
                self._ids_warned.add((target, raw))
                notes.warn(draft, "id_derived", f"{target} cannot stand in an address; {used} is used for it", target)


def _usable_id(key: str, max_length: int) -> str:
    return key if cells.is_id(key) and len(key) <= max_length else cells.derived_id(key)
