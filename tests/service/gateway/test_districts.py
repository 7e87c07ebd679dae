"""Districts come in as GeoJSON, once, and are shown to whom they concern."""

import gzip
import json
from copy import deepcopy
from typing import Any

import httpx
import pytest
from happenings import CAOHEJING, HUANGPU, TIANPING, XUHUI

from services.simulator.demo.city import districts_geojson
from shared.geo import gcj02_to_wgs84
from shared.testing import City
from shared.vocabulary import Role

RING = [[121.43, 31.17], [121.44, 31.17], [121.44, 31.19], [121.43, 31.17]]


def district(district_id: str = TIANPING, ring: Any = None, **more: Any) -> dict[str, Any]:
    names = {"district_id": district_id, "name_zh": "天平路街道", "name_en": "Tianping Road", "area_km2": 2.7} | more
    return {"type": "Feature", "properties": names, "geometry": {"type": "Polygon", "coordinates": [ring or RING]}}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), "name": "a foreign member"}


async def bring_in(gateway: City, *features: dict[str, Any]) -> httpx.Response:
    async with gateway.client(Role.ADMIN) as admin:
        return await admin.post("/v1/district-imports", json=collection(*features))


async def shown(gateway: City, **scope: list[str]) -> list[str]:
    async with gateway.client(Role.DISPATCHER, **scope) as client:
        answer = (await client.get("/v1/districts")).json()
        return [feature["properties"]["district_id"] for feature in answer["features"]]


async def test_what_comes_in_is_shown_as_it_was(gateway: City, console: httpx.AsyncClient) -> None:
    assert (await bring_in(gateway, district())).json() == {"created": 1, "updated": 0, "unchanged": 0}
    answer = (await console.get("/v1/districts")).json()
    assert answer["type"] == "FeatureCollection"
    [feature] = answer["features"]
    assert feature["properties"] == {"district_id": TIANPING, "name_zh": "天平路街道", "name_en": "Tianping Road"}
    assert feature["geometry"] == {"type": "Polygon", "coordinates": [RING]}


async def test_the_same_again_changes_nothing_and_a_new_shape_replaces_the_old(gateway: City) -> None:
    await bring_in(gateway, district(), district(CAOHEJING))
    assert (await bring_in(gateway, district(), district(CAOHEJING))).json() == {"created": 0, "updated": 0, "unchanged": 2}
    moved = [[121.5, 31.2], *RING[1:-1], [121.5, 31.2]]
    assert (await bring_in(gateway, district(ring=moved))).json() == {"created": 0, "updated": 1, "unchanged": 0}
    assert await shown(gateway) == [TIANPING, CAOHEJING]


async def test_a_bearer_sees_the_districts_of_its_scope(gateway: City) -> None:
    await bring_in(gateway, district(), district(CAOHEJING), district(HUANGPU))
    assert await shown(gateway, district_ids=[XUHUI]) == [TIANPING, CAOHEJING]
    assert await shown(gateway, district_ids=[CAOHEJING]) == [CAOHEJING]
    assert await shown(gateway, contractor_ids=["C-1"]) == [HUANGPU, TIANPING, CAOHEJING]


async def test_islands_are_one_district(gateway: City, console: httpx.AsyncClient) -> None:
    islands = district() | {"geometry": {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}}
    assert (await bring_in(gateway, islands)).status_code == 200
    [feature] = (await console.get("/v1/districts")).json()["features"]
    assert feature["geometry"] == islands["geometry"]


async def test_the_demo_city_comes_in_whole(gateway: City) -> None:
    assert (await bring_in(gateway, *districts_geojson()["features"])).json()["created"] == 12


def broken(**changes: Any) -> dict[str, Any]:
    feature = deepcopy(district())
    feature["geometry"] |= changes
    return feature


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (district(ring=[*RING[:-1], [121.0, 31.0]]), "ends where it begins"),
        (district(ring=[[181, 31.17], *RING[1:-1], [181, 31.17]]), "less than or equal to 180"),
        (district(ring=RING[:3]), "at least 4"),
        (district(name_zh="天\u0000平"), "control characters"),
        (district(name_en=""), "at least 1"),
        (broken(type="Point"), "does not match any of the expected tags"),
        (broken(coordinates=[]), "at least 1"),
    ],
    ids=["open", "beyond the earth", "a line", "a control character", "no name", "a point", "empty"],
)
async def test_a_shape_that_is_none_is_refused_with_its_place(gateway: City, feature: dict[str, Any], reason: str) -> None:
    answer = await bring_in(gateway, district(CAOHEJING), feature)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert all(error["at"].startswith("body.features.1") and reason in error["detail"] for error in errors), errors
    assert await shown(gateway) == []


async def test_a_district_that_stands_in_the_file_twice_is_refused(gateway: City) -> None:
    answer = await bring_in(gateway, district(), district())
    assert (answer.status_code, await shown(gateway)) == (422, [])


SWAPPED = [[lat, lon] for lon, lat in RING]


async def test_swapped_coordinates_are_named_with_their_district(gateway: City) -> None:
    answer = await bring_in(gateway, district(CAOHEJING), district(ring=SWAPPED))
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] == ["body.features.1.geometry"]
    assert "swapped" in answer.json()["errors"][0]["detail"]
    new_york = [[40.71, -74.05], [40.72, -74.05], [40.72, -74.06], [40.71, -74.05]]
    assert (await bring_in(gateway, district(ring=new_york))).json()["code"] == "lon_lat_swapped"


async def test_a_map_of_an_office_comes_in_as_it_is_in_its_own_datum_under_its_own_names(gateway: City) -> None:
    feature = district(TIANPING)
    feature["properties"] = {"adcode": int(TIANPING), "name": "天平路街道"}
    content = gzip.compress(json.dumps(collection(feature), ensure_ascii=False).encode("gb18030"))
    options = {"datum": "gcj02", "mapping": ["district_id=adcode", "name_zh=name", "name_en=name"]}
    headers = {"Content-Type": "application/octet-stream"}
    async with gateway.client(Role.ADMIN) as admin:
        answer = await admin.post("/v1/district-imports", content=content, params=options, headers=headers)
        assert (answer.status_code, answer.json()["created"]) == (200, 1), answer.text
        [shown] = (await admin.get("/v1/districts")).json()["features"]
    assert shown["properties"] == {"district_id": TIANPING, "name_zh": "天平路街道", "name_en": "天平路街道"}
    assert shown["geometry"]["coordinates"][0][0] == pytest.approx(gcj02_to_wgs84(*RING[0]), abs=1e-6)
