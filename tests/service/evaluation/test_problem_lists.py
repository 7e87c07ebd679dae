"""A week's problem list: what was found, where, and what is still open."""

from datetime import timedelta

import evaluated
from evaluated import DAY, answered, furnished, seen, upload

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A, B = evaluated.AREAS
ADDRESS = "/v1/inspection-problems"


async def test_a_week_lists_what_was_found_in_it_by_subdistrict_and_item(whole: City) -> None:
    with frozen(DAY + timedelta(hours=5)):
        await furnished(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            # 1 November is a Sunday: it belongs to the week before.
            stored = await upload(
                inspector,
                seen("1", f"{A}-0", "litter"),
                seen("2", f"{A}-1", "litter", "exposed"),
                seen("3", f"{A}-0", "litter"),
                seen("4", f"{B}-0", "litter"),
                seen("5", f"{B}-0", "litter", hours=-24),
            )
            void, mended = stored["items"][3], stored["items"][0]["finding_ids"][0]
            body = {"person": "李班长", "at": DAY.isoformat()}
            await answered(inspector.post(f"/v1/findings-of-inspections/{mended}/mend", json=body))
            check = {"person": "王巡查", "at": DAY.isoformat(), "passed": True}
            await answered(inspector.post(f"/v1/findings-of-inspections/{mended}/check", json=check))
        async with whole.client(Role.AUDITOR) as auditor:
            page = await answered(auditor.get(ADDRESS, params={"week": "2026-W45"}))
            assert (page["first"], page["last"]) == ("2026-11-02", "2026-11-08")
            found = [
                (one["area_id"], one["item"], one["zh"], one["found"], one["open"], one["overdue"], one["places"])
                for one in page["items"]
            ]
            litter, exposed = "路面无垃圾杂物", "无暴露垃圾"
            # Those never mended were due four hours later.
            assert found == [
                (A, "litter", litter, 3, 2, 2, 2),
                (A, "exposed", exposed, 1, 1, 1, 1),
                (B, "litter", litter, 1, 1, 1, 1),
            ]
            await answered(auditor.post(f"/v1/inspections/{void['inspection_id']}/void", json={"reason": "wrong road"}))
            page = await answered(auditor.get(ADDRESS, params={"week": "2026-W45"}))
            assert {one["area_id"] for one in page["items"]} == {A}, "what is withdrawn is no problem"
            before = await answered(auditor.get(ADDRESS, params={"week": "2026-W44"}))
            assert [(one["area_id"], one["found"]) for one in before["items"]] == [(B, 1)]
            csv = await auditor.get(ADDRESS, params={"week": "2026-W45", "format": "csv"})
            assert csv.text.splitlines()[1].split(",")[:3] == [A, "road", litter]
            assert (await auditor.get(ADDRESS, params={"week": "2026-W45", "format": "xlsx"})).content.startswith(b"PK")
            for wrong, status in (("2026-W54", 400), ("2026-45", 422), ("9999-W52", 422)):
                await answered(auditor.get(ADDRESS, params={"week": wrong}), status)
        async with whole.client(Role.INSPECTOR, district_ids=[B]) as bound:
            assert (await answered(bound.get(ADDRESS, params={"week": "2026-W45"})))["items"] == []
