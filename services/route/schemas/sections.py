"""Road sections and their passes."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from services.route.domain.coverage.frequency import Counted
from services.route.domain.coverage.sections import RoadSection
from services.route.schemas.timetables import FindingAnswer
from shared.bodies import Answer, Datum, Name, Page
from shared.tables_in.bodies import FileImport
from shared.vocabulary import Task

Tenths = Annotated[float, BeforeValidator(lambda metres: round(metres, 1))]
SectionField = Literal["section_id", "name", "road_level", "district_id"]


class SectionImport(FileImport):
    """A GeoJSON FeatureCollection of LineStrings with the properties section_id, name, road_level (1, the busiest, to 4) and
    district_id. `mapping`: our field → the property that holds it; `defaults`: our field → value where a feature has none.
    `datum`: by any of its usual names; without it what the file's `crs` says, else WGS-84."""

    mapping: Annotated[dict[SectionField, Name], Field(max_length=10)] = {}
    defaults: Annotated[dict[SectionField, Any], Field(max_length=10)] = {}
    datum: Datum | None = None
    dry_run: bool = False


class SectionImportAnswer(Answer):
    """features = created + updated + unchanged + rejected, always; a rejection's `row` is the feature's number, from 1."""

    dry_run: bool
    features: int
    created: int
    updated: int
    unchanged: int
    rejected: list[FindingAnswer]


class SectionAnswer(Answer):
    section_id: str
    name: str
    road_level: int
    district_id: str | None
    length_m: Tenths
    line: list[list[float]]
    """[[lon, lat], …] in WGS-84, from one end to the other."""


class PassesAnswer(Answer):
    """Passes of a section within `days` days that end with the service day; planned = done + missed + unknown + excepted +
    waiting. `defects`: planning, if fewer are planned than asked for; service, if too many were missed to reach that."""

    section_id: str
    name: str
    road_level: Annotated[int, Field(ge=1, le=4)]
    district_id: str | None
    length_m: float
    task: Task
    service_day: date
    days: int
    asked: int
    planned: int
    done: int
    missed: int
    unknown: int
    excepted: int
    waiting: int
    defects: list[Literal["planning", "service"]]

    @classmethod
    def of(cls, section: RoadSection, day: date, passes: Counted) -> Self:
        length_m = round(section.length_m, 1)
        about = {"section_id": section.section_id, "name": section.name, "road_level": section.road_level}
        return cls.describing(passes, **about, district_id=section.district_id, length_m=length_m, service_day=day)


def as_geojson(page: Page[SectionAnswer]) -> dict[str, Any]:
    """RFC 7946: a LineString for each, and `next_cursor` for the next page, null on the last."""
    features = [
        {
            "type": "Feature",
            "id": section.section_id,
            "properties": section.model_dump(mode="json", exclude={"line"}),
            "geometry": {"type": "LineString", "coordinates": section.line},
        }
        for section in page.items
    ]
    return {"type": "FeatureCollection", "features": features, "next_cursor": page.next_cursor}
