"""The waste data platform: tons by stream, place and period with shares and growth; quotas and where the month will end."""

import csv
import io

import httpx
import pytest
from happenings import CAOHEJING, TIANPING, XUHUI, tell
from weighings import Weighings, answered, worked_out

from shared.testing import City
from shared.vocabulary import Role

pytestmark = pytest.mark.usefixtures("at_ten")
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


async def weighed(city: City) -> None:
    """1,000 kg residual and 400 kg food today, 800 kg residual a month ago, 500 kg a year ago, in two subdistricts."""
    now, month_ago, year_ago = Weighings("1"), Weighings("1", days=-31), Weighings("1", days=-365)
    food = Weighings("2")
    await tell(city, now.registered(), food.registered(waste_streams=["food"], district_id=CAOHEJING))
    await tell(city, *now.lifts(-60, 600, 400), *food.lifts(-60, 400), *month_ago.lifts(0, 800), *year_ago.lifts(0, 500))
    await tell(city, year_ago.ticket("y", 30, 500), month_ago.ticket("m", 30, 800), now.ticket("n", -20, 1_000))
    await tell(city, food.ticket("f", -20, 390, stream="food", district_id=CAOHEJING))
    await worked_out(city)


async def test_months_are_compared_with_the_one_before_and_the_year_before(gateway: City, console: httpx.AsyncClient) -> None:
    await weighed(gateway)
    found = await answered(console, "/v1/flows", **NOVEMBER)
    rows = {row["key"]: row for row in found["rows"]}
    assert {key: (row["net_kg"], row["facts"], row["share"]) for key, row in rows.items()} == {
        "food": (400, 1, 0.2857),
        "residual": (1_000, 2, 0.7143),
    }
    residual = rows["residual"]
    assert (residual["before_kg"], residual["growth"], residual["year_ago_kg"], residual["growth_year"]) == (800, 0.25, 500, 1.0)
    assert rows["food"]["growth"] is None
    assert found["recovery"] == [{"period": "2026-11-01", "household_kg": 1_400, "recovered_kg": 400, "rate": 0.2857}]


@pytest.mark.parametrize(
    ("grain", "first", "last", "total"),
    [
        ("day", "2026-11-16", "2026-11-16", 1_400),
        ("week", "2026-11-16", "2026-11-18", 1_400),
        ("year", "2026-02-01", "2026-02-01", 2_200),
    ],
)
async def test_every_grain_adds_up_to_the_same(
    gateway: City, console: httpx.AsyncClient, grain: str, first: str, last: str, total: int
) -> None:
    await weighed(gateway)
    found = await answered(console, "/v1/flows", grain=grain, to=last, **{"from": first})
    assert [row["net_kg"] for row in found["totals"]] == [total]
    assert sum(row["net_kg"] for row in found["rows"]) == total


async def test_subdistricts_roll_up_to_districts_and_a_bound_dispatcher_sees_the_own(
    gateway: City, console: httpx.AsyncClient
) -> None:
    await weighed(gateway)
    by_subdistrict = await answered(console, "/v1/flows", by="subdistrict", stage="tipped", **NOVEMBER)
    assert {row["key"]: row["net_kg"] for row in by_subdistrict["rows"]} == {TIANPING: 1_000, CAOHEJING: 390}
    by_district = await answered(console, "/v1/flows", by="district", stage="tipped", **NOVEMBER)
    assert {row["key"]: row["net_kg"] for row in by_district["rows"]} == {XUHUI: 1_390}
    async with gateway.client(Role.DISPATCHER, district_ids=[CAOHEJING]) as own:
        assert [row["net_kg"] for row in (await answered(own, "/v1/flows", **NOVEMBER))["totals"]] == [400]


async def test_late_lifts_are_in_it_at_once_and_a_spreadsheet_says_the_same(gateway: City, console: httpx.AsyncClient) -> None:
    await weighed(gateway)
    await tell(gateway, Weighings("1", days=-31).lift(5, 200))
    found = await answered(console, "/v1/flows", **{"from": "2026-10-01", "to": "2026-10-31"})
    assert [row["net_kg"] for row in found["totals"]] == [1_000]
    answer = await console.get("/v1/flows", params=NOVEMBER | {"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["期间 / Period", "分组 / Group", "重量（千克） / Net kg"]
    told = {row[1].partition(" /")[0]: row[2] for row in rows[1:]}
    assert told == {"湿垃圾": "400", "干垃圾": "1000", "合计": "1400"}


async def test_too_many_periods_are_refused_with_a_way_out(console: httpx.AsyncClient) -> None:
    answer = await console.get("/v1/flows", params={"from": "1990-01-01", "to": "2026-01-01", "grain": "day"})
    assert answer.status_code == 422
    assert "weeks, months or years" in answer.json()["detail"]


async def test_a_quota_says_how_much_is_used_and_where_the_month_will_end(gateway: City, console: httpx.AsyncClient) -> None:
    async with gateway.client(Role.ADMIN) as admin:
        body = {"month": "2026-11-01", "quota_kg": 2_000, "source": "沪绿容〔2026〕1号"}
        assert (await admin.put(f"/v1/districts/{XUHUI}/quota", json=body)).status_code == 200
        refused = await console.put(f"/v1/districts/{XUHUI}/quota", json=body)
        assert refused.status_code == 403
    await weighed(gateway)
    for days in (-7, -14, -21, -28):
        await tell(gateway, Weighings("1", days=days).ticket(f"{days}", 0, 700))
    await worked_out(gateway)
    [quota] = await answered(console, "/v1/quotas", month="2026-11-01")
    assert (quota["weighed_kg"], quota["used"]) == (2_400, 1.2), "two Mondays of November and today"
    assert quota["expected_kg"] == 1_400 + 3 * 700, "two Mondays weighed, three to come (today is not over)"
    assert quota["exceeds"]
    async with gateway.client(Role.DISPATCHER, district_ids=["310101"]) as stranger:
        assert await answered(stranger, "/v1/quotas", month="2026-11-01") == []
