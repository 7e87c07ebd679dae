"""Loads the demo city over HTTP."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.demo import city as demo_city
from services.simulator.demo import quality
from services.simulator.demo import streets as demo_streets
from services.simulator.demo import yard as demo_yard
from services.simulator.devices.fleet import City, each, pages
from services.simulator.devices.furnace import FurnaceLine
from shared.clock import now
from shared.ids import new_id

COLUMNS = (
    "route_id",
    "name",
    "time",
    "lon",
    "lat",
    "weekdays",
    "route_name",
    "district_id",
    "seq",
    "stop_id",
    "stream",
    "expected_kg",
    "kind",
    "vehicle_id",
    "section_id",
    "task",
)


class DemoCityRefused(RuntimeError):
    """The city did not take every row of the demo timetable; the message holds the first refusals."""


async def seed_demo_city(city: City) -> dict[str, Any]:
    """Vehicles, districts, geofences and timetable; what is there already stays as it is. `city` is an ApiClient of an admin."""
    trucks = demo_city.vehicle_import()["vehicles"] + demo_streets.vehicle_import()["vehicles"]
    vehicles = await city.post("/v1/vehicle-imports", {"vehicles": trucks})
    await city.post("/v1/district-imports", demo_city.districts_geojson())
    fences = demo_city.geofences()
    await each(fences, lambda fence_id: city.put(f"/v1/geofences/{fence_id}", fences[fence_id]))
    await city.post("/v1/section-imports", demo_streets.section_import())
    rows = [*demo_city.timetable_rows(), *demo_streets.timetable_rows()]
    timetable = await city.post("/v1/timetable-imports", timetable_import(rows))
    if timetable["rejected"]:
        raise DemoCityRefused(json.dumps(timetable["rejected"][:3], ensure_ascii=False))
    return {"vehicles": vehicles, "geofences": len(fences), "stops": timetable["stops"], "routes": timetable["routes"]}


async def seed_demo_yard(city: City) -> list[FurnaceLine]:
    """Stations, the plant, and its data loggers, who get new passwords at each start."""
    for station_id, station in demo_yard.stations().items():
        await city.put(f"/v1/stations/{station_id}", station)
    await city.put(f"/v1/plants/{demo_yard.PLANT_ID}", demo_yard.plant())
    lines = [FurnaceLine(line_id, demo_yard.mn_of(line_id), new_id().replace("-", "")[:32]) for line_id in demo_yard.LINES]
    for line in lines:
        logger = {"plant_id": demo_yard.PLANT_ID, "line_id": line.line_id, "password": line.password}
        await city.put(f"/v1/loggers/{line.mn}", logger)
    return lines


async def seed_demo_quality(city: City, zone: ZoneInfo) -> None:
    """Areas, contracts, places; what was inspected and asked this month and the last, which is published."""
    at, said = now(), "演示数据重新计算"
    last, this = quality.months(at, zone)
    for kind, bodies in (("areas", quality.areas()), ("contracts", quality.contracts()), ("places", quality.places())):
        await each(list(bodies), lambda key, path=kind, of=bodies: city.put(f"/v1/{path}/{key}", of[key]))  # type: ignore[misc]
    await city.put(f"/v1/inspection-plans/DEMO-{this:%Y-%m}", quality.plan(this))
    checklists = (await city.get("/v1/checklists"))["checklists"]
    # Client ids are a credential's own, and a demo begun again has another one.
    known = {one["client_id"] async for one in pages(city, "/v1/inspections")}
    for month in (last, this):
        if new := [one for one in quality.inspections(month, at, checklists) if one["client_id"] not in known]:
            taken = await city.post("/v1/inspection-batches", {"person": quality.INSPECTOR, "inspections": new})
            await _mend(city, {one["client_id"]: one["at"] for one in new}, taken["items"])
        asked = quality.surveys(month, at)
        await each(list(asked), lambda key, of=asked: city.put(f"/v1/surveys/{key}", of[key]))  # type: ignore[misc]
    for level in ("subdistrict", "district"):
        await city.post(f"/v1/index-publications/{last:%Y-%m}/{level}", {"reason": said})


async def _mend(city: City, seen_at: dict[str, str], taken: list[dict[str, Any]]) -> None:
    """Most of what was found is mended within hours and passes its re-check."""
    mended = [
        (finding_id, datetime.fromisoformat(seen_at[one["client_id"]]) + quality.MENDED_AFTER)
        for one in taken
        for finding_id in one["finding_ids"]
        if quality.is_mended(finding_id)
    ]
    for finding_id, at in mended:
        body = {"person": "演示作业班长", "at": at.isoformat()}
        await city.post(f"/v1/findings-of-inspections/{finding_id}/mend", body)
        await city.post(f"/v1/findings-of-inspections/{finding_id}/check", body | {"person": quality.INSPECTOR, "passed": True})


def timetable_import(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": "json",
        "content": json.dumps(rows, ensure_ascii=False),
        "mapping": {column: column for column in COLUMNS},
        "datum": "WGS-84",
        "dry_run": False,
    }
