"""How far a run and a day are, as JSON and as spreadsheets, within the bearer's scope."""

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import httpx

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    EVENING,
    NIGHT,
    answered,
    at,
    far_away,
    judged,
    line,
    planned,
    send,
    standing,
    timetable,
)

BEFORE = EVENING - timedelta(hours=2)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TWO_ROUNDS = timetable(line(1), line(2), line(3), line(4), line(1, route="R2", district="310105", vehicle="T-002"))


async def get(
    city: City, path: str, role: Role = Role.DISPATCHER, scope: dict[str, list[str]] | None = None, **query: Any
) -> Any:
    async with city.client(role, **(scope or {})) as reader:
        return await answered(reader.get(path, params=query))


async def file(city: City, path: str, **query: Any) -> httpx.Response:
    async with city.client(Role.DISPATCHER) as dispatcher:
        answer = await dispatcher.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def half_an_evening(city: City) -> None:
    """T-001 was early at its first stop and on time at its second, and has two to go; of T-002 nothing is known."""
    with frozen(BEFORE):
        await planned(city, TWO_ROUNDS)
    with frozen(at(15)):
        await send(city, [*standing(-30, 1), *standing(12, 2)])
        await judged(city)


async def test_a_run_says_how_far_it_is_and_when_it_will_be_done(open_city: CityFactory) -> None:
    async with open_city() as city:
        await half_an_evening(city)
        with frozen(at(15)):
            assert await get(city, f"/v1/runs/{DAY}:R1/progress") == {
                "run_id": f"{DAY}:R1",
                "at": "2026-11-16T10:15:00Z",
                "known_until": "2026-11-16T10:13:00Z",
                "stops": 4,
                "done": 2,
                "left": 2,
                "percent": 50.0,
                "pace": {"served_seconds": 2520.0, "planned_seconds": 600.0, "times_plan": 1.0},
                "planned_finish_at": "2026-11-16T10:30:00Z",
                "last_served_at": "2026-11-16T10:12:00Z",
                "expected_finish_at": "2026-11-16T10:32:00Z",
                "behind_minutes": 2.0,
            }
        with frozen(at(45)):
            late = await get(city, f"/v1/runs/{DAY}:R1/progress")
            assert (late["expected_finish_at"], late["behind_minutes"]) == ("2026-11-16T10:55:00Z", 25.0)
        with frozen(NIGHT):
            await send(city, [far_away(200)])
            await judged(city)
            over = await get(city, f"/v1/runs/{DAY}:R1/progress")
            assert (over["done"], over["left"], over["expected_finish_at"], over["behind_minutes"]) == (2, 0, None, None)


async def test_a_run_is_followed_by_those_who_may_see_it_only(open_city: CityFactory) -> None:
    async with open_city() as city:
        await half_an_evening(city)
        for scope, role, expected in (
            ({"vehicle_ids": ["T-001"]}, Role.DEVICE, 200),
            ({"vehicle_ids": ["T-002"]}, Role.DEVICE, 404),
            ({"district_ids": ["310105"]}, Role.DISPATCHER, 404),
            ({}, Role.CITIZEN, 403),
        ):
            async with city.client(role, **scope) as reader:
                for path in ("progress", "stops"):
                    assert (await reader.get(f"/v1/runs/{DAY}:R1/{path}")).status_code == expected
        async with city.client(Role.DISPATCHER) as dispatcher:
            assert (await dispatcher.get(f"/v1/runs/{DAY}:R9/progress")).status_code == 404
            assert (await dispatcher.get(f"/v1/runs/{DAY}:R1/stops", params={"format": "pdf"})).status_code == 422


