"""What tests of the route service share: a small timetable, trucks that stand at its stops, and waiting for the judge."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx

from services.route.service import judgements
from shared.clock import monotonic
from shared.testing import City
from shared.vocabulary import Role

METRE = 1 / 111_195  # degrees of latitude
DAY = date(2026, 11, 16)  # a Monday
EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
NIGHT = EVENING + timedelta(hours=5)  # all is over, the day is not
LON, LAT = 121.4365, 31.1885
BEAT_MINUTES, BEAT_AT = 4, 0.7
HEADER = "route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id"


def line(
    stop: int, *, route: str = "R1", minutes: int = 0, district: str = "310104", vehicle: str = "T-001", days: str = "每日"
) -> str:
    """Stop `stop` lies 200 m further up the street than the one before, and is due 10 minutes later."""
    hour, minute = divmod(18 * 60 + 10 * (stop - 1) + minutes, 60)
    lat = LAT + 200 * (stop - 1) * METRE
    return f"{route},{stop},{route}-S{stop},站{stop},{hour:02}:{minute:02},{LON},{lat:.7f},{days},{district},{vehicle}"


def timetable(*lines: str) -> dict[str, Any]:
    return {"format": "csv", "content": "\n".join([HEADER, *lines]) + "\n"}


THREE_STOPS = timetable(line(1), line(2), line(3))


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


def fix(minutes: float, stop: int, speed_kmh: float = 0, north_m: float = 0) -> dict[str, Any]:
    lat = LAT + (200 * (stop - 1) + north_m) * METRE
    return {"kind": "position", "at": at(minutes).isoformat(), "lon": LON, "lat": lat, "speed_kmh": speed_kmh, "satellites": 11}


def standing(minutes: float, stop: int, seconds: int = 60) -> list[dict[str, Any]]:
    """At a stop, a fix every 10 s."""
    return [fix(minutes + second / 60, stop) for second in range(0, seconds + 1, 10)]


def far_away(minutes: float) -> dict[str, Any]:
    """Heard of, but nowhere near a stop."""
    return fix(minutes, 50, speed_kmh=30)


def lift(minutes: float, point: str | None = None, net_kg: int = 46) -> dict[str, Any]:
    return {"kind": "bin_lift", "at": at(minutes).isoformat(), "net_kg": net_kg, "service_point_id": point, "tag": "E280"}


async def answered(call: Any) -> Any:
    """The body of an answer that must be a success."""
    answer: httpx.Response = await call
    assert answer.status_code < 300, answer.text
    return answer.json()


def whole(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """With what a unit that never loses its signal sends in between: from an hour before until the last record, a fix out of
    the way wherever none was for some minutes. At fixed times, so that a day sent in parts has them once."""
    known = sorted(datetime.fromisoformat(record["at"]) for record in records)
    begin, beats = at(-60), []
    for before, after in pairwise([begin, *(time for time in known if time > begin)]):
        minutes = range(int((before - begin).total_seconds() // 60) + 1, int((after - begin).total_seconds() // 60))
        if after - before > timedelta(minutes=BEAT_MINUTES):
            beats += [fix(minute - 60 + BEAT_AT, 8, speed_kmh=30) for minute in minutes if minute % BEAT_MINUTES == 0]
    return [*records, *beats]


async def send(city: City, records: Sequence[dict[str, Any]], vehicle_id: str = "T-001", *, gapless: bool = True) -> None:
    records = whole(records) if gapless else list(records)
    async with city.client(Role.DEVICE, vehicle_ids=[vehicle_id]) as device:
        for start in range(0, len(records), 1000):
            body = {"vehicle_id": vehicle_id, "records": records[start : start + 1000]}
            await answered(device.post("/v1/telemetry", json=body))


async def planned(city: City, body: dict[str, Any] = THREE_STOPS, day: date = DAY) -> None:
    """The trucks registered, the timetable imported, the day's runs made."""
    async with city.client(Role.ADMIN) as admin:
        trucks = [{"vehicle_id": f"T-00{n}", "plate": f"沪A0000{n}", "district_id": "310104"} for n in (1, 2)]
        await answered(admin.post("/v1/vehicle-imports", json={"vehicles": trucks}))
        report = await answered(admin.post("/v1/timetable-imports", json=body))
        assert report["rejected"] == []
        await answered(admin.post("/v1/runs/plans", json={"service_day": str(day)}))
    await city.settle()


async def judged(city: City, seconds: float = 30) -> None:
    """Wait until everything sent has been taken, judged and told."""
    database = city.apps["route"].state.resources.database
    deadline = monotonic() + seconds
    while True:
        await city.settle()
        async with database.read() as session:
            if await judgements.at_rest(session):
                break
        assert monotonic() < deadline, "the judge did not come to an end"
        await asyncio.sleep(0.05)
    await city.settle()


async def stops(city: City, run_id: str = f"{DAY}:R1") -> dict[int, dict[str, Any]]:
    """A run's stops by their place in the order."""
    async with city.client(Role.DISPATCHER) as dispatcher:
        run = await answered(dispatcher.get(f"/v1/runs/{run_id}"))
    return {stop["seq"]: stop for stop in run["stops"]}


async def verdicts(city: City, run_id: str = f"{DAY}:R1") -> list[str]:
    return [stop["verdict"] for stop in (await stops(city, run_id)).values()]


async def detail(city: City, seq: int, run_id: str = f"{DAY}:R1") -> dict[str, Any]:
    async with city.client(Role.DISPATCHER) as dispatcher:
        found: dict[str, Any] = await answered(dispatcher.get(f"/v1/stops/{run_id}:{seq}"))
    return found
