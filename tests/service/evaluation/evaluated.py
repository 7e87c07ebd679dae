"""Two subdistricts, their places, and what is seen there."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from services.evaluation import rulebooks
from shared.events.base import Event
from shared.testing import City
from shared.vocabulary import Role

DAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
PERIOD = "2026-11"
AREAS = {"310104003": ("徐家汇街道", "Xujiahui"), "310104007": ("田林街道", "Tianlin")}
ROAD = rulebooks.CHECKLISTS.on(date(2026, 11, 2)).checklists["road"].items


async def answered(request: Any, status: int = 200) -> Any:
    answer: httpx.Response = await request
    assert answer.status_code == status, answer.text
    return answer.json()


async def furnished(city: City) -> None:
    async with city.client(Role.ADMIN) as admin:
        for area_id, (zh, en) in AREAS.items():
            await answered(admin.put(f"/v1/areas/{area_id}", json={"name_zh": zh, "name_en": en, "residents": 100_000}))
            for n in range(3):
                place = {
                    "area_id": area_id,
                    "place_type": "road",
                    "name": f"{zh}{n}路",
                    "lon": 121.4,
                    "lat": 31.2,
                    "contractor_id": "K-1",
                }
                await answered(admin.put(f"/v1/places/{area_id}-{n}", json=place))


async def contracted(city: City, fee_fen: int = 10_000_000) -> None:
    async with city.client(Role.ADMIN) as admin:
        contract = {
            "contractor_id": "K-1",
            "name_zh": "洁城环境",
            "name_en": "Clean City",
            "area_ids": ["310104"],
            "fee_month_fen": fee_fen,
            "valid_from": "2026-01-01",
        }
        await answered(admin.put("/v1/contracts/C-1", json=contract))


def seen(client_id: str, place_id: str, *failed: str, hours: float = 0) -> dict[str, Any]:
    answers = {item.code: "fail" if item.code in failed else "pass" for item in ROAD}
    return {
        "client_id": client_id,
        "place_id": place_id,
        "checklist": "road",
        "at": (DAY + timedelta(hours=hours)).isoformat(),
        "answers": answers,
    }


async def upload(client: httpx.AsyncClient, *inspections: dict[str, Any], status: int = 200) -> Any:
    body = {"person": "王巡查", "inspections": list(inspections)}
    return await answered(client.post("/v1/inspection-batches", json=body), status)


async def told(city: City, *events: Event) -> None:
    """What the evaluation service hears: the gateway would want to know every stop's run first."""
    service = city.apps["evaluation"].state
    for event in events:
        async with service.resources.database.transaction() as session:
            await service.service.consumers.handlers[event.type](session, [event])
