"""A hotline's desk, and what comes in there."""

from datetime import UTC, datetime
from typing import Any

import httpx

NOW = datetime(2025, 11, 17, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai; past, so that tokens of today hold
LON, LAT = 121.40, 31.20
CONTACT = {"name": "张三丰", "phone": "13912345678", "email": "zhang@example.cn"}


async def answered(request: Any, status: int = 200) -> Any:
    answer: httpx.Response = await request
    assert answer.status_code == status, answer.text
    return answer.json()


def complaint(**more: Any) -> dict[str, Any]:
    body = {"category": "bin_overflow", "description": "小区门口垃圾桶满溢，两天没有人来收", "lon": LON, "lat": LAT}
    return body | {"district_id": "310104003", "address": "漕溪北路 41 号", "contact": CONTACT} | more


async def taken(desk: httpx.AsyncClient, **more: Any) -> Any:
    return await answered(desk.post("/v1/complaints", json=complaint(**more)))


async def step(desk: httpx.AsyncClient, case_id: str, *steps: str | dict[str, Any], status: int = 200) -> Any:
    bodies = [{"step": one} if isinstance(one, str) else one for one in steps]
    return await answered(desk.post(f"/v1/complaints/{case_id}/steps", json={"steps": bodies}), status)


async def detail(desk: httpx.AsyncClient, case_id: str) -> Any:
    return await answered(desk.get(f"/v1/complaints/{case_id}"))


TO_CONTRACTOR = {"step": "dispatch", "contractor_id": "K-1"}
REPLY = {"step": "reply", "text": "已清运，谢谢您的监督。"}
HAPPY = {"step": "call_back", "solved": True, "satisfaction": "satisfied"}
