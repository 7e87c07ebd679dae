"""A small transfer station, its trucks, and what they do there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.testing import City
from shared.vocabulary import Role

MORNING = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
LON, LAT = 121.40, 31.20
STATION = {
    "name_zh": "徐浦中转站",
    "name_en": "Xupu transfer station",
    "lon": LON,
    "lat": LAT,
    "gate_radius_m": 150,
    "district_id": "310104",
    "capacity_kg": {"residual": 20_000, "food": 8_000},
    "bays": [{"bay_id": "B1", "streams": ["residual"]}, {"bay_id": "B2", "streams": ["food"]}],
    "compactors": [{"compactor_id": "C1"}],
}
TRUCKS = [
    {
        "vehicle_id": "T-1",
        "plate": "沪A12345",
        "kind": "compactor",
        "tare_kg": 8_000,
        "district_id": "310104003",
        "contractor_id": "K-1",
    },
    {
        "vehicle_id": "T-2",
        "plate": "沪B67890",
        "kind": "compactor",
        "tare_kg": 8_100,
        "district_id": "310112101",
        "contractor_id": "K-2",
    },
]


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


async def answered(request: Any, status: int = 200) -> Any:
    answer: httpx.Response = await request
    assert answer.status_code == status, answer.text
    return answer.json()


async def furnished(city: City, *, trucks: bool = True) -> None:
    async with city.client(Role.ADMIN) as admin:
        await answered(admin.put("/v1/stations/S-1", json=STATION))
        if trucks:
            await answered(admin.post("/v1/vehicle-imports", json={"vehicles": TRUCKS}))
            await city.settle()


async def weigh_in(client: httpx.AsyncClient, number: str, minutes: float = 0, status: int = 200, **more: Any) -> Any:
    body = {
        "client_id": number,
        "number": number,
        "plate": "沪A12345",
        "stream": "residual",
        "gross_kg": 12_000,
        "at": at(minutes).isoformat(),
        **more,
    }
    return await answered(client.post("/v1/stations/S-1/weigh-ins", json=body), status)


async def bay(client: httpx.AsyncClient, ticket: Any, bay_id: str = "B1", minutes: float = 5, status: int = 200) -> Any:
    body = {"bay_id": bay_id, "at": at(minutes).isoformat()}
    return await answered(client.post(f"/v1/tickets/{ticket['ticket_id']}/bay", json=body), status)


async def weigh_out(client: httpx.AsyncClient, ticket: Any, minutes: float = 10, status: int = 200, **more: Any) -> Any:
    body = {"tare_kg": 8_000, "at": at(minutes).isoformat(), **more}
    return await answered(client.post(f"/v1/tickets/{ticket['ticket_id']}/weigh-out", json=body), status)


async def tipped(client: httpx.AsyncClient, number: str, minutes: float, net_kg: int, **more: Any) -> Any:
    ticket = await weigh_in(client, number, minutes, gross_kg=8_000 + net_kg, **more)
    return await weigh_out(client, ticket, minutes + 10)


async def hauled(client: httpx.AsyncClient, seal: str, minutes: float, net_kg: int, status: int = 200, **more: Any) -> Any:
    body = {"seal_number": seal, "stream": "residual", "at": at(minutes - 5).isoformat()}
    await answered(client.post("/v1/stations/S-1/containers/C-9/seal", json=body))
    haul = {
        "station_id": "S-1",
        "container_id": "C-9",
        "seal_number": seal,
        "destination_plant_id": "P-1",
        "plate": "沪C11111",
        "net_kg": net_kg,
        "left_at": at(minutes).isoformat(),
        **more,
    }
    return await answered(client.post("/v1/hauls", json=haul), status)


async def at_gate(city: City, vehicle_id: str, *minutes: float) -> None:
    fixes = [
        {"kind": "position", "at": at(minute).isoformat(), "lon": LON + 0.0005, "lat": LAT, "speed_kmh": 5} for minute in minutes
    ]
    async with city.client(Role.DEVICE, vehicle_ids=[vehicle_id]) as truck:
        await answered(truck.post("/v1/telemetry", json={"vehicle_id": vehicle_id, "records": fixes}))
    await city.settle()


async def told(city: City, kind: str) -> list[dict[str, Any]]:
    """What the gateway holds of an event type, newest of each."""
    from sqlalchemy import text

    await city.settle()
    async with city.apps["gateway"].state.resources.database.read() as session:
        rows = await session.execute(
            text("SELECT fact FROM city_site_fact WHERE type = :type ORDER BY fact_id"),
            {"type": f"transfer_station.{kind}.v1"},
        )
        facts = [row.fact for row in rows]
    from pydantic_core import from_json

    return [from_json(fact) if isinstance(fact, str) else fact for fact in facts]
