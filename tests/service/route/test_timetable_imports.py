import csv
import gzip
import io
import json
from typing import Any

import httpx
import xlsxwriter

from shared.clock import frozen, monotonic
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory, real_data
from tests.service.route.rounds import DAY, EVENING, THREE_STOPS, answered, line, timetable

TAINAN = {"district_id": "district", "seq": "stop_seq", "name": "stop_name", "time": "schedule_time", "weekdays": "days"}


async def imported(city: City, body: dict[str, Any]) -> Any:
    async with city.client(Role.ADMIN) as admin:
        return await answered(admin.post("/v1/timetable-imports", json=body))


async def read(city: City, path: str, role: Role = Role.DISPATCHER, **scope: list[str]) -> Any:
    async with city.client(role, **scope) as reader:
        return await answered(reader.get(path))


async def test_every_row_is_a_stop_or_a_named_rejection_and_the_same_file_again_changes_nothing(open_city: CityFactory) -> None:
    body = timetable(line(1), line(2), line(3).replace("18:20", "26 o'clock"))
    async with open_city() as city:
        first = await imported(city, body)
        assert (first["rows"], first["stops"], first["routes"], first["service_points"]) == (3, 2, 1, 2)
        assert [(r["row"], r["code"], r["values"]["time"]) for r in first["rejected"]] == [(3, "bad_time", "26 o'clock")]
        assert (first["routes_created"], first["routes_unchanged"]) == (1, 0)
        before = await read(city, "/v1/routes/R1")
        again = await imported(city, body)
        assert (again["routes_created"], again["routes_updated"], again["routes_unchanged"]) == (0, 0, 1)
        assert await read(city, "/v1/routes/R1") == before
        assert [stop["time"] for stop in before["stops"]] == ["18:00:00", "18:10:00"]


async def test_a_dry_run_reports_the_same_and_stores_nothing(open_city: CityFactory) -> None:
    async with open_city() as city:
        tried = await imported(city, THREE_STOPS | {"dry_run": True})
        assert (tried["dry_run"], tried["stops"], tried["routes_created"]) == (True, 3, 1)
        assert (await read(city, "/v1/routes"))["items"] == []
        assert (await read(city, "/v1/service-points"))["items"] == []


async def test_a_new_file_replaces_the_routes_it_names_and_leaves_the_others(open_city: CityFactory) -> None:
    async with open_city() as city:
        await imported(city, timetable(line(1), line(2), line(1, route="R2")))
        report = await imported(city, timetable(line(2, minutes=5), line(4)))
        assert (report["routes_updated"], report["routes_unchanged"]) == (1, 0)
        route = await read(city, "/v1/routes/R1")
        assert [(stop["seq"], stop["time"]) for stop in route["stops"]] == [(2, "18:15:00"), (4, "18:30:00")]
        assert (route["revision"], route["stop_count"]) == (2, 2)
        assert (await read(city, "/v1/routes/R2"))["revision"] == 1


async def test_rows_may_come_as_json_and_points_tell_every_stream_collected_there(open_city: CityFactory) -> None:
    row = {"route_id": "R1", "name": "站", "time": "18:00", "lon": 121.4, "lat": 31.2, "weekdays": "daily", "stop_id": "SP-1"}
    async with open_city() as city:
        report = await imported(city, {"format": "json", "content": [row | {"stream": "food"}]})
        assert (report["stops"], report["rejected"]) == (1, [])
        await imported(
            city, {"format": "json", "content": json.dumps([row | {"route_id": "R2"}]), "defaults": {"stream": "干垃圾"}}
        )
        assert [p["streams"] for p in (await read(city, "/v1/service-points"))["items"]] == [["food", "residual"]]
        assert [p["service_point_id"] for p in (await read(city, "/v1/service-points?route_id=R2"))["items"]] == ["SP-1"]
        assert (await read(city, "/v1/service-points?route_id=R3"))["items"] == []


async def test_lists_are_paged_without_gaps_or_doubles(open_city: CityFactory) -> None:
    async with open_city() as city:
        long = [f"R{n}-{'x' * 36}" for n in range(5)]
        await imported(city, timetable(*(line(1, route=route) for route in long)))
        seen, cursor = [], ""
        while cursor is not None:
            page = await read(city, f"/v1/routes?limit=2{cursor and '&cursor=' + cursor}")
            seen += [route["route_id"] for route in page["items"]]
            cursor = page["next_cursor"]
        assert seen == long


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"content": ""}, "unreadable_file"),
    ({"content": "[1", "format": "json"}, "unreadable_file"),
    ({"mapping": {"colour": "name"}}, "bad_mapping"),
    ({"mapping": {"name": "no such column"}}, "bad_mapping"),
    ({"format": "xlsx"}, "invalid"),
    ({"datum": "Mars"}, "invalid"),
    ({"more": 1}, "invalid"),
]


