"""Figures, problem lists and imports, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from desk import NOW, answered, step, taken

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import real_data

MONTH = {"from": "2025-11-01", "to": "2025-11-30"}


async def lived(desk: httpx.AsyncClient, day: int, hours: float, satisfaction: str = "satisfied", **more: Any) -> str:
    """A whole life: reported on the day of November, answered after so many hours, called back, closed."""
    at = NOW + timedelta(days=day - 17)
    with frozen(at):
        case = await taken(desk, **more)
        await step(desk, case["case_id"], "accept")
    with frozen(at + timedelta(hours=hours)):
        call = {"step": "call_back", "solved": satisfaction != "not_satisfied", "satisfaction": satisfaction}
        await step(desk, case["case_id"], {"step": "answer", "text": "好"}, call, "close")
    return str(case["case_id"])


async def test_rates_are_those_counted_by_hand(desk: httpx.AsyncClient) -> None:
    await lived(desk, 17, 1)
    await lived(desk, 18, 30, "not_satisfied")  # both clocks are over by then
    await lived(desk, 19, 2, "basically_satisfied", district_id="310112101")
    with frozen(datetime(2025, 11, 20, 1, tzinfo=UTC)):
        await taken(desk, district_id="310112101")
    with frozen(NOW + timedelta(days=30)):
        shown = await answered(desk.get("/v1/complaint-figures", params=MONTH | {"by": "district"}))
    rows = {row["key"]: row for row in shown["items"]}
    xuhui, minhang = rows["310104"], rows["310112"]
    assert (xuhui["cases"], xuhui["closed"], minhang["cases"], minhang["overdue"]) == (2, 2, 2, 1)
    assert (xuhui["response_rate"], xuhui["on_time_rate"]) == (0.5, 0.5)
    assert (xuhui["resolution_rate"], xuhui["satisfaction_rate"], xuhui["first_time_right_rate"]) == (0.5, 0.5, 1.0)
    assert minhang["on_time_rate"] == 0.5, "one answered in time, one overdue"
    assert shown["sentence_zh"].startswith("共受理诉求4件，比上期多4件，比去年同期多4件")


async def test_figures_are_compared_and_can_be_taken_away(desk: httpx.AsyncClient) -> None:
    for days in (0, 1, 33):
        with frozen(NOW - timedelta(days=days)):
            await taken(desk)
    with frozen(NOW.replace(year=2024)):
        await taken(desk)
    with frozen(NOW + timedelta(days=1)):
        [row] = (await answered(desk.get("/v1/complaint-figures", params=MONTH | {"by": "category"})))["items"]
        assert (row["cases"], row["previous"], row["year_before"], row["change"], row["rank"]) == (2, 1, 1, 1, 1)
        months = {"from": "2025-10-01", "to": "2025-11-30", "by": "month"}
        items = (await answered(desk.get("/v1/complaint-figures", params=months)))["items"]
        assert [(one["key"], one["cases"], one["year_before"]) for one in items] == [("2025-10", 1, 0), ("2025-11", 2, 1)]
        file = await desk.get("/v1/complaint-figures", params=MONTH | {"format": "csv"})
        assert file.content.decode("utf-8-sig").splitlines()[1].startswith("310104,2,1,1,1,1,1")
        assert (await desk.get("/v1/complaint-figures", params=MONTH | {"format": "xlsx"})).content[:2] == b"PK"
        week = await answered(desk.get("/v1/problem-lists", params={"week": "2025-W47"}))
        assert [(one["street"], one["category"], one["cases"]) for one in week["items"]] == [("310104003", "bin_overflow", 1)]
        await answered(desk.get("/v1/problem-lists", params={"week": "soon"}), 400)


async def test_places_with_many_complaints_stand_out(desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        for n in range(4):
            await taken(desk, lon=121.4012 + n / 10_000, lat=31.2012, category="bin_overflow" if n < 3 else "toilet")
        await taken(desk, lon=121.45, lat=31.25)
    shown = await answered(desk.get("/v1/complaint-hot-spots", params=MONTH))
    assert [(spot["cases"], spot["category"]) for spot in shown["hot_spots"]] == [(4, None)]
    assert [(spot["cases"], spot["category"]) for spot in shown["repeated"]] == [(3, "bin_overflow")]
    assert abs(shown["hot_spots"][0]["lon"] - 121.4025) < 1e-9


async def test_a_contractor_counts_only_what_is_its_own(desk: httpx.AsyncClient, contractor: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk)
        await taken(desk)
        await step(desk, case["case_id"], "accept", "file", {"step": "dispatch", "contractor_id": "K-1"})
    for client, cases in ((desk, 2), (contractor, 1)):
        items = (await answered(client.get("/v1/complaint-figures", params=MONTH | {"by": "all"})))["items"]
        assert [row["cases"] for row in items] == [cases]


def their(number: int, **more: Any) -> dict[str, Any]:
    request = {
        "service_request_id": f"B-{number}",
        "status": "closed",
        "service_code": "x",
        "service_name": "Illegal Parking",
        "requested_datetime": "2018-05-01T10:00:00-04:00",
        "updated_datetime": "2018-05-02T10:00:00-04:00",
        "lat": 42.35,
        "long": -71.06,
        "description": "A car | Comments: on the street",
    }
    return request | more


async def test_every_row_of_an_import_has_its_fate(whole: City) -> None:
    rows = [
        their(1),
        their(1),
        their(2, updated_datetime="2018-04-30T10:00:00-04:00"),
        their(3, status="half"),
        their(4, requested_datetime="2018-05-01"),
        their(5, lat=None, long=None),
        {},
        their(6, service_name="Missed Trash"),
    ]
    async with whole.client(Role.ADMIN) as admin:
        body = {"source": "boston", "requests": rows}
        dry = await answered(admin.post("/v1/complaint-imports", json=body | {"dry_run": True}))
        told = await answered(admin.post("/v1/complaint-imports", json=body))
        again = await answered(admin.post("/v1/complaint-imports", json=body))
        assert dry | {"dry_run": False} == told
        assert (told["rows"], told["stored"], told["duplicates"]) == (8, 4, 1)
        assert [row["row"] for row in told["rejected"]] == [4, 5, 7]
        flags = {row["service_request_id"]: row["flags"] for row in told["named"]}
        assert flags["B-2"] == ["updated_before_requested", "outside_the_city"]
        assert flags["B-5"] == ["no_place"]
        assert told["by_category"] == {"parking": 3, "missed_collection": 1}
        assert (again["stored"], again["duplicates"]) == (0, 5)
        [one] = await answered(
            admin.get(
                "/open311/v2/requests.json",
                params={"start_date": "2018-05-01", "status": "closed", "service_code": "missed_collection"},
            )
        )
        assert one["status_notes"] == "已结案 / Closed"


def as_table() -> str:
    columns = ["id", "status", "service_code", "service_name", "requested_datetime", "lat", "long"]
    lines = [
        ["B-1", "closed", "x", "Illegal Parking", "2018-05-01 10:00", "42,35", "-71,06"],
        ["B-1", "closed", "x", "Illegal Parking", "2018-05-01 10:00", "42,35", "-71,06"],
        ["B-2", "open", "x", "Missed Trash", "2018/5/1 9:30", "", ""],
        ["B-3", "open", "x", "Missed Trash", "yesterday", "42,35", "-71,06"],
        ["B-4", "open", "x", "Missed Trash", "2018-05-01 10:00", "42,35", "-71,06", "one too many"],
    ]
    return "\n".join(";".join(line) for line in [columns, *lines])


async def test_requests_may_come_as_any_table_and_every_row_has_its_fate(whole: City) -> None:
    options = {"source": "boston", "mapping": "service_request_id=id", "zone": "America/New_York"}
    async with whole.client(Role.ADMIN) as admin:
        headers = {"Content-Type": "text/csv"}
        path = "/v1/complaint-imports"
        told = await answered(admin.post(path, content=as_table().encode("utf-16"), params=options, headers=headers))
        assert (told["rows"], told["stored"], told["duplicates"]) == (5, 2, 1)
        assert [(row["row"], row["detail"]) for row in told["rejected"]][1:] == [(5, "8 cells under 7 columns")]
        assert told["rejected"][0]["detail"].startswith("requested_datetime")
        lines = "\n".join(json.dumps(their(n)) for n in (1, 7)).encode()
        more = await answered(admin.post(path, content=lines, params={"source": "boston"}, headers=headers))
        assert (more["stored"], more["duplicates"]) == (1, 1)
        untold = await answered(admin.post(path, content=as_table().encode(), params=options | {"zone": "Mars"}), 422)
        assert untold["code"] == "invalid"


async def test_an_import_claims_no_rate_that_it_cannot_know(whole: City) -> None:
    async with whole.client(Role.ADMIN) as admin:
        body = {"source": "boston", "requests": [their(n) for n in range(3)]}
        assert (await answered(admin.post("/v1/complaint-imports", json=body)))["stored"] == 3
        asked = {"from": "2018-05-01", "to": "2018-05-31", "by": "all"}
        [row] = (await answered(admin.get("/v1/complaint-figures", params=asked)))["items"]
    assert (row["cases"], row["closed"], row["overdue"]) == (3, 3, 0)
    assert {name: value for name, value in row.items() if name.endswith("_rate")} == dict.fromkeys(
        ("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate", "first_time_right_rate")
    )


async def test_boston_comes_in_whole_and_a_month_is_what_was_counted_by_hand(whole: City) -> None:
    requests = json.loads(real_data("boston_open311_sample_2000.json").read_text("utf-8"))
    async with whole.client(Role.ADMIN) as admin:
        told = await answered(admin.post("/v1/complaint-imports", json={"source": "boston", "requests": requests}))
        assert (told["rows"], told["stored"], told["duplicates"], told["rejected"]) == (2000, 2000, 0, [])
        odd = [row for row in told["named"] if "updated_before_requested" in row["flags"]]
        assert len(odd) == 157
        # In Shanghai's days; counted with nothing but the file: see the figures below.
        may = {"from": "2018-05-01", "to": "2018-05-31", "by": "category"}
        items = (await answered(admin.get("/v1/complaint-figures", params=may)))["items"]
        zone = whole.settings.zone
        counted: dict[str, int] = {}
        for request in requests:
            if datetime.fromisoformat(request["requested_datetime"]).astimezone(zone).strftime("%Y-%m") == "2018-05":
                counted[request["service_name"]] = counted.get(request["service_name"], 0) + 1
        codes = {
            "Other": "other",
            "Illegal Parking": "parking",
            "Abandoned Vehicle": "abandoned_vehicle",
            "Sidewalk Not Shoveled": "snow_ice",
            "Unsafe Dangerous Conditions": "other",
        }
        wanted: dict[str, int] = {}
        for name, cases in counted.items():
            wanted[codes[name]] = wanted.get(codes[name], 0) + cases
        assert {row["key"]: row["cases"] for row in items if row["cases"]} == wanted
        print("May 2018:", wanted)
