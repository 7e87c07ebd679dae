"""Whoever is judged does not judge, and whoever asks does not decide: appeals and re-checks."""

from datetime import timedelta
from typing import Any

import evaluated
from evaluated import DAY, PERIOD, answered, contracted, furnished, seen, upload

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A, B = evaluated.AREAS
REFUSED: dict[str, Any] = {"accept": True, "reason": "我自己同意"}


async def one_finding(city: City) -> str:
    await furnished(city)
    await contracted(city)
    async with city.client(Role.INSPECTOR) as inspector:
        stored = await upload(inspector, seen("1", f"{A}-0", "litter"))
    finding_id: str = stored["items"][0]["finding_ids"][0]
    return finding_id


async def test_whoever_appealed_against_a_deduction_does_not_decide_it(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await one_finding(whole)
        async with whole.client(Role.ADMIN) as admin, whole.client(Role.ADMIN) as other:
            [line] = (await answered(admin.get("/v1/deductions")))["items"]
            address = f"/v1/deductions/{line['deduction_id']}"
            await answered(admin.post(f"{address}/appeal", json={"reason": "道路封闭"}))
            refused = await answered(admin.post(f"{address}/decision", json=REFUSED), 403)
            assert (refused["code"], "somebody else" in refused["detail"]) == ("four_eyes", True)
            assert (await answered(admin.get(address)))["status"] == "appealed"
            assert (await answered(other.post(f"{address}/decision", json=REFUSED)))["status"] == "withdrawn"


async def test_a_contractor_does_not_decide_on_its_own_appeal_whatever_its_role(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await one_finding(whole)
        async with whole.client(Role.ADMIN) as admin:
            [line] = (await answered(admin.get("/v1/deductions")))["items"]
        address = f"/v1/deductions/{line['deduction_id']}"
        async with whole.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor:
            await answered(contractor.post(f"{address}/appeal", json={"reason": "道路封闭"}))
            await answered(contractor.post(f"{address}/decision", json=REFUSED), 403)
        async with whole.client(Role.ADMIN, contractor_ids=["K-1"]) as mistaken:
            refused = await answered(mistaken.post(f"{address}/decision", json=REFUSED), 403)
            assert "without contractor_ids" in refused["detail"]


async def test_neither_who_published_a_figure_nor_who_appealed_decides_on_it(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await one_finding(whole)
        async with whole.client(Role.ADMIN) as publisher, whole.client(Role.ADMIN) as appellant:
            await answered(publisher.post(f"/v1/index-publications/{PERIOD}/subdistrict", json={}))
            appeal = {"level": "subdistrict", "period": PERIOD, "revision": 1, "area_id": A, "reason": "照片不符"}
            filed = await answered(appellant.post("/v1/index-appeals", json=appeal))
            address = f"/v1/index-appeals/{filed['appeal_id']}/decision"
            for client in (publisher, appellant):
                assert (await answered(client.post(address, json=REFUSED), 403))["code"] == "four_eyes"
        async with whole.client(Role.ADMIN) as third:
            assert (await answered(third.post(address, json=REFUSED)))["status"] == "accepted"
            await answered(third.post(address, json=REFUSED), 404)


async def test_whoever_mended_a_finding_does_not_check_it(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        address = f"/v1/findings-of-inspections/{await one_finding(whole)}"
        async with whole.client(Role.INSPECTOR) as inspector:
            mended = {"person": "李班长", "at": (DAY + timedelta(hours=1)).isoformat()}
            await answered(inspector.post(f"{address}/mend", json=mended))
            refused = await answered(inspector.post(f"{address}/check", json=mended | {"passed": True}), 403)
            assert refused["code"] == "four_eyes"
            passed = await answered(inspector.post(f"{address}/check", json=mended | {"person": "王巡查", "passed": True}))
            assert passed["status"] == "passed"
