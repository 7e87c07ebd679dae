"""An account bound to districts sees its own accounts, plans and places, and nothing tells it that there are others."""

from datetime import timedelta
from typing import Any

import evaluated
import httpx
from evaluated import DAY, PERIOD, answered, furnished, seen, upload

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A, B = evaluated.AREAS
OTHER = "310105001"
MINE: dict[str, list[str]] = {"district_ids": ["310104"]}
CONTRACTS = {"C-1": ("K-1", [A]), "C-2": ("K-1", [OTHER]), "C-3": ("K-2", [A, OTHER]), "C-4": ("K-3", [])}


async def two_districts(city: City) -> None:
    await furnished(city)
    async with city.client(Role.ADMIN) as admin:
        await answered(admin.put(f"/v1/areas/{OTHER}", json={"name_zh": "新华街道", "name_en": "Xinhua", "residents": 80_000}))
        for n, contractor_id in enumerate(("K-1", "K-2", "K-3")):
            place = {
                "area_id": OTHER,
                "place_type": "road",
                "name": f"新华{n}路",
                "lon": 121.4,
                "lat": 31.2,
                "contractor_id": contractor_id,
            }
            await answered(admin.put(f"/v1/places/{OTHER}-{n}", json=place))
        for contract_id, (contractor_id, area_ids) in CONTRACTS.items():
            contract = {
                "contractor_id": contractor_id,
                "name_zh": contractor_id,
                "name_en": contractor_id,
                "area_ids": area_ids,
                "fee_month_fen": 1_000_000,
                "valid_from": "2026-01-01",
            }
            await answered(admin.put(f"/v1/contracts/{contract_id}", json=contract))
    async with city.client(Role.INSPECTOR) as inspector:
        await upload(inspector, seen("1", f"{A}-0", "litter"), *(seen(f"o{n}", f"{OTHER}-{n}", "litter") for n in range(3)))


async def items(client: httpx.AsyncClient, address: str, key: str) -> list[str]:
    return sorted(one[key] for one in (await answered(client.get(address)))["items"])


async def test_accounts_are_those_of_contracts_that_lie_within_the_districts_whole(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await two_districts(whole)
        async with whole.client(Role.ADMIN) as admin:
            every: list[Any] = (await answered(admin.get("/v1/deductions")))["items"]
            for contract_id in CONTRACTS:
                await answered(admin.post(f"/v1/contracts/{contract_id}/statements/{PERIOD}", json={}))
        assert sorted(one["contract_id"] for one in every) == ["C-1", "C-2", "C-3", "C-4"]
        async with whole.client(Role.DISPATCHER, **MINE) as bound:
            assert await items(bound, "/v1/contracts", "contract_id") == ["C-1"]
            assert await items(bound, "/v1/deductions", "contract_id") == ["C-1"]
            for one in every:
                status = 200 if one["contract_id"] == "C-1" else 404
                await answered(bound.get(f"/v1/deductions/{one['deduction_id']}"), status)
                appeal = bound.post(f"/v1/deductions/{one['deduction_id']}/appeal", json={"reason": "道路封闭"})
                await answered(appeal, status)
                await answered(bound.get(f"/v1/contracts/{one['contract_id']}/statements/{PERIOD}"), status)
            record = await answered(bound.get("/v1/contractors/K-1/credit-record"))
            assert [one["contract_id"] for one in record["months"]] == ["C-1"], "the other district's contract is not in it"
            for contractor_id in ("K-2", "K-3", "K-9"):
                await answered(bound.get(f"/v1/contractors/{contractor_id}/credit-record"), 404)
        async with whole.client(Role.DISPATCHER, district_ids=["310104", "310105"]) as both:
            assert await items(both, "/v1/contracts", "contract_id") == ["C-1", "C-2", "C-3"], "C-4 is of the whole city"
        async with whole.client(Role.DISPATCHER, **MINE, contractor_ids=["K-2"]) as neither:
            assert await items(neither, "/v1/deductions", "contract_id") == []
        async with whole.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor:
            assert await items(contractor, "/v1/deductions", "contract_id") == ["C-1", "C-2"]


async def test_an_inspector_has_plans_places_and_inspections_of_its_districts_only(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await two_districts(whole)
        plan = {"period": PERIOD, "seed": "7", "per_type": {"road": 1}, "inspectors": ["王巡查", "李巡查"]}
        async with whole.client(Role.AUDITOR) as auditor:
            drawn = await answered(auditor.put("/v1/inspection-plans/P-1", json=plan))
            others = [
                one["inspection_id"]
                for one in (await answered(auditor.get("/v1/inspections")))["items"]
                if one["area_id"] == OTHER
            ]
            findings = (await answered(auditor.get("/v1/findings-of-inspections", params={"area_id": OTHER})))["items"]
        assert sorted(one["area_id"] for one in drawn["items"]) == [A, B, OTHER]
        async with whole.client(Role.INSPECTOR, **MINE) as bound:
            mine = await answered(bound.get("/v1/inspection-plans/P-1"))
            assert [one["area_id"] for one in mine["items"]] == [A, B]
            assert {one[:9] for one in await items(bound, "/v1/places", "place_id")} == {A, B}
            assert await items(bound, "/v1/inspections", "area_id") == [A]
            await answered(bound.get(f"/v1/places/{A}-0/record-card"))
            await answered(bound.get(f"/v1/places/{OTHER}-0/record-card"), 404)
            for inspection_id in others:
                await answered(bound.get(f"/v1/inspections/{inspection_id}"), 404)
            for one in findings:
                check = {"person": "王巡查", "at": DAY.isoformat(), "passed": True}
                await answered(bound.post(f"/v1/findings-of-inspections/{one['finding_id']}/check", json=check), 404)
                await answered(bound.get(f"/v1/finding-photos/{one['finding_id']}/x"), 404)
            report = await upload(bound, seen("2", f"{A}-1"), seen("3", f"{OTHER}-1"), status=207)
            assert [(one["status"], one["detail"]) for one in report["items"]] == [
                ("stored", None),
                ("rejected", "no such place"),
            ]


async def test_the_office_of_a_district_surveys_and_appeals_for_its_own_areas(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await two_districts(whole)
        async with whole.client(Role.ADMIN) as admin:
            await answered(admin.post(f"/v1/index-publications/{PERIOD}/subdistrict", json={}))
            for area_id in (A, OTHER):
                appeal = {"level": "subdistrict", "period": PERIOD, "revision": 1, "area_id": area_id, "reason": "照片不符"}
                await answered(admin.post("/v1/index-appeals", json=appeal))
        async with whole.client(Role.AUDITOR, **MINE) as bound:
            for area_id, status in ((A, 200), (OTHER, 404)):
                survey = {"area_id": area_id, "at": DAY.isoformat(), "answers": [{"answer_id": "1", "score": 80}]}
                await answered(bound.put(f"/v1/surveys/{area_id}", json=survey), status)
                answers = [{"answer_id": "1", "score": 80.0}] if status == 200 else None
                assert (await answered(bound.get(f"/v1/surveys/{area_id}"), status)).get("answers") == answers
                appeal = {"level": "subdistrict", "period": PERIOD, "revision": 1, "area_id": area_id, "reason": "照片不符"}
                await answered(bound.post("/v1/index-appeals", json=appeal), status)
                page = f"/v1/cleanliness-index/{PERIOD}/areas/{area_id}"
                [observed, *_] = (await answered(bound.get(page)))["observations"]
                await answered(bound.get(f"/v1/observations/{observed['observation_id']}"), status)
            assert set(await items(bound, "/v1/index-appeals", "area_id")) == {A}