async def test_a_day_is_counted_by_district_contractor_and_route(open_city: CityFactory) -> None:
    async with open_city() as city:
        await half_an_evening(city)
        with frozen(NIGHT):
            async with city.client(Role.ADMIN) as admin:
                truck = {"vehicle_id": "T-002", "plate": "沪A00002", "contractor_id": "C2", "district_id": "310104"}
                await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}))
            await send(city, [*standing(75, 3), far_away(200)])
            await judged(city)
            first = {
                "key": "310104",
                "name": None,
                "runs": 1,
                "stops": 4,
                "done": 3,
                "on_time": 1,
                "early": 1,
                "late": 1,
                "missed": 1,
                "unknown": 0,
                "excepted": 0,
                "waiting": 0,
                "punctuality": 0.3333,
            }
            none = {"done": 0, "on_time": 0, "early": 0, "late": 0, "missed": 0, "punctuality": None}
            second = first | none | {"key": "310105", "stops": 1, "unknown": 1}
            total = first | {"key": None, "runs": 2, "stops": 5, "unknown": 1}
            by_district = await get(city, "/v1/progress", service_day=str(DAY))
            assert by_district == {
                "service_day": str(DAY),
                "by": "district",
                "at": "2026-11-16T15:00:00Z",
                "groups": [first, second],
                "total": total,
            }
            by_route = await get(city, "/v1/progress", service_day=str(DAY), by="route")
            assert by_route["groups"] == [first | {"key": "R1", "name": "R1"}, second | {"key": "R2", "name": "R2"}]
            by_contractor = await get(city, "/v1/progress", Role.AUDITOR, service_day=str(DAY), by="contractor")
            assert by_contractor["groups"] == [second | {"key": "C2"}, first | {"key": None}]
            assert by_route["total"] == by_contractor["total"] == total
            empty = await get(city, "/v1/progress", service_day="2027-06-01")
            assert (empty["groups"], empty["total"]["stops"], empty["total"]["punctuality"]) == ([], 0, None)
            for scope, groups in (({"district_ids": ["310105"]}, [second]), ({"contractor_ids": ["C9"]}, [])):
                seen = await get(city, "/v1/progress", scope=scope, service_day=str(DAY))
                assert (seen["groups"], seen["total"]["runs"]) == (groups, len(groups))


async def test_a_days_progress_and_a_runs_stops_are_taken_away_as_spreadsheets(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(BEFORE):
            await planned(city, timetable(line(1).replace("站1", "=HYPERLINK(1)"), line(2)))
        with frozen(NIGHT):
            await send(city, [*standing(0, 1), far_away(200)])
            await judged(city)
            progress = await file(city, "/v1/progress", service_day=str(DAY), by="route", format="csv")
            assert progress.headers["content-type"] == "text/csv; charset=utf-8"
            assert progress.headers["content-disposition"] == 'attachment; filename="progress-2026-11-16-route.csv"'
            assert [(row["编号 / Id"], row["停靠 / Stops"], row["准点率 / Punctuality"]) for row in rows(progress)] == [
                ("R1", "2", "1.0"),
                ("合计 / Total", "2", "1.0"),
            ]
            stops = await file(city, f"/v1/runs/{DAY}:R1/stops")
            assert stops.headers["content-disposition"] == 'attachment; filename="run-2026-11-16-R1.csv"'
            names = (
                "收集点名称 / Stop",
                "判定 / Verdict",
                "计划时间 / Planned (Asia/Shanghai)",
                "收运时间 / Served (Asia/Shanghai)",
            )
            assert [tuple(row[name] for name in names) for row in rows(stops)] == [
                ("'=HYPERLINK(1)", "已收 / Collected", "2026-11-16 18:00:00", "2026-11-16 18:00:00"),
                ("站2", "漏收 / Missed", "2026-11-16 18:10:00", ""),
            ]
            for path, query in ((f"/v1/runs/{DAY}:R1/stops", {}), ("/v1/progress", {"service_day": str(DAY)})):
                book = await file(city, path, **query, format="xlsx")
                assert book.headers["content-type"] == XLSX
                assert book.headers["content-disposition"].endswith('.xlsx"')
                assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
