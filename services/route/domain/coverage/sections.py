"""Road sections from GeoJSON: every feature is one section or one named rejection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Any, NamedTuple

from services.route.domain import cells
from services.route.domain.coverage.lines import Box, length_m, midpoint
from services.route.domain.coverage.rules import SweepingRules
from services.route.domain.timetable.routes import Finding
from shared.geo import Point, flat_m, to_wgs84
from shared.tables_in.cells import BadCell, clean_text, shown, text_of
from shared.tables_in.coordinates import MOST_LAT, coordinates_of
from shared.tables_in.decimals import decimal_of

ROAD_LEVELS = (1, 2, 3, 4)
NAME_MAX_LENGTH, CODE_MAX_LENGTH, ID_MAX_LENGTH = 200, 64, 40
ENDS = 2
AMONG = 3
"""So many sections have a middle."""


class SectionPlace(NamedTuple):
    """What a line of a timetable takes from the section it names; lon and lat are half-way along it."""

    name: str
    lon: float
    lat: float
    district_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSection:
    """`line` in WGS-84 (lon, lat), from one end to the other."""

    section_id: str
    name: str
    road_level: int
    district_id: str | None
    line: tuple[Point, ...]

    @property
    def length_m(self) -> float:
        return length_m(self.line)

    @property
    def midpoint(self) -> Point:
        return midpoint(self.line)

    @property
    def box(self) -> Box:
        """That holds the line."""
        lons, lats = [lon for lon, _ in self.line], [lat for _, lat in self.line]
        return Box(min(lons), min(lats), max(lons), max(lats))


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    section_id: str
    line: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFilters:
    """A 6-digit district includes its subdistricts."""

    within_district: str | None = None
    road_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """Of a feature, by our own names, as they came."""

    section_id: Any
    name: Any
    road_level: Any
    district_id: Any

    def shown(self) -> dict[str, str]:
        return {} if self.section_id is None else {"section_id": shown(self.section_id)}


def read_sections(
    features: Sequence[Any], mapping: Mapping[str, str], defaults: Mapping[str, Any], datum: str, rules: SweepingRules
) -> tuple[list[RoadSection], list[Finding]]:
    """Features of a GeoJSON FeatureCollection; a rejection's row is the feature's number, from 1.

    `mapping`: our field → the feature's property; `defaults`: our field → value where a feature has none.
    """
    sections: dict[int, RoadSection] = {}
    rejected = []
    first: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        properties = _properties(feature, mapping, defaults)
        try:
            section = _section(feature, properties, datum, rules)
            if section.section_id in first:
                raise BadCell("duplicate_section_id", "an earlier feature has this section_id")
            first[section.section_id] = number
            sections[number] = section
        except BadCell as error:
            rejected.append(Finding(number, error.code, str(error), properties.shown() if properties else {}))
    for number in _swapped(sections, rules):
        detail = "lies among the others of the file only with lon and lat swapped"
        rejected.append(Finding(number, "lon_lat_swapped", detail, {"section_id": sections.pop(number).section_id}))
    return list(sections.values()), sorted(rejected, key=lambda finding: finding.row)


def _properties(feature: Any, mapping: Mapping[str, str], defaults: Mapping[str, Any]) -> Properties | None:
    cells_of = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(cells_of, Mapping):
        return None
    names = [field.name for field in fields(Properties)]
    values = {name: cells_of.get(mapping.get(name, name)) for name in names}
    return Properties(**{name: value if text_of(value) else defaults.get(name) for name, value in values.items()})


def _swapped(sections: Mapping[int, RoadSection], rules: SweepingRules) -> list[int]:
    """Those that are far from the middle of the file, and near it the other way round: both numbers can be either, there."""
    if len(sections) < AMONG:
        return []
    places = {number: section.midpoint for number, section in sections.items()}
    lon, lat = (median(place[axis] for place in places.values()) for axis in (0, 1))
    far_m = rules.section_far_km * 1000
    return [
        number
        for number, place in places.items()
        if flat_m(*place, lon, lat) > far_m and abs(place[0]) <= MOST_LAT and flat_m(place[1], place[0], lon, lat) <= far_m
    ]


def _section(feature: Any, properties: Properties | None, datum: str, rules: SweepingRules) -> RoadSection:
    if properties is None:
        raise BadCell("bad_feature", "not a GeoJSON Feature with properties")
    section_id = _text(properties.section_id, "section_id", ID_MAX_LENGTH)
    if not cells.is_id(section_id):
        raise BadCell("bad_id", "section_id: only letters, digits and . _ : - are allowed")
    district_id = _text(properties.district_id, "district_id", CODE_MAX_LENGTH) if properties.district_id else None
    return RoadSection(
        section_id=section_id,
        name=_text(properties.name, "name", NAME_MAX_LENGTH),
        road_level=_level(properties.road_level),
        district_id=district_id,
        line=_line(feature.get("geometry"), datum, rules),
    )


def _text(value: Any, name: str, max_length: int) -> str:
    text = text_of(value)
    if not text:
        raise BadCell("missing_value", f"{name} is empty")
    try:
        return clean_text(text, max_length)
    except BadCell as error:
        raise BadCell(error.code, f"{name}: {error}") from error


def _level(value: Any) -> int:
    levels = {str(level): level for level in ROAD_LEVELS}
    text = text_of(value)
    if text not in levels:
        raise BadCell("unknown_level", f"road_level {shown(value) or 'is empty'}: not one of {', '.join(levels)}")
    return levels[text]


def _line(geometry: Any, datum: str, rules: SweepingRules) -> tuple[Point, ...]:
    points = _points(geometry)
    if len(points) > rules.section_most_points:
        raise BadCell("too_many_points", f"{len(points)} points, at most {rules.section_most_points:g} are allowed")
    line = tuple(to_wgs84(datum, *_point(n, point)) for n, point in enumerate(points, start=1))
    line = tuple((round(lon, 7), round(lat, 7)) for lon, lat in line)
    if len(set(line)) < len(line):
        repeated = next(n for n, point in enumerate(line, start=1) if point in line[: n - 1])
        raise BadCell("repeated_point", f"point {repeated} stands in the line before; split a loop into two sections")
    long_m = length_m(line)
    if long_m < rules.section_shortest_m:
        raise BadCell("too_short", f"{long_m:.1f} m, at least {rules.section_shortest_m:g} m are needed")
    if long_m > rules.section_longest_m:
        raise BadCell("too_long", f"{long_m / 1000:.1f} km, at most {rules.section_longest_m / 1000:g} km are allowed: split it")
    return line


def _points(geometry: Any) -> list[Any]:
    """Of a LineString, or of a MultiLineString that has one part: so exports write a plain line."""
    kind, points = (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, Mapping) else (None, None)
    if kind == "MultiLineString" and isinstance(points, list):
        if len(points) != 1:
            raise BadCell("several_lines", f"a MultiLineString of {len(points)} parts: make each a section")
        points = points[0]
    if kind not in {"LineString", "MultiLineString"} or not isinstance(points, list) or len(points) < ENDS:
        raise BadCell("bad_geometry", "not a LineString of two points or more")
    return points


def _point(number: int, point: Any) -> Point:
    if not isinstance(point, list) or len(point) < ENDS:
        raise BadCell("bad_coordinate", f"point {number} is not [lon, lat]")
    try:
        lon, lat = (float(decimal_of(value, ".", "bad_coordinate")) for value in point[:ENDS])
        return coordinates_of(lon, lat)
    except BadCell as error:
        raise BadCell(error.code, f"point {number}: {error}") from error
