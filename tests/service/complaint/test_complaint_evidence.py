"""What trucks recorded stands beside what citizens say: evidence from the route service, late data, missed stops, orders."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from desk import answered, complaint, detail, step

from services.complaint import tasks
from services.complaint.domain.cases import Case
from services.complaint.domain.evidence import Question
from services.complaint.service import evidence
from shared.client import ApiClient
from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.service.route.rounds import DAY, LAT, LON, METRE, NIGHT, at, judged, lift, planned, send, standing

MISSED = {"category": "missed_collection", "description": "今天没有人来收垃圾", "lon": LON, "district_id": "310104"}


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "route", "complaint", "gateway"]


async def asked(city: City) -> int:
    """Ask the real route service for all evidence that is wanted, as the service's own task does."""
    resources = city.apps["complaint"].state.resources
    await city.settle()
    async with resources.database.read() as session:
        cases = await evidence.wanted(session, 100)
    transport = httpx.ASGITransport(city.edge)
    async with ApiClient("http://city.test", transport=transport) as route:
        for case in cases:
            await tasks.ask_one(resources, route, tasks.ServiceToken(city.settings), case)
    await city.settle()
    return len(cases)


async def reported(desk: httpx.AsyncClient, stop: int, **more: Any) -> str:
    body = complaint(**(MISSED | {"lat": LAT + (200 * (stop - 1) + 20) * METRE, "steps": [{"step": "accept"}]} | more))
    return str((await answered(desk.post("/v1/complaints", json=body)))["case_id"])


