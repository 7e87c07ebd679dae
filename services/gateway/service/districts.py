"""Districts and subdistricts as shapes: brought in as GeoJSON, shown within the bearer's scope."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.schemas.city import District, DistrictImport, DistrictImportAnswer, Districts
from services.gateway.store import city as store
from services.gateway.store.city import Scope
from shared.errors import Invalid


async def import_districts(session: AsyncSession, body: DistrictImport) -> DistrictImportAnswer:
    """Create or update each; those that are not in the file stay. The same file again changes nothing."""
    rows = {feature.properties.district_id: _row(feature) for feature in body.features}
    if len(rows) < len(body.features):
        raise Invalid("a district_id stands in the file twice; nothing was imported")
    known = {row["district_id"]: row for row in await store.districts(session, Scope())}
    changed = [row for district_id, row in rows.items() if known.get(district_id) != row]
    await store.put_districts(session, changed)
    created = len(rows.keys() - known.keys())
    return DistrictImportAnswer(created=created, updated=len(changed) - created, unchanged=len(rows) - len(changed))


async def districts(session: AsyncSession, scope: Scope) -> Districts:
    return Districts(features=[_feature(row) for row in await store.districts(session, scope)])


def _row(feature: District) -> dict[str, object]:
    return {**feature.properties.model_dump(), "geometry": feature.geometry.model_dump(mode="json")}


def _feature(row: dict[str, object]) -> District:
    names = {name: row[name] for name in ("district_id", "name_zh", "name_en")}
    return District.model_validate({"type": "Feature", "properties": names, "geometry": row["geometry"]})
