import io
from typing import Any

import httpx
import pytest
from PIL import Image

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory

AT = "2026-11-16T10:12:00Z"
SAID = {"vehicle_id": "T-001", "at": AT, "code": "blocked"}


def picture(width: int = 400, height: int = 300, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, kind, **more)
    return out.getvalue()


def with_position() -> bytes:
    """A picture that says where and by what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SpyPhone", 6
    exif.get_ifd(0x8825)[2] = (31.0, 11.0, 18.6)
    return picture(400, 300, exif=exif)


async def post(city: City, body: bytes, vehicle_id: str = "T-001", **params: Any) -> httpx.Response:
    async with city.client(Role.DEVICE, vehicle_ids=[vehicle_id]) as device:
        return await device.post("/v1/driver-reports/photos", params=SAID | params, content=body)


async def test_a_photo_belongs_to_its_report_and_keeps_nothing_but_pixels(open_city: CityFactory) -> None:
    async with open_city() as city:
        first = await post(city, with_position())
        assert (first.status_code, first.json()["width_px"], first.json()["height_px"]) == (201, 300, 400)
        async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as device:
            record = {"kind": "driver_report", "at": AT, "code": "blocked", "lon": 121.4, "lat": 31.2}
            assert (await device.post("/v1/telemetry", json={"vehicle_id": "T-001", "records": [record]})).status_code == 200
        async with city.client(Role.ADMIN) as admin:
            [report] = (await admin.get("/v1/driver-reports")).json()["items"]
            assert (report["report_id"], report["photo_ids"]) == (first.json()["report_id"], [first.json()["photo_id"]])
            assert (report["lon"], report["lat"]) == (121.4, 31.2)
            got = await admin.get(f"/v1/driver-reports/{report['report_id']}/photos/{report['photo_ids'][0]}")
        assert got.headers["content-type"] == "image/jpeg"
        kept = Image.open(io.BytesIO(got.content))
        assert (kept.size, dict(kept.getexif()), b"SpyPhone" in got.content) == ((300, 400), {}, False)


async def test_the_same_photo_twice_is_one_and_a_large_one_is_made_smaller(open_city: CityFactory) -> None:
    body = picture(3000, 1500)
    async with open_city() as city:
        answers = [(await post(city, body)).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert (answers[0]["width_px"], answers[0]["height_px"]) == (2048, 1024)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_other_pictures_become_jpeg(open_city: CityFactory, kind: str) -> None:
    async with open_city() as city:
        assert (await post(city, picture(kind=kind))).status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xd8\xff\xe0 no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:2000], picture(kind="GIF")],
)
async def test_what_is_no_photo_is_refused_and_nothing_is_stored(open_city: CityFactory, body: bytes) -> None:
    async with open_city() as city:
        answer = await post(city, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_photo")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_too_many_pixels_bytes_or_photos_are_refused(open_city: CityFactory) -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(out, "PNG")  # a few kilobytes that would become 180 MB
    async with open_city() as city:
        assert (await post(city, out.getvalue())).status_code == 413
        assert (await post(city, b"\xff" * ((10 << 20) + 1))).status_code == 413
        answers = [(await post(city, picture(40 + n, 30))).status_code for n in range(6)]
        assert answers == [201] * 5 + [409]


async def test_another_vehicles_photos_are_neither_taken_nor_shown(open_city: CityFactory) -> None:
    async with open_city() as city:
        assert (await post(city, picture(), vehicle_id="T-002")).status_code == 403
        stored = (await post(city, picture())).json()
        path = f"/v1/driver-reports/{stored['report_id']}/photos/{stored['photo_id']}"
        async with city.client(Role.DEVICE, vehicle_ids=["T-002"]) as stranger:
            assert (await stranger.get(path)).status_code == 404
