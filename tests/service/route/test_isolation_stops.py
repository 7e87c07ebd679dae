"""Medical-isolation stops: collected and then disinfected, or missed."""

from typing import Any

from shared.clock import frozen
from tests.conftest import CityFactory
from tests.service.route.rounds import LAT, LON, NIGHT, at, detail, far_away, judged, lift, planned, send, standing, verdicts

HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id,mode"
POINT = {
    "format": "csv",
    "content": f"{HEADER}\nR1,1,R1-S1,隔离酒店,18:00,{LON},{LAT},每日,310104,T-001,医学隔离\n",
}


def disinfected(minutes: float) -> dict[str, Any]:
    return {"kind": "driver_report", "at": at(minutes).isoformat(), "code": "disinfected", "service_point_id": "R1-S1"}


async def test_a_medical_isolation_stop_is_served_when_it_is_disinfected_as_well(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(at(20)):
            await planned(city, POINT)
            await send(city, [*standing(0, 1), lift(0.5, "R1-S1"), far_away(15)])
            await judged(city)
            assert await verdicts(city) == ["planned"]
            await send(city, [disinfected(6)])
            await judged(city)
            stop = await detail(city, 1)
    assert (stop["mode"], stop["verdict"]) == ("isolation", "collected")
    assert (stop["evidence"]["net_kg"], stop["evidence"]["codes"]) == (46, ["disinfected"])
    assert stop["evidence"]["disinfected_at"] == at(6).isoformat().replace("+00:00", "Z")


async def test_without_its_disinfection_it_is_missed_until_a_late_report_says_otherwise(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(NIGHT):
            await planned(city, POINT)
            await send(city, [*standing(0, 1), lift(0.5, "R1-S1"), disinfected(50), far_away(200)])
            await judged(city)
            missed = await detail(city, 1)
            await send(city, [disinfected(6)])
            await judged(city)
            assert await verdicts(city) == ["collected"]
    assert (missed["verdict"], missed["served_at"]) == ("missed", None)
    assert missed["evidence"]["net_kg"] == 46
    assert missed["history"][-1]["reason"] in {"it was collected, but nobody reported its disinfection", "late data"}
