"""Two Open311 clients that nobody here wrote, against the started suite: they list services, file, read back and filter.

`three` was written for Python 2; it gets the one name of that time that it imports.
"""

import io
import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from deploy.local.suite import Suite

REPORT = {"lat": "31.2001", "long": "121.4001", "description": "垃圾桶满溢，无人清运", "first_name": "三丰", "last_name": "张"}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with Suite(tmp_path_factory.mktemp("open311")) as running:
        yield running


@pytest.fixture(scope="module")
def key(suite: Suite) -> str:
    return suite.run_cli("credentials", "issue", "--role", "citizen", "--days", "1").strip()


@pytest.mark.parametrize("shape", ["json", "xml"])
def test_georeport_lists_reads_back_and_filters(suite: Suite, key: str, shape: str) -> None:
    from georeport import GeoReport

    city = GeoReport(f"{suite.url}/open311/v2", api_key=key, output_format=shape)
    services = city.get_service_list()
    assert {"bin_overflow", "missed_collection"} <= {service["service_code"] for service in services}
    definition = city.get_service_definition("missed_collection")
    assert definition["service_code"] == "missed_collection"
    # The client only reads; the form is the standard's own.
    form = REPORT | {"service_code": "bin_overflow", "api_key": key}
    case_id = httpx.post(f"{suite.url}/open311/v2/requests.json", data=form).json()[0]["service_request_id"]
    [shown] = _listed(city.get_service_request(case_id))
    assert (shown["service_code"], shown["description"]) == ("bin_overflow", REPORT["description"])
    found = _listed(city.get_service_requests(service_code="bin_overflow", status="open"))
    assert case_id in {one["service_request_id"] for one in found}
    assert not any(one["service_code"] == "toilet" for one in found)


def _listed(answer: Any) -> list[dict[str, Any]]:
    return answer if isinstance(answer, list) else [answer]


@pytest.fixture(scope="module")
def three() -> Any:
    itertools.ifilter = filter  # type: ignore[attr-defined]
    import three

    return three


def test_three_lists_files_with_a_photo_reads_back_and_filters(suite: Suite, key: str, three: Any) -> None:
    city = three.Three(f"{suite.url}/open311/v2", api_key=key)
    assert any(service["service_code"] == "truck_noise" for service in city.services())
    assert city.services("missed_collection")["attributes"]
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(picture, "JPEG")
    picture.name = "bin.jpg"
    picture.seek(0)
    [filed] = city.post("truck_noise", media=picture, name="三丰 张", **{k: REPORT[k] for k in ("lat", "long", "description")})
    case_id = filed["service_request_id"]
    [shown] = city.request(case_id)
    assert shown["description"] == REPORT["description"]
    assert shown["media_url"].startswith(f"{suite.url}/open311/v2/photos/")
    assert [one["service_request_id"] for one in city.requests("truck_noise", status="open")] == [case_id]
    assert city.requests("truck_noise", between=("01-01-2010", "02-01-2010")) == []
    assert city.token(case_id) == [{"service_request_id": case_id, "token": case_id}]
    assert city.discovery()["endpoints"][0]["url"].endswith("/open311/v2")
