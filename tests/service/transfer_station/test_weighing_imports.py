"""Weighings of another system: every row has a fate, and no weight is lost between the file and the report."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from station_yard import answered

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import real_data

MAPPING = {
    "at": "load_time",
    "weight": "load_weight",
    "stream": "load_type",
    "site": "dropoff_site",
    "reported_on": "report_date",
}
STREAMS = {"GARBAGE COLLECTIONS": "residual", "ORGANICS": "food"}
SMALL = """report_date,load_time,load_type,load_weight,dropoff_site
2021-07-08,2021-07-08 12:00:00.000000 UTC,TIRES,2260.0,MRF
2021-07-08,2021-07-08 12:00:00.000000 UTC,TIRES,2260.0,MRF
2021-07-08,2021-07-08 13:00:00.000000 UTC,ORGANICS,0.125,MRF
2021-07-08,2021-07-08 13:00:00.000000 UTC,ORGANICS,,MRF
2021-07-08,2021-07-08 13:00:00.000000 UTC,ORGANICS,0,MRF
2021-07-08,yesterday,ORGANICS,100,MRF
2021-07-08,2020-07-08 13:00:00.000000 UTC,GARBAGE COLLECTIONS,64000,MRF
"""


def asked(content: str, **more: Any) -> dict[str, Any]:
    return {"source": "austin", "content": content, "mapping": MAPPING, "unit": "lb", "streams": STREAMS, **more}


def adds_up(report: Any, field: str) -> bool:
    parts = sum(Decimal(report[name][field]) for name in ("stored", "duplicate", "rejected"))
    return parts == Decimal(report["file"][field])


@pytest.fixture
async def admin(whole: City) -> Any:
    async with whole.client(Role.ADMIN) as client:
        yield client


async def test_every_row_has_its_fate_and_the_weights_add_up(admin: httpx.AsyncClient) -> None:
    report = await answered(admin.post("/v1/weighing-imports", json=asked(SMALL)))
    assert [(row["row"], row["code"]) for row in report["rejected_rows"]] == [
        (4, "no_weight"),
        (5, "weight_not_positive"),
        (6, "bad_time"),
    ]
    assert report["file"] == {"rows": 7, "value": "68620.125", "grams": "31125565.12844625"}
    assert (report["stored"]["value"], report["rejected"]["value"], report["duplicate"]["rows"]) == ("68520.125", "100", 0)
    assert all(adds_up(report, field) for field in ("rows", "value", "grams"))
    assert Decimal(report["stored_g"]) - Decimal(report["stored"]["grams"]) == Decimal(report["rounding_g"])
    named = {row["row"]: row["flags"] for row in report["named"]}
    assert named == {
        1: ["stream_unknown"],
        2: ["repeated", "stream_unknown"],
        7: ["outlier", "far_from_report"],
    }


async def test_the_same_file_again_stores_nothing(admin: httpx.AsyncClient) -> None:
    tried = await answered(admin.post("/v1/weighing-imports", json=asked(SMALL, dry_run=True)))
    first = await answered(admin.post("/v1/weighing-imports", json=asked(SMALL)))
    again = await answered(admin.post("/v1/weighing-imports", json=asked(SMALL)))
    assert tried["stored"] == first["stored"] == again["duplicate"]
    assert again["stored"]["rows"] == 0
    items = (await answered(admin.get("/v1/weighings")))["items"]
    assert len(items) == 4
    assert {(item["value"], item["net_g"]) for item in items} == {("2260", 1_025_119), ("0.125", 57), ("64000", 29_029_912)}


@pytest.mark.parametrize(
    "wrong", [{"mapping": {"at": "load_time"}}, {"mapping": MAPPING | {"site": "nowhere"}}, {"zone": "Mars/Base"}]
)
async def test_an_import_that_cannot_be_understood_is_refused(admin: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    await answered(admin.post("/v1/weighing-imports", json=asked(SMALL, **wrong)), 422)


async def test_a_real_city_s_loads_come_in_to_the_last_pound(admin: httpx.AsyncClient) -> None:
    content = real_data("austin_waste_loads.csv").read_text("utf-8")
    report = await answered(admin.post("/v1/weighing-imports", json=asked(content)))
    assert report["file"]["rows"] == 26_157
    weights = [line.split(",")[-2] for line in content.splitlines()[1:]]
    assert Decimal(report["file"]["value"]) == sum(Decimal(weight) for weight in weights if weight)
    assert all(adds_up(report, field) for field in ("rows", "value", "grams"))
    fates: dict[str, int] = {}
    for row in report["rejected_rows"]:
        fates[row["code"]] = fates.get(row["code"], 0) + 1
    assert fates == {"no_weight": 1_048, "weight_not_positive": 3}


TONS = {"source": "office", "unit": "t", "mapping": ["at=time", "weight=load t", "site=site"]}


async def sent(admin: httpx.AsyncClient, content: bytes, status: int = 200, **more: Any) -> Any:
    headers = {"Content-Type": "text/csv"}
    return await answered(admin.post("/v1/weighing-imports", content=content, params=TONS | more, headers=headers), status)


async def test_tons_with_decimal_commas_keep_their_weight(admin: httpx.AsyncClient) -> None:
    content = 'time;site;load t\n2026/11/20 8:00;B;"6,2"\n2026-11-20 09:00;B;"2.345,5"\n2026年11月20日 10:00;B;11,75\n'
    report = await sent(admin, content.encode("gb18030"), zone="Asia/Shanghai")
    assert (report["stored"]["rows"], report["stored"]["value"], report["rejected_rows"]) == (3, "2363.45", [])
    values = [item["value"] for item in (await answered(admin.get("/v1/weighings")))["items"]]
    assert sorted(values) == ["11.75", "2345.5", "6.2"]


async def test_tons_that_can_be_read_in_two_ways_are_asked_for_and_never_guessed(admin: httpx.AsyncClient) -> None:
    content = b'time,site,load t\n2026-11-20 08:00,B,"11,250"\n2026-11-20 09:00,B,"9,480"\n'
    refused = await sent(admin, content, 422)
    assert refused["code"] == "ambiguous_numbers"
    assert all(word in refused["detail"] for word in ("load t", "11,250", "decimal_mark"))
    assert (await answered(admin.get("/v1/weighings")))["items"] == []
    assert (await sent(admin, content, decimal_mark=","))["stored"]["value"] == "20.73"
    assert (await sent(admin, content, decimal_mark=".", source="other"))["stored"]["value"] == "20730"


async def test_weights_of_public_reports_are_right_or_asked_for(admin: httpx.AsyncClient) -> None:
    report = await sent(admin, real_data("cases/weighings_marks.csv").read_bytes())
    assert report["stored"]["value"] == "1254.25"
    asked = await sent(admin, real_data("cases/weighings_ambiguous.csv").read_bytes(), 422)
    assert asked["code"] == "ambiguous_numbers"
