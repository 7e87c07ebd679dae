"""Districts and subdistricts as shapes: brought in as GeoJSON, shown within the bearer's scope."""

import asyncio
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.districts import DistrictShape
from services.gateway.schemas.city import (
    District,
    DistrictCollection,
    DistrictImport,
    DistrictImportAnswer,
    DistrictNames,
    Districts,
)
from services.gateway.store import districts as store
from shared.districts import within
from shared.errors import Invalid, described
from shared.geo import to_wgs84
from shared.scope import Scope
from shared.tables_in.cells import BadCell, text_of
from shared.tables_in.coordinates import coordinates_of
from shared.tables_in.reading import read_features
from shared.tables_in.refusals import agreed_datum, refused


async def import_districts(session: AsyncSession, body: DistrictImport) -> DistrictImportAnswer:
    """Create or update each; those that are not in the file stay. The same file again changes nothing."""
    features = await asyncio.to_thread(_read, body)
    shapes = {feature.properties.district_id: _shape(feature) for feature in features}
    if len(shapes) < len(features):
        raise Invalid("a district_id stands in the file twice; nothing was imported")
    known = {shape.district_id: shape for shape in await store.districts(session, Scope())}
    changed = [shape for district_id, shape in shapes.items() if known.get(district_id) != shape]
    await store.save_districts(session, changed)
    created = len(shapes.keys() - known.keys())
    return DistrictImportAnswer(created=created, updated=len(changed) - created, unchanged=len(shapes) - len(changed))


def _read(body: DistrictImport) -> list[District]:
    """In WGS-84. Raises Invalid, which names each feature that is none."""
    with refused():
        file = read_features(body.content, encoding=body.encoding)
    datum = agreed_datum(body.datum, file.crs)
    mapping = {str(name): column for name, column in body.mapping.items()}
    features = [_mapped(feature, mapping) for feature in file.items]
    try:
        read = DistrictCollection.model_validate({"type": "FeatureCollection", "features": features}).features
    except ValidationError as error:
        errors = described([{**one, "loc": ("body", *one.get("loc", ()))} for one in error.errors(include_url=False)])
        raise Invalid("the file does not fit the schema; see errors", errors=_swapped(features) or errors) from error
    if errors := _swapped(features):
        raise Invalid("longitude and latitude are swapped; nothing was imported", code="lon_lat_swapped", errors=errors)
    return read if datum == "WGS-84" else [_moved(feature, datum) for feature in read]


def _mapped(feature: Any, mapping: dict[str, str]) -> Any:
    """With its names where they are expected; numbers such as an adcode as text."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return feature
    names = {name: properties.get(mapping.get(name, name)) for name in DistrictNames.model_fields}
    return feature | {"properties": {name: text_of(value) for name, value in names.items() if value is not None}}


def _swapped(features: list[Any]) -> list[dict[str, str]]:
    """What is wrong with the first such point of each feature."""
    swapped = []
    for number, feature in enumerate(features):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        for lon, lat in _points(geometry.get("coordinates") if isinstance(geometry, dict) else None):
            try:
                coordinates_of(lon, lat)
            except BadCell as error:
                if error.code == "lon_lat_swapped":
                    swapped.append({"at": f"body.features.{number}.geometry", "detail": str(error)})
                    break
    return swapped


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Of rings within rings, as far as they are numbers."""
    if not isinstance(coordinates, list):
        return
    match coordinates:
        case [int() | float() as lon, int() | float() as lat, *_]:
            yield lon, lat
        case _:
            for part in coordinates:
                yield from _points(part)


def _moved(feature: District, datum: str) -> District:
    coordinates = _in_wgs84(feature.geometry.coordinates, datum)
    geometry = {"type": feature.geometry.type, "coordinates": coordinates}
    return District.model_validate({"type": "Feature", "properties": feature.properties, "geometry": geometry})


def _in_wgs84(part: Any, datum: str) -> Any:
    if isinstance(part[0], float):
        return [round(degrees, 7) for degrees in to_wgs84(datum, part[0], part[1])]
    return [_in_wgs84(inner, datum) for inner in part]


async def require_known(session: AsyncSession, district_ids: Collection[str]) -> None:
    """Invalid for a district in which none of the city's lies; while no shapes are brought in, any will do."""
    known = [shape.district_id for shape in await store.districts(session, Scope())] if district_ids else []
    unknown = [one for one in district_ids if not within(one, known) and not any(within(each, {one}) for each in known)]
    if known and unknown:
        raise Invalid(f"the city has no district {', '.join(unknown)}; GET /v1/districts lists those it has")


async def districts(session: AsyncSession, scope: Scope) -> Districts:
    return Districts(features=[_feature(shape) for shape in await store.districts(session, scope)])


def _shape(feature: District) -> DistrictShape:
    return DistrictShape(**feature.properties.model_dump(), geometry=feature.geometry.model_dump(mode="json"))


def _feature(shape: DistrictShape) -> District:
    names = DistrictNames(district_id=shape.district_id, name_zh=shape.name_zh, name_en=shape.name_en)
    return District.model_validate({"type": "Feature", "properties": names, "geometry": shape.geometry})
