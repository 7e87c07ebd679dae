"""Open311 GeoReport v2 as clients see it: XML and JSON, the official schemas, errors, limits and bad input."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import jsonschema_rs
import pytest
from desk import LAT, LON, answered, step
from PIL import Image

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import REAL_DATA

V2 = "/open311/v2"
REPORT = {
    "service_code": "bin_overflow",
    "lat": str(LAT),
    "long": str(LON),
    "description": "垃圾桶满了，请打 13912345678 联系我",
    "first_name": "三丰",
    "last_name": "张",
    "phone": "13912345678",
    "email": "zhang@example.cn",
}


@pytest.fixture
def key(whole: City) -> str:
    return whole.token(Role.CITIZEN)


@pytest.fixture
async def citizen(whole: City) -> AsyncIterator[httpx.AsyncClient]:
    async with whole.client() as client:
        yield client


def fits(name: str, answer: Any) -> bool:
    """Held against our own reading of the standard, and against open311/schema-validation's files where they are."""
    own = json.loads((Path(__file__).parent / "georeport_schemas.json").read_text("utf-8"))
    schemas, official = [own[name]], REAL_DATA / "open311_schemas"
    if official.exists():
        schema = json.loads((official / f"{name}.json").read_text("utf-8"))
        if "$ref" in schema.get("items", {}):  # a list's schema names its item's file
            schema["items"] = json.loads((official / schema["items"]["$ref"]).read_text("utf-8"))
        schemas.append(schema)
    return all(jsonschema_rs.Draft4Validator(schema).is_valid(answer) for schema in schemas)


async def filed(citizen: httpx.AsyncClient, key: str, **more: Any) -> str:
    answer = await citizen.post(f"{V2}/requests.json", data=REPORT | {"api_key": key} | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["service_request_id"])


async def test_every_answer_fits_the_schemas(citizen: httpx.AsyncClient, key: str) -> None:
    await filed(citizen, key)
    assert fits("services", await answered(citizen.get(f"{V2}/services.json")))
    assert fits("service-definition", await answered(citizen.get(f"{V2}/services/missed_collection.json")))
    assert fits("requests", await answered(citizen.get(f"{V2}/requests.json", params={"extensions": "true"})))
    broken = [{"service_request_id": 7, "status": "half", "service_code": "x", "requested_datetime": "now"}]
    assert not fits("requests", broken), "this test would notice"


async def test_a_request_is_filed_read_back_and_filtered(citizen: httpx.AsyncClient, key: str) -> None:
    case_id = await filed(citizen, key)
    other = await filed(citizen, key, service_code="truck_noise")
    [shown] = await answered(citizen.get(f"{V2}/requests/{case_id}.json"))
    assert (shown["status"], shown["service_code"], shown["lat"], shown["long"]) == ("open", "bin_overflow", LAT, LON)
    for params, ids in (
        ({"service_code": "truck_noise"}, [other]),
        ({"service_request_id": f"{case_id},{other}"}, [other, case_id]),
        ({"status": "closed"}, []),
        ({"status": "open,closed", "page_size": "1", "page": "2"}, [case_id]),
        ({"start_date": "2010-01-01T00:00:00Z", "end_date": "2010-02-01T00:00:00Z"}, []),
        ({"updated_after": "2010-01-01T00:00:00Z"}, [other, case_id]),
    ):
        found = await answered(citizen.get(f"{V2}/requests.json", params=params))
        assert [one["service_request_id"] for one in found] == ids, params
    assert await answered(citizen.get(f"{V2}/tokens/{case_id}.json")) == [{"service_request_id": case_id, "token": case_id}]