async def test_a_false_claim_is_answered_with_when_it_was_served_and_how_many_kg(whole: City) -> None:
    with frozen(NIGHT):
        await planned(whole)
        await send(whole, [*standing(2, 1), lift(2.5, "R1-S1")])
        await judged(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            case_id = await reported(desk, 1)
            assert await asked(whole) == 1
            told = await detail(desk, case_id)
    assert told["evidence"]["outcome"] == "served"
    assert "已收运1次（最近一次11-16 18:02，车辆T-001，46公斤）" in told["evidence"]["sentence_zh"]
    [stop] = told["evidence"]["stops"]
    assert (stop["verdict"], stop["net_kg"], stop["stop_id"]) == ("collected", 46, f"{DAY}:R1:1")
    assert told["missed_stop_ids"] == []
    assert told["evidence"]["sentence_en"] in told["proposed_en"]
    assert told["evidence"]["sentence_zh"] in told["proposed_zh"]
    assert told["history"][-1]["step"] == "evidence"


async def test_a_missed_collection_is_known_and_is_not_filed_twice(whole: City) -> None:
    with frozen(NIGHT):
        await planned(whole)
        await send(whole, [*standing(12, 2), *standing(200, 9)])
        await judged(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            first, second = await reported(desk, 1), await reported(desk, 1, description="垃圾没收走")
            await asked(whole)
            assert (await detail(desk, first))["missed_stop_ids"] == [f"{DAY}:R1:1"]
            await step(desk, first, "file")
            refused = await step(desk, second, "file", status=409)
            assert (refused["code"], first in refused["detail"]) == ("known_already", True)
            [same] = (await answered(desk.get(f"/v1/complaints/{second}/duplicates")))["items"]
            assert (same["case_id"], same["same_missed_stop"]) == (first, True)
            assert (await step(desk, second, {"step": "join", "main_id": first}))["status"] == "joined"


async def test_late_data_renews_the_evidence_and_both_findings_stay_on_record(whole: City) -> None:
    with frozen(NIGHT):
        await planned(whole)
        await judged(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            case_id = await reported(desk, 1)
            await asked(whole)
            assert (await detail(desk, case_id))["evidence"]["outcome"] == "unknown"
            await send(whole, standing(2, 1))
            await judged(whole)
            assert await asked(whole) == 1
            told = await detail(desk, case_id)
    assert told["evidence"]["outcome"] == "served"
    found = [event["changed"]["outcome"] for event in told["history"] if event["step"] == "evidence"]
    assert found == ["unknown", "served"]


async def test_a_truck_is_ordered_and_its_work_brings_the_case_to_its_check(whole: City) -> None:
    with frozen(NIGHT):
        await planned(whole)
        await judged(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            case_id = await reported(desk, 4)
            await step(desk, case_id, "file", {"step": "dispatch", "district_id": "310104"})
            order = {"vehicle_id": "T-002", "stream": "residual"}
            await answered(desk.post(f"/v1/complaints/{case_id}/orders", json=order))
            await answered(desk.post(f"/v1/complaints/{case_id}/orders", json=order), 409)
            await whole.settle()
            held = (await detail(desk, case_id))["order"]
            assert held["status"] == "open"
            given = await answered(desk.get(f"/v1/orders/{held['order_id']}"))
            assert (given["complaint_id"], given["vehicle_id"], given["details"]["stream"]) == (case_id, "T-002", "residual")
    with frozen(NIGHT + timedelta(minutes=20)):
        stood = [one | {"lat": LAT + 620 * METRE} for one in standing(310, 1)]
        await send(whole, stood, "T-002", gapless=False)
        await judged(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            told = await detail(desk, case_id)
            assert (told["order"]["status"], told["status"]) == ("done", "checking")
            assert [event["step"] for event in told["history"]][-3:] == ["order", "take", "finish"]


async def test_an_order_that_cannot_be_given_is_told_to_the_case(whole: City) -> None:
    with frozen(NIGHT):
        await planned(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            case_id = await reported(desk, 4)
            order = {"vehicle_id": "T-404", "stream": "residual"}
            await answered(desk.post(f"/v1/complaints/{case_id}/orders", json=order))
            await whole.settle()
            held = (await detail(desk, case_id))["order"]
        assert (held["status"], held["code"]) == ("not_possible", "unknown_vehicle")
        async with whole.client(Role.DISPATCHER, district_ids=["310112"]) as other:
            theirs = await reported(other, 4, district_id="310112")
            await answered(other.post(f"/v1/complaints/{theirs}/orders", json={"vehicle_id": "T-001", "stream": "residual"}))
            await whole.settle()
            assert (await detail(other, theirs))["order"]["code"] == "foreign"


async def test_the_city_view_counts_open_complaints_by_clock_and_district(whole: City) -> None:
    with frozen(at(0)):
        async with whole.client(Role.DISPATCHER) as desk:
            await reported(desk, 1)
            closing = await reported(desk, 2)
            await step(desk, closing, {"step": "void", "note": "误报"})
            await reported(desk, 3, district_id="310112101")
        await whole.settle()
    with frozen(at(60 * 20)):
        async with whole.client(Role.DISPATCHER) as desk:
            part = (await answered(desk.get("/v1/city")))["complaints"]
    assert (part["open"], part["by_colour"]) == (2, {"yellow": 2})
    assert [(group["key"], group["open"]) for group in part["by_district"]] == [("310104", 1), ("310112101", 1)]


async def test_what_others_are_told_holds_no_words_and_no_people(whole: City, desk: httpx.AsyncClient) -> None:
    from sqlalchemy import text

    case_id = await reported(desk, 1, description="王小明说没有人来收", address="康平路 7 号 502 室")
    await step(desk, case_id, {"step": "contact", "note": "王小明很着急"}, {"step": "answer", "text": "王小明您好"})
    async with whole.apps["complaint"].state.resources.database.read() as session:
        bodies = [row.body for row in await session.execute(text("SELECT body FROM outbox WHERE type = 'complaint.changed.v1'"))]
    assert bodies
    for word in ("王小明", "康平路", "13912345678", "张三丰"):
        assert not any(word in body for body in bodies)


async def test_reports_that_cannot_be_asked_about_do_not_keep_the_others_waiting(
    whole: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight bad rows used to be asked about again and again, and no other ever was."""
    resources = whole.apps["complaint"].state.resources
    question = evidence.question

    def fails_for_the_first(case: Case) -> Question | None:
        if case.description == "bad":
            raise ValueError("a case that nobody foresaw")
        return question(case)

    def in_process(_: str, **__: Any) -> ApiClient:
        return ApiClient("http://city.test", transport=httpx.ASGITransport(whole.edge))

    monkeypatch.setattr(evidence, "question", fails_for_the_first)
    monkeypatch.setattr(tasks, "ApiClient", in_process)
    with frozen(NIGHT):
        await planned(whole)
        async with whole.client(Role.DISPATCHER) as desk:
            for _ in range(tasks.AT_ONCE):
                await reported(desk, 1, description="bad")
            good = await reported(desk, 1)
            task = asyncio.create_task(tasks.ask_for_evidence(resources))
            async with asyncio.timeout(60):
                while (await detail(desk, good))["evidence"] is None:
                    await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert resources.metrics.set_aside.labels("evidence")._value.get() == tasks.AT_ONCE


async def test_a_complaint_that_wants_evidence_wakes_the_task_that_asks_for_it(whole: City) -> None:
    database = whole.apps["complaint"].state.resources.database
    async with whole.client(Role.DISPATCHER) as desk:
        await answered(desk.post("/v1/complaints", json=complaint(category="accumulated_rubble")))
        assert not await database.woken("evidence", 0), "no round could have prevented it"
        await answered(desk.post("/v1/complaints", json=complaint(**MISSED, lat=LAT)))
        assert await database.woken("evidence", 0)
