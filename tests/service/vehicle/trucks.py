"""Records that a truck sends, and what the service says of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def position(second: float, lon: float = 121.43, lat: float = 31.18, **more: Any) -> dict[str, Any]:
    return {"kind": "position", "at": (START + timedelta(seconds=second)).isoformat(), "lon": lon, "lat": lat} | more


def lift(second: float, net_kg: int = 40, **more: Any) -> dict[str, Any]:
    return {"kind": "bin_lift", "at": (START + timedelta(seconds=second)).isoformat(), "net_kg": net_kg} | more


async def send(client: httpx.AsyncClient, records: list[dict[str, Any]], vehicle_id: str = "T-1") -> dict[str, Any]:
    answer = await client.post("/v1/telemetry", json={"vehicle_id": vehicle_id, "records": records})
    assert answer.status_code in {200, 207}, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def track(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    window = {"from": "1970-01-02T00:00:00Z", "to": "2199-01-01T00:00:00Z", "limit": 10_000}
    answer = await client.get("/v1/vehicles/T-1/track", params=window | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


async def alerts(client: httpx.AsyncClient) -> list[tuple[str, str, str, str | None, float]]:
    """Alerts that count (withdrawn ones do not), oldest first: kind, subject, opened, closed, value."""
    found = (await client.get("/v1/alerts", params={"limit": 1000})).json()["items"]
    shown = [
        (a["kind"], a["subject_id"], a["opened_at"], a["closed_at"], a["value"]) for a in found if a["status"] != "withdrawn"
    ]
    return sorted(shown, key=lambda a: (a[2], a[0], a[1]))
