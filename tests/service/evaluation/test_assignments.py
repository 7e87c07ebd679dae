"""What an inspector has to look at this month, and what is done of it."""

from datetime import timedelta
from typing import Any

import evaluated
import jwt
from evaluated import DAY, PERIOD, answered, furnished, seen

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A, B = evaluated.AREAS


async def drawn(city: City, inspectors: list[str]) -> None:
    async with city.client(Role.AUDITOR) as office:
        plan = {"period": PERIOD, "seed": "7", "per_type": {"road": 3}, "inspectors": inspectors}
        await answered(office.put("/v1/inspection-plans/P-1", json=plan))


async def assigned(client: Any, **params: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await answered(client.get("/v1/inspection-assignments", params=params)))["items"]
    return items


async def test_an_inspector_sees_what_was_drawn_for_the_name_or_the_credential_and_nobody_else_s(whole: City) -> None:
    with frozen(DAY):
        await furnished(whole)
        token = whole.token(Role.INSPECTOR)
        token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
        await drawn(whole, ["王巡查", token_id])
        async with whole.client() as inspector:
            inspector.headers["Authorization"] = f"Bearer {token}"
            own = await assigned(inspector)
            with_name = await assigned(inspector, inspector="王巡查")
        async with whole.client(Role.INSPECTOR) as other:
            by_name = await assigned(other, inspector="王巡查")
            assert await assigned(other) == []
    assert len(own) + len(by_name) == len(with_name) == 6
    assert {one["place_id"] for one in own} & {one["place_id"] for one in by_name} == set()
    assert {(one["checklist"], one["plan_id"], one["inspected_at"]) for one in with_name} == {("road", "P-1", None)}


async def test_what_is_inspected_comes_last_and_other_districts_and_months_not_at_all(whole: City) -> None:
    with frozen(DAY):
        await furnished(whole)
        await drawn(whole, ["I"])
        async with whole.client(Role.INSPECTOR) as inspector:
            first = (await assigned(inspector, inspector="I"))[0]["place_id"]
            body = {"person": "I", "inspections": [seen("1", first) | {"plan_id": "P-1"}]}
            await answered(inspector.post("/v1/inspection-batches", json=body))
            left = await assigned(inspector, inspector="I")
        assert [one["place_id"] for one in left if one["inspected_at"]] == [first] == [left[-1]["place_id"]]
        async with whole.client(Role.INSPECTOR, district_ids=[B]) as bound:
            assert {one["area_id"] for one in await assigned(bound, inspector="I")} == {B}
    with frozen(DAY + timedelta(days=40)):
        async with whole.client(Role.INSPECTOR) as inspector:
            assert await assigned(inspector, inspector="I") == []


async def test_an_inspection_sent_again_still_names_its_findings(whole: City) -> None:
    with frozen(DAY + timedelta(hours=1)):
        await furnished(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            first, second = [await evaluated.upload(inspector, seen("1", f"{A}-0", "litter")) for _ in range(2)]
    assert second["duplicates"] == 1
    assert len(first["items"][0]["finding_ids"]) == 1
    assert second["items"][0]["finding_ids"] == first["items"][0]["finding_ids"]
