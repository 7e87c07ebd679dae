"""A complaint's whole life in four calls, and lists, search and map, with 10,000 and with 1,000,000 complaints stored.

The service runs as in a city: a process of its own on PostgreSQL and RabbitMQ, asking the route service for evidence.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import asyncpg
import httpx
import psutil
import pytest

from deploy.local.suite import Suite

pytestmark = pytest.mark.bench
FEW, MANY = 10_000, int(os.environ.get("COMPLAINTS_STORED", "1000000"))
LIVES, AT_ONCE, LOOKS = 300, 8, 300
LEAST_LIVES_PER_SECOND, MOST_LOSS, MOST_P99_MS = 37.0, 0.20, 50.0
SQL = (Path(__file__).parent / "a_million_complaints.sql").read_text("utf-8")
DESK = [{"step": "accept"}, {"step": "file"}, {"step": "dispatch", "contractor_id": "K-1"}]
LIFE = [
    [{"step": "take"}, {"step": "finish"}],
    [{"step": "pass_check"}, {"step": "reply", "text": "已清运，谢谢。"}],
    [{"step": "call_back", "solved": True, "satisfaction": "satisfied"}, {"step": "close"}],
]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with Suite(tmp_path_factory.mktemp("complaints"), services=("route", "complaint", "gateway")) as running:
        yield running


async def stored(suite: Suite, first: int, last: int) -> None:
    connection = await asyncpg.connect(suite.environment["SANITATION_DATABASE_URL"])
    for start in range(first, last + 1, 100_000):
        for statement in SQL.split(";\n"):
            if statement.strip():
                end = min(start + 99_999, last)
                await connection.execute(statement.replace(":first", str(start)).replace(":last", str(end)))
    await connection.execute("ANALYZE")
    await connection.close()


def worked_seconds(suite: Suite) -> float:
    """Processor time of the complaint service: what a life costs, also while others keep the machine busy."""
    times = psutil.Process(suite.services["complaint"].process.pid).cpu_times()
    return float(times.user + times.system)


async def lives_per_second(suite: Suite, token: str) -> tuple[float, float]:
    """By the clock, and for each second of the service's own processor time."""
    rng = Random(7)
    waiting = iter(range(LIVES))
    async with httpx.AsyncClient(base_url=suite.urls["complaint"], headers={"Authorization": f"Bearer {token}"}) as desk:

        async def live() -> None:
            for n in waiting:
                body = {
                    "category": "bin_overflow",
                    "description": f"垃圾桶满溢 {n}",
                    "lon": 121.1 + rng.random() / 2,
                    "lat": 31.2,
                    "district_id": "310104003",
                    "contact": {"phone": "13900000000"},
                    "steps": DESK,
                }
                answer = await desk.post("/v1/complaints", json=body)
                assert answer.status_code == 200, answer.text
                for steps in LIFE:
                    path = f"/v1/complaints/{answer.json()['case_id']}/steps"
                    step = await desk.post(path, json={"steps": steps})
                    assert step.status_code == 200, step.text

        began, worked = time.perf_counter(), worked_seconds(suite)
        await asyncio.gather(*(live() for _ in range(AT_ONCE)))
        return LIVES / (time.perf_counter() - began), LIVES / (worked_seconds(suite) - worked)


async def p99_ms(suite: Suite, token: str) -> dict[str, float]:
    rng = Random(3)
    taken: dict[str, list[float]] = {}
    async with httpx.AsyncClient(base_url=suite.urls["complaint"], headers={"Authorization": f"Bearer {token}"}) as desk:
        for n in range(LOOKS):
            lon, lat = 121.1 + rng.random() / 2, 30.9 + rng.random() / 2
            asked = {
                "list": {"limit": 50, "district_id": f"3101{n % 16 + 1:02}"},
                "open and red": {"limit": 50, "colour": "red"},
                "search": {"limit": 50, "q": f"x{n * 13 % 5000}"},
                "map": {"box": f"{lon},{lat},{lon + 0.03:.6f},{lat + 0.03:.6f}"},
            }
            for what, params in asked.items():
                path = "/v1/complaint-map" if what == "map" else "/v1/complaints"
                began = time.perf_counter()
                answer = await desk.get(path, params=params)
                taken.setdefault(what, []).append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.text
    return {what: sorted(times)[int(len(times) * 0.99)] for what, times in taken.items()}


async def test_a_million_complaints_are_no_slower_than_ten_thousand(suite: Suite) -> None:
    token = suite.run_cli("credentials", "issue", "--role", "dispatcher", "--days", "1").strip()
    await stored(suite, 1, FEW)
    await lives_per_second(suite, token)  # warm
    few, few_worked = await lives_per_second(suite, token)
    await stored(suite, FEW + 1, MANY)
    many, many_worked = await lives_per_second(suite, token)
    looks = await p99_ms(suite, token)
    said = {
        "lives/s": {FEW: round(few, 1), MANY: round(many, 1)},
        "p99 ms": {k: round(v, 1) for k, v in looks.items()},
        "lives per second of the service's processor time": {FEW: round(few_worked, 1), MANY: round(many_worked, 1)},
    }
    print("\n" + json.dumps(said, ensure_ascii=False, indent=1))
    assert many >= LEAST_LIVES_PER_SECOND
    assert many >= few * (1 - MOST_LOSS)
    assert max(looks.values()) < MOST_P99_MS
