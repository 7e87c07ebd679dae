from datetime import date
from typing import Any

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import answered, line, timetable

HOLIDAY, WORKED_SATURDAY = date(2026, 10, 2), date(2026, 10, 10)
WORKDAYS = timetable(line(1, route="R1", days="工作日"), line(1, route="R2", days="每日"))


async def runs(city: City, day: date) -> list[str]:
    async with city.client(Role.ADMIN) as admin:
        await answered(admin.post("/v1/runs/plans", json={"service_day": str(day)}))
        return [run["route_id"] for run in (await answered(admin.get("/v1/runs", params={"service_day": str(day)})))["items"]]


async def test_runs_are_made_by_the_public_calendar(open_city: CityFactory) -> None:
    async with open_city() as city:
        async with city.client(Role.ADMIN) as admin:
            assert (await answered(admin.post("/v1/timetable-imports", json=WORKDAYS)))["rejected"] == []
            stops = (await answered(admin.get("/v1/routes/R1")))["stops"]
        assert [stop["by_calendar"] for stop in stops] == [True]
        assert await runs(city, HOLIDAY) == ["R2"]
        assert await runs(city, WORKED_SATURDAY) == ["R1", "R2"]


async def test_a_city_says_what_a_day_is_and_runs_made_before_stay(open_city: CityFactory) -> None:
    festival: dict[str, Any] = {"kind": "holiday", "name_zh": "本市节日", "name_en": "City day"}
    first, second = date(2027, 5, 12), date(2027, 5, 13)
    async with open_city() as city:
        async with city.client(Role.ADMIN) as admin:
            await answered(admin.post("/v1/timetable-imports", json=WORKDAYS))
            assert await runs(city, first) == ["R1", "R2"]
            for day in (first, second):
                await answered(admin.put(f"/v1/calendar/{day}", json=festival))
            assert await runs(city, first) == ["R1", "R2"]
            assert await runs(city, second) == ["R2"]
            named = await answered(admin.get("/v1/calendar", params={"from": "2027-05-12", "to": "2027-05-12"}))
            assert named["items"] == [{"day": "2027-05-12", **festival}]
            shipped = await answered(admin.get("/v1/calendar", params={"from": "2026-10-01", "to": "2026-10-10"}))
            assert [day["kind"] for day in shipped["items"]] == ["holiday"] * 7 + ["workday"]
            assert (await admin.get("/v1/calendar", params={"from": "2027-05-12", "to": "2027-05-11"})).status_code == 400
        async with city.client(Role.DISPATCHER) as dispatcher:
            assert (await dispatcher.put(f"/v1/calendar/{first}", json=festival)).status_code == 403