async def test_a_file_that_cannot_be_used_is_refused_whole(open_city: CityFactory) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        for change, code in UNUSABLE:
            answer = await admin.post("/v1/timetable-imports", json=THREE_STOPS | change)
            assert (answer.status_code, answer.json()["code"]) == (422, code), change


HOSTILE = ["\x00", "\ud800", "\x1b[31m", "a\x00b", "'; DROP TABLE run;--", "😀" * 80, "<script>", "=1+1"]


FIELDS = ["route_id", "name", "district_id", "stop_id", "vehicle_id", "weekdays", "time", "lon", "kind"]


async def test_hostile_text_in_a_row_is_stored_clean_or_named_in_a_rejection(open_city: CityFactory) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        for field in FIELDS:
            await take_hostile_text(admin, field)


async def take_hostile_text(admin: httpx.AsyncClient, field: str) -> None:
    row = {
        "route_id": "R1",
        "name": "n",
        "time": "18:00",
        "lon": "121.4",
        "lat": "31.2",
        "weekdays": "1",
        "stop_id": "S",
        "district_id": "310104",
        "vehicle_id": "T-001",
        "kind": "street",
    }
    rows = [row | {field: text, "route_id" if field != "route_id" else "district_id": f"R{n}"} for n, text in enumerate(HOSTILE)]
    body = json.dumps({"format": "json", "content": json.dumps(rows)})
    answer = await admin.post("/v1/timetable-imports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, f"{field}: {answer.text}"
    report = answer.json()
    assert report["rows"] == len(rows) == report["stops"] + len(report["rejected"])
    assert (await admin.post("/v1/runs/plans", json={"service_day": str(DAY)})).status_code == 200
    assert (await admin.get("/v1/routes")).status_code == 200


ABSURD = [
    "/v1/runs?service_day=9999-12-31",
    "/v1/runs?service_day=0001-01-01",
    "/v1/runs?service_day=tomorrow",
    "/v1/runs?limit=1000000",
    "/v1/runs?limit=0",
    "/v1/runs?cursor=!!!",
    "/v1/runs?cursor=WyJcdTAwMDAiXQ",
    "/v1/runs?district_id=%00",
    "/v1/runs?vehicle_id=%20",
    "/v1/unmatched-lifts",
    "/v1/unmatched-lifts?service_day=2026-11-16&cursor=WzEsMl0",
    f"/v1/runs/{'x' * 500}",
    "/v1/stops/a%00b",
    "/v1/routes/%ED%A0%80",
    "/v1/stops/nobody-knows",
]


async def test_absurd_questions_get_a_problem_never_a_fault(open_city: CityFactory) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        for path in ABSURD:
            answer = await admin.get(path)
            assert answer.status_code in {400, 404, 422}, f"{path}: {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json"
        for day in ["9999-12-31", "0001-01-01", "1999-12-31", "2101-01-01", "", 0, None, "2026-02-30"]:
            assert (await admin.post("/v1/runs/plans", json={"service_day": day})).status_code == 422, day


# --- one timetable, whatever it was saved as

OURS = """district,route_id,stop_seq,stop_name,schedule_time,lon,lat,days
西區,N7,1,中山路口,16:43,120.680100,24.140100,"一,三,五"
西區,N7,2,和平路 3 號,1652,120.6811,24.1409,"一,三,五"
西區,N7,3,民生路口,24:05,120.682,24.142,"一,三,五"
西區,N8,1,車站,18:00,120.69,24.15,每日
西區,N8,2,夜市,25:99,120.691,24.151,每日
"""


def as_workbook(rows: list[list[str]]) -> bytes:
    """As an office keeps it: numbers are numbers, times of day are times."""
    content = io.BytesIO()
    numbers = {rows[0].index(name) for name in ("lon", "lat", "stop_seq")}
    times = {rows[0].index("schedule_time")}
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet, clock = book.add_worksheet(), book.add_format({"num_format": "[hh]:mm"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                hour, _, minute = cell.partition(":")
                if number and column in numbers:
                    sheet.write_number(number, column, float(cell))
                elif number and column in times and minute.isdigit() and int(minute) < 60:
                    sheet.write_number(number, column, (int(hour) * 60 + int(minute)) / 1440, clock)
                else:
                    sheet.write_string(number, column, cell)
    return content.getvalue()


def saved_as(text: str) -> dict[str, bytes]:
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    separated = io.StringIO(newline="")
    csv.writer(separated, delimiter=";").writerows(rows)
    lines = [json.dumps(dict(zip(rows[0], row, strict=True)), ensure_ascii=False) for row in rows[1:]]
    return {
        "GB 18030 with semicolons": separated.getvalue().encode("gb18030"),
        "XLSX": as_workbook(rows),
        "JSON lines": "\n".join(lines).encode(),
        "gzip": gzip.compress(text.encode()),
    }


async def sent(city: City, content: bytes, **options: Any) -> Any:
    query = {"mapping": [f"{field}={column}" for field, column in TAINAN.items()]} | options
    async with city.client(Role.ADMIN) as admin:
        headers = {"Content-Type": "application/octet-stream"}
        return await answered(admin.post("/v1/timetable-imports", content=content, params=query, headers=headers))


async def test_a_timetable_gives_the_same_stops_whatever_it_was_saved_as(open_city: CityFactory) -> None:
    async with open_city() as city:
        first = await imported(city, {"format": "csv", "content": OURS, "mapping": TAINAN})
        routes = [await read(city, f"/v1/routes/{name}") for name in ("N7", "N8")]
        assert (first["stops"], [row["code"] for row in first["rejected"]]) == (4, ["bad_time"])
        for name, content in saved_as(OURS).items():
            again = await sent(city, content)
            assert (again["rows"], again["stops"], again["routes_unchanged"]) == (5, 4, 2), name
            assert [(row["row"], row["code"]) for row in again["rejected"]] == [(5, "bad_time")], name
            assert [await read(city, f"/v1/routes/{name}") for name in ("N7", "N8")] == routes, name


async def test_a_real_city_s_timetable_gives_the_same_stops_whatever_it_was_saved_as(open_city: CityFactory) -> None:
    text = real_data("tainan_garbage_route_stops_2020-05.csv").read_text("utf-8-sig")
    async with open_city() as city:
        first = await imported(city, {"format": "csv", "content": text, "mapping": TAINAN})
        assert (first["stops"], first["routes"]) == (16_961, 382)
        for name, content in saved_as(text).items():
            again = await sent(city, content)
            assert (again["stops"], again["routes_unchanged"], again["routes_updated"]) == (16_961, 382, 0), name
            assert [(row["row"], row["code"]) for row in again["rejected"]] == [
                (row["row"], row["code"]) for row in first["rejected"]
            ], name


async def test_times_of_public_reports_are_read_and_the_last_stop_is_named(open_city: CityFactory) -> None:
    content = real_data("cases/timetable_hhmm.csv").read_bytes()
    mapping = ["time=arrive", "window_start=arrive", "window_end=leave"]
    async with open_city() as city:
        told = await sent(city, content, mapping=mapping, defaults="weekdays=daily")
        route = await read(city, "/v1/routes/C1")
    assert (told["stops"], told["rejected"]) == (4, [])
    assert [stop["time"] for stop in route["stops"]] == ["16:30:00", "23:58:00", "24:11:00", "24:20:00"]
    warnings = [(warning["code"], warning["values"]["name"]) for warning in told["warnings"]]
    assert warnings == [("far_from_neighbours", "案例路口 4")]


async def test_the_timetable_of_a_real_city_comes_in_within_seconds(open_city: CityFactory) -> None:
    file = real_data("tainan_garbage_route_stops_2020-05.csv")
    body = {"format": "csv", "content": file.read_text("utf-8-sig"), "mapping": TAINAN}
    async with open_city("gateway") as city:
        with frozen(EVENING):
            began = monotonic()
            report = await imported(city, body)
            seconds = monotonic() - began
            assert (report["rows"], report["stops"], report["routes"], len(report["rejected"])) == (16_967, 16_961, 382, 6)
            assert seconds < 20
            again = await imported(city, body)
            assert (again["routes_unchanged"], again["rejected"]) == (382, report["rejected"])
            async with city.client(Role.ADMIN) as admin:
                began = monotonic()
                plan = await answered(admin.post("/v1/runs/plans", json={"service_day": str(DAY)}))
                print(f"import {seconds:.1f} s, plan {monotonic() - began:.1f} s, {plan}")
                assert await answered(admin.post("/v1/runs/plans", json={"service_day": str(DAY)})) == plan | {"runs_created": 0}
            await city.settle()
            view = await read(city, "/v1/city")
            assert (view["runs"]["runs"], view["runs"]["stops"]["total"]) == (plan["runs"], plan["stops"])
