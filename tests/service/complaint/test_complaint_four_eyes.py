"""Who asks for more time does not approve it."""

from datetime import timedelta
from typing import Any

import httpx
from desk import NOW, step, taken

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

ASK: dict[str, Any] = {"step": "ask_extension", "amount": 1, "unit": "days", "note": "车辆故障", "person": "李坐席"}
APPROVE = {"step": "approve_extension"}


async def test_whoever_asks_for_an_extension_does_not_approve_it(whole: City, desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk, steps=[{"step": "accept"}, {"step": "file"}])
    path = f"/v1/complaints/{case['case_id']}/steps"
    with frozen(NOW + timedelta(hours=1)):
        at_once = await desk.post(path, json={"steps": [ASK, APPROVE]})
        assert (at_once.status_code, at_once.json()["code"]) == (403, "four_eyes")
        await step(desk, case["case_id"], ASK)
        refused = await step(desk, case["case_id"], "approve_extension", status=403)
        assert (refused["code"], "somebody else" in refused["detail"]) == ("four_eyes", True)
        async with whole.client(Role.DISPATCHER) as other:
            same_person = await other.post(path, json={"steps": [APPROVE | {"person": " 李坐席"}]})
            assert (same_person.status_code, same_person.json()["code"]) == (403, "four_eyes")
            longer = await step(other, case["case_id"], APPROVE | {"person": "王科长"})
    assert longer["due_at"] > case["due_at"]


async def test_whoever_asked_may_still_take_it_back(desk: httpx.AsyncClient) -> None:
    with frozen(NOW):
        case = await taken(desk, steps=[{"step": "accept"}, {"step": "file"}])
        await step(desk, case["case_id"], ASK)
        assert (await step(desk, case["case_id"], "refuse_extension"))["due_at"] == case["due_at"]
