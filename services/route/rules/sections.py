"""Road sections from GeoJSON: every feature is one section or one named rejection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.route.rules import cells
from services.route.rules.cells import BadCell
from services.route.rules.lines import length_m, midpoint
from services.route.rules.sweeping import SweepingRules
from services.route.rules.timetable import Finding
from shared.geo import Point, to_wgs84

ROAD_LEVELS = (1, 2, 3, 4)
NAME_MAX_LENGTH, CODE_MAX_LENGTH, ID_MAX_LENGTH = 200, 64, 40
ENDS = 2


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


def read_sections(features: Sequence[Any], datum: str, rules: SweepingRules) -> tuple[list[RoadSection], list[Finding]]:
    """Features of a GeoJSON FeatureCollection; a rejection's row is the feature's number, from 1."""
    sections: dict[str, RoadSection] = {}
    rejected = []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, Mapping) else None
        shown = {"section_id": cells.shown(properties.get("section_id"))} if isinstance(properties, Mapping) else {}
        try:
            section = _section(feature, properties, datum, rules)
            if section.section_id in sections:
                raise BadCell("duplicate_section_id", "an earlier feature has this section_id")
            sections[section.section_id] = section
        except BadCell as error:
            rejected.append(Finding(number, error.code, str(error), shown))
    return list(sections.values()), rejected


def _section(feature: Any, properties: Any, datum: str, rules: SweepingRules) -> RoadSection:
    if not isinstance(feature, Mapping) or not isinstance(properties, Mapping):
        raise BadCell("bad_feature", "not a GeoJSON Feature with properties")
    section_id = _text(properties, "section_id", ID_MAX_LENGTH)
    if not cells.is_id(section_id):
        raise BadCell("bad_id", "section_id: only letters, digits and . _ : - are allowed")
    district_id = _text(properties, "district_id", CODE_MAX_LENGTH) if properties.get("district_id") else None
    return RoadSection(
        section_id=section_id,
        name=_text(properties, "name", NAME_MAX_LENGTH),
        road_level=_level(properties.get("road_level")),
        district_id=district_id,
        line=_line(feature.get("geometry"), datum, rules),
    )


def _text(properties: Mapping[str, Any], name: str, max_length: int) -> str:
    text = cells.text_of(properties.get(name))
    if not text:
        raise BadCell("missing_value", f"{name} is empty")
    try:
        return cells.clean_text(text, max_length)
    except BadCell as error:
        raise BadCell(error.code, f"{name}: {error}") from error


def _level(value: Any) -> int:
    levels = {str(level): level for level in ROAD_LEVELS}
    text = cells.text_of(value)
    if text not in levels:
        raise BadCell("unknown_level", f"road_level {cells.shown(value) or 'is empty'}: not one of {', '.join(levels)}")
    return levels[text]


def _line(geometry: Any, datum: str, rules: SweepingRules) -> tuple[Point, ...]:
    points = geometry.get("coordinates") if isinstance(geometry, Mapping) and geometry.get("type") == "LineString" else None
    if not isinstance(points, list) or len(points) < ENDS:
        raise BadCell("bad_geometry", "not a LineString of two points or more")
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


def _point(number: int, point: Any) -> Point:
    if not isinstance(point, list) or len(point) < ENDS:
        raise BadCell("bad_coordinate", f"point {number} is not [lon, lat]")
    try:
        return cells.coordinates_of(cells.text_of(point[0]), cells.text_of(point[1]))
    except BadCell as error:
        raise BadCell(error.code, f"point {number}: {error}") from error
