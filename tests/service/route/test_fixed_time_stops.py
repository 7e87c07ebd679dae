from shared.clock import frozen
from tests.conftest import CityFactory
from tests.service.route.rounds import LAT, LON, NIGHT, at, detail, far_away, fix, judged, planned, send, stops, verdicts

HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id,window_start,window_end,mode"
POINT = {
    "format": "csv",
    "content": f"{HEADER}\nR1,1,R1-S1,定点,18:00,{LON},{LAT},每日,310104,T-001,18:00,20:00,定时定点\n",
}


async def test_a_truck_that_leaves_a_fixed_time_point_too_soon_is_early_and_late_data_corrects_that(
    open_city: CityFactory,
) -> None:
    async with open_city() as city:
        with frozen(at(61)):
            await planned(city, POINT)
            await send(city, [fix(minute, 1) for minute in range(61)])
            await judged(city)
            assert (await stops(city))[1]["mode"] == "fixed_time"
            assert await verdicts(city) == ["planned"]
        with frozen(NIGHT):
            await judged(city)
            assert await verdicts(city) == ["unknown"]
            await send(city, [far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["early"]
            await send(city, [fix(minute, 1) for minute in range(61, 121)])
            await judged(city)
            assert await verdicts(city) == ["collected"]
            told = [entry["verdict"] for entry in (await detail(city, 1))["history"]]
            assert [verdict for verdict, after in zip(told, [*told[1:], ""], strict=True) if verdict != after] == [
                "planned",
                "unknown",
                "early",
                "collected",
            ]