async def test_xml_says_the_same_as_json(citizen: httpx.AsyncClient, key: str) -> None:
    case_id = await filed(citizen, key)
    answer = await citizen.get(f"{V2}/requests/{case_id}.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    [shown] = await answered(citizen.get(f"{V2}/requests/{case_id}.json"))
    assert root.tag == "service_requests"
    assert {child.tag: child.text for child in root[0]} == {
        name: None if value is None else str(value) for name, value in shown.items()
    }
    services = ET.fromstring((await citizen.get(f"{V2}/services.xml")).content)
    assert [child.tag for child in services][:2] == ["service", "service"]
    assert services[0].findtext("metadata") == "true"
    definition = ET.fromstring((await citizen.get(f"{V2}/services/missed_collection.xml")).content)
    assert definition.findtext("attributes/attribute/values/value/key") == "residual"
    posted = await citizen.post(f"{V2}/requests.xml", data=REPORT | {"api_key": key})
    assert ET.fromstring(posted.content).findtext("request/service_request_id")
    assert ET.fromstring((await citizen.get("/open311/discovery.xml")).content).findtext("endpoints/endpoint/url")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "nonsense"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "ufo"}, 404),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "x"}, 400),
        ({"lat": "48.85", "long": "2.35"}, 400),
        ({"lat": "nan", "long": "nan"}, 400),
        ({"description": "长" * 4001}, 400),
        ({"description": "a\x00b"}, 400),
        ({"service_code": "missed_collection", "attribute[stream]": "gold"}, 400),
    ],
)
async def test_what_cannot_be_filed_is_told_in_the_standards_shape(
    citizen: httpx.AsyncClient, key: str, change: dict[str, str], status: int
) -> None:
    form = REPORT | {"api_key": key} | change
    answer = await citizen.post(f"{V2}/requests.json", data=form)
    assert answer.status_code == status, answer.text
    [error] = answer.json()
    assert error["code"] == status
    assert error["description"]
    in_xml = ET.fromstring((await citizen.post(f"{V2}/requests.xml", data=form)).content)
    assert (in_xml.tag, in_xml.findtext("error/code")) == ("errors", str(status))
    assert await answered(citizen.get(f"{V2}/requests.json")) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("requests/none.json", 404),
        ("requests/none", 404),
        ("services/ufo.json", 404),
        ("tokens/none.xml", 404),
        ("requests.json?status=half", 400),
        ("requests.json?start_date=yesterday", 400),
        ("requests.json?page=x", 400),
        ("requests.json?page=99999999999999999999", 200),
    ],
)
async def test_what_cannot_be_read_is_told_in_the_standards_shape(citizen: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await citizen.get(f"{V2}/{path}")
    assert answer.status_code == status, answer.text


async def test_markup_is_text_and_stays_text(citizen: httpx.AsyncClient, key: str) -> None:
    evil = "<script>alert(1)</script>]]>&amp;\"' OR 1=1 --"
    case_id = await filed(citizen, key, description=evil)
    answer = await citizen.get(f"{V2}/requests/{case_id}.json")
    assert answer.json()[0]["description"] == evil
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    in_xml = await citizen.get(f"{V2}/requests/{case_id}.xml")
    assert b"<script>" not in in_xml.content
    assert ET.fromstring(in_xml.content).findtext("request/description") == evil


async def test_the_public_sees_nobody(citizen: httpx.AsyncClient, key: str, desk: httpx.AsyncClient) -> None:
    case_id = await filed(citizen, key, lat="31.2000123", long="121.4000456")
    answer = await citizen.get(f"{V2}/requests/{case_id}.json", params={"extensions": "true"})
    for private in ("13912345678", "zhang@example.cn", "张", "31.2000123"):
        assert private not in answer.text
    assert answer.json()[0]["notes"][0]["type"] == "receive"
    await step(desk, case_id, {"step": "edit", "is_public": False})
    assert (await citizen.get(f"{V2}/requests/{case_id}.json")).status_code == 404
    assert await answered(citizen.get(f"{V2}/requests.json")) == []


def picture(width: int = 640, height: int = 480) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAM"
    Image.new("RGB", (width, height), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_photo_is_written_anew_and_no_bomb_is_opened(citizen: httpx.AsyncClient, key: str) -> None:
    form = REPORT | {"api_key": key}
    answer = await citizen.post(f"{V2}/requests.json", data=form, files={"media": ("a.jpg", picture(), "image/jpeg")})
    case_id = answer.json()[0]["service_request_id"]
    [shown] = await answered(citizen.get(f"{V2}/requests/{case_id}.json"))
    photo = await citizen.get(shown["media_url"])
    assert photo.status_code == 200
    assert b"SECRETCAM" in picture()
    assert b"SECRETCAM" not in photo.content
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    large = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(large, "PNG")
    for media, status in ((bomb.getvalue(), 413), (large.getvalue(), 413), (b"<svg onload=alert(1)>", 400)):
        refused = await citizen.post(f"{V2}/requests.json", data=form, files={"media": ("a.png", media, "image/png")})
        assert refused.status_code == status
    assert len(await answered(citizen.get(f"{V2}/requests.json"))) == 1


async def test_an_address_that_sends_too_much_is_told_to_wait(whole: City, key: str) -> None:
    transport = httpx.ASGITransport(whole.edge, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as flood:
        answers = [await flood.post(f"{V2}/requests.json", data=REPORT | {"api_key": key}) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 20, "at most ten a minute, and at most two minutes went by"
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)
    assert refused[0].json()[0]["code"] == 429
    async with whole.client() as other:
        assert (await other.post(f"{V2}/requests.json", data=REPORT | {"api_key": key})).status_code == 200
