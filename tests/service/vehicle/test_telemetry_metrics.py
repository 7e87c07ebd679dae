"""What monitoring is told of telemetry: each record once, by what became of it."""

from datetime import UTC, datetime, timedelta

import httpx
from prometheus_client.parser import text_string_to_metric_families
from trucks import lift, position, send

from shared.testing import City


async def counted(city: City, prefix: str = "sanitation_telemetry") -> dict[str, float]:
    """`name{label value}` of what is not nothing."""
    async with city.client() as anybody:
        text = (await anybody.get("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        " ".join([s.name.removeprefix("sanitation_"), *[v for k, v in s.labels.items() if k != "service"]]): s.value
        for s in samples
        if s.name.startswith(prefix) and s.value
    }


def recent(seconds_ago: float, **more: object) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return position(0) | {"at": at.isoformat()} | more


async def test_records_are_counted_by_kind_and_by_what_became_of_them(vehicles: City, truck: httpx.AsyncClient) -> None:
    await send(truck, [position(0), position(1), lift(2), recent(5), recent(4, speed_kmh=400), {"kind": "position", "lon": 1}])
    await send(truck, [position(0), position(1)])
    assert await counted(vehicles) == {
        "telemetry_records_total position": 4,
        "telemetry_records_total bin_lift": 1,
        "telemetry_late_total": 3,  # of 2026-11-16
        "telemetry_flagged_total implausible_speed": 1,
        "telemetry_rejected_total missing": 1,
        "telemetry_duplicates_total": 2,
    }
    groups = await counted(vehicles, "sanitation_group_commit")
    assert groups["group_commit_records_count"] == groups["group_commit_seconds_count"] == 2
    assert groups["group_commit_records_sum"] == 7


async def test_what_was_rolled_back_is_not_counted(vehicles: City, truck: httpx.AsyncClient) -> None:
    resources = vehicles.apps["vehicle"].state.resources
    resources.relay.backlog = resources.settings.outbox_room + 1
    answer = await truck.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [position(0)]})
    assert answer.status_code == 503
    assert await counted(vehicles) == {}
    assert await counted(vehicles, "sanitation_rejected") == {"rejected_total too_busy": 1}


async def test_refused_requests_are_counted_by_their_problem(vehicles: City, truck: httpx.AsyncClient) -> None:
    async with vehicles.client() as nobody:
        assert (await nobody.post("/v1/telemetry", json={})).status_code == 401
        assert (await nobody.get("/v1/nowhere")).status_code == 404
    assert (await truck.post("/v1/telemetry", content=b"{")).status_code == 400
    assert (await truck.post("/v1/telemetry", content=b"x" * 2_000_000)).status_code == 413
    codes = ("unauthenticated", "not_found", "bad_request", "too_large")
    assert await counted(vehicles, "sanitation_rejected") == {f"rejected_total {code}": 1 for code in codes}
