"""The form of a report: whoever is not let in is refused before it is taken apart, and no form stops the process."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from desk import LAT, LON
from PIL import Image

from services.complaint.api.forms import read_form
from shared.errors import BadRequest, Forbidden
from shared.testing import City
from shared.vocabulary import Role

URL = "/open311/v2/requests.json"
BOUNDARY = "a-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FIELDS = {"service_code": "bin_overflow", "lat": str(LAT), "long": str(LON), "description": "垃圾桶满了"}


@pytest.fixture
async def citizen(whole: City) -> AsyncIterator[httpx.AsyncClient]:
    async with whole.client() as client:
        yield client


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def nested(depth: int) -> bytes:
    """A multipart in a multipart in a multipart."""
    inner = b"end"
    levels = [f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n".encode() for n in range(depth)]
    return b"".join(levels) + inner


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


async def ticks_while(work: asyncio.Task[object]) -> int:
    """How often the event loop went round while `work` was done."""
    count = 0
    while not work.done():
        await asyncio.sleep(0)
        count += 1
    return count


async def test_a_form_nested_twenty_thousand_deep_is_read_beside_the_event_loop() -> None:
    body = multipart(part("api_key", b"key"), part("media", nested(20_000)[: 1 << 20]))
    work = asyncio.create_task(read_form(MULTIPART, body, lambda _: None))
    assert await ticks_while(work) > 1
    assert (await work).media is not None


async def test_a_nested_form_without_a_key_is_refused(citizen: httpx.AsyncClient) -> None:
    body = nested(20_000)
    answer = await citizen.post(URL, content=body, headers={"content-type": "multipart/mixed; boundary=b0"})
    assert answer.status_code in {400, 403}
    body = multipart(part("media", body[: 1 << 20]))
    answer = await citizen.post(URL, content=body, headers={"content-type": MULTIPART})
    assert answer.status_code == 403
    assert "before the file" in answer.text


async def test_the_key_is_asked_for_before_the_file_is_read() -> None:
    def refuse(_: str | None) -> None:
        raise Forbidden("no")

    cut_off = part("api_key", b"wrong") + part("media", b"x" * 1000)
    with pytest.raises(Forbidden):
        await read_form(MULTIPART, cut_off, refuse)


async def test_a_report_with_a_photo_is_filed(citizen: httpx.AsyncClient, whole: City) -> None:
    key = whole.token(Role.CITIZEN)
    parts = [part(name, value.encode()) for name, value in (FIELDS | {"api_key": key}).items()]
    body = multipart(*parts, part("media", picture(), '; filename="bin.jpg"'))
    answer = await citizen.post(URL, content=body, headers={"content-type": MULTIPART})
    assert answer.status_code == 200, answer.text
    case_id = answer.json()[0]["service_request_id"]
    [shown] = (await citizen.get(f"/open311/v2/requests/{case_id}.json")).json()
    assert shown["description"] == FIELDS["description"]
    assert (await citizen.get(shown["media_url"])).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        multipart(part("description", b"\xff\xfe")),
        part("description", b"cut off"),
        multipart(*[part(f"field-{n}", b"x") for n in range(201)]),
        multipart(part("x" * 5000, b"")),
    ],
)
async def test_what_is_no_form_is_told(body: bytes) -> None:
    with pytest.raises(BadRequest):
        await read_form(MULTIPART, body, lambda _: None)


async def test_a_report_cut_off_at_any_place_is_not_stored(citizen: httpx.AsyncClient, whole: City) -> None:
    """Every beginning of a form is a form: only the sender's end of the connection tells that it is not whole."""
    key = whole.token(Role.CITIZEN)
    body = httpx.Request("POST", "http://city.test", data={"api_key": key} | FIELDS).read()
    for cut in (0, 1, len(body) // 2, len(body) - 4, len(body) - 1, len(body)):
        assert await whole.post_cut_off(URL, body, cut, "application/x-www-form-urlencoded") == []
    assert json.loads((await citizen.get(URL)).text) == []
    assert (await citizen.post(URL, data={"api_key": key} | FIELDS)).status_code == 200
    assert len((await citizen.get(URL)).json()) == 1
