"""The demo city's hotline: people who call all day, and a desk that leads their cases on. Everything said is made up."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.demo import city as demo_city
from services.simulator.devices.fleet import City, pages
from shared.client import ApiError
from shared.clock import day_bounds, now, service_day

CALLS_A_DAY = 48
LOOK_EVERY_SECONDS = 10.0
MARK = "demo-call-"
SAID = (
    ("missed_collection", "今天垃圾没有收走"),
    ("missed_collection", "湿垃圾两天没人来收"),
    ("bin_overflow", "垃圾桶满了，垃圾堆到地上"),
    ("bin_overflow", "垃圾箱房满溢，有异味"),
    ("late_collection", "收运车比公示时间晚了一个多小时"),
    ("exposed_garbage", "路边有一堆暴露垃圾"),
    ("truck_noise", "清晨收运作业噪声太大"),
    ("truck_leak", "垃圾车沿路滴漏污水"),
    ("bin_damaged", "分类垃圾桶盖子坏了"),
    ("bulky_waste", "旧沙发放了三天没人运"),
    ("station_odour", "中转站傍晚气味很重"),
    ("not_sorted", "有人不分类直接倾倒"),
)
NAMED = 0.75
"""Share of callers who leave a number."""
# What the desk does and so many minutes after the call, for the quickest cases; the slowest take six times as long.
LIFE: tuple[tuple[float, str, str, Mapping[str, Any]], ...] = (
    (2, "received", "accept", {}),
    (4, "accepted", "file", {"even_so": True}),
    (8, "filed", "dispatch", {}),
    (15, "dispatched", "take", {}),
    (60, "handling", "finish", {}),
    (75, "checking", "pass_check", {}),
    (80, "checked", "reply", {"text": "演示：已现场处置并复查，感谢您的来电。"}),
    (110, "replied", "call_back", {"solved": True, "satisfaction": "satisfied"}),
    (120, "called_back", "close", {}),
)
MOST_STEPS = 8
SLOWEST, LEFT_LYING = 6.0, 6
"""One case of so many is never finished, so that its clocks turn yellow and red."""

log = logging.getLogger(__name__)


class DemoHotline:
    """`city` is an ApiClient signed in as admin. Keeps nothing: begun again, it goes on where the city stands."""

    def __init__(self, city: City, zone: ZoneInfo, seed: int) -> None:
        self._city, self._zone, self._seed = city, zone, seed
        self._called: set[str] = set()

    async def run(self) -> None:
        while True:
            try:
                await self.answer_calls(now())
                await self.work(now())
            except ApiError as problem:
                log.warning("the hotline waits: %s", problem)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def answer_calls(self, at: datetime) -> None:
        """Take down who has called today until now."""
        for call in calls(service_day(at, self._zone), self._zone, self._seed):
            if datetime.fromisoformat(call["requested_at"]) <= at and call["client_id"] not in self._called:
                await self._city.post("/v1/complaints", call)
                self._called.add(call["client_id"])

    async def work(self, at: datetime) -> None:
        """Lead every case on to where it should be by now."""
        open_cases = [case async for case in pages(self._city, "/v1/complaints", open="true", q="演示")]
        for case in open_cases:
            if steps := list(due_steps(case, at))[:MOST_STEPS]:
                await self._city.post(f"/v1/complaints/{case['case_id']}/steps", {"steps": steps})


@cache
def calls(day: date, zone: ZoneInfo, seed: int) -> tuple[dict[str, Any], ...]:
    """Bodies of POST /v1/complaints, in the order of the calls; the same on every run."""
    return tuple(_calls(day, zone, seed))


def _calls(day: date, zone: ZoneInfo, seed: int) -> Iterable[dict[str, Any]]:
    rng, (begin, end) = Random(f"{seed}:{day}:calls"), day_bounds(day, zone)
    times = sorted(begin + (end - begin) * rng.random() for _ in range(CALLS_A_DAY))
    for number, at in enumerate(times):
        subdistrict = rng.choice(demo_city.subdistricts())
        point, (category, said) = rng.choice(demo_city.points(subdistrict)), rng.choice(SAID)
        contact = {"name": f"演示市民{number + 1}", "phone": f"1390000{rng.randint(0, 9999):04d}"}
        yield {
            "client_id": f"{MARK}{day}-{number}",
            "channel": rng.choice(("hotline", "hotline", "app", "mail")),
            "category": category,
            "description": f"演示：{said}",
            "address": point.name,
            "lon": point.lon,
            "lat": point.lat,
            "district_id": subdistrict.code,
            "requested_at": at.replace(microsecond=0).isoformat(),
        } | ({"contact": contact} if rng.random() < NAMED else {})


def due_steps(case: Mapping[str, Any], at: datetime) -> Iterable[dict[str, Any]]:
    """What the desk has not done yet of what it would have done by now. Each case has its own pace."""
    rng = Random(case["case_id"])
    pace, left_lying = rng.uniform(1, SLOWEST), not rng.randrange(LEFT_LYING)
    age, status, contractor = at - datetime.fromisoformat(case["requested_at"]), case["status"], rng.randint(1, 4)
    began = False
    for minutes, within, step, more in LIFE:
        began = began or status == within
        if (step == "finish" and left_lying) or age < timedelta(minutes=minutes * pace):
            return
        if began:
            yield {"step": step, **more} | ({"contractor_id": f"DEMO-C{contractor}"} if step == "dispatch" else {})
