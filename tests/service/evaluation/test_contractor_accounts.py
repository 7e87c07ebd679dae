"""What others tell becomes a contractor's deductions, and goes away again when later data or an appeal says so."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import evaluated
import pytest
from evaluated import DAY, PERIOD, answered, contracted, furnished, seen, told, upload
from PIL import Image

from shared.clock import frozen
from shared.events.base import Event
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged
from shared.events.transfer_station import StationAlarmChanged
from shared.setting_aside import SetAside
from shared.testing import City
from shared.vocabulary import AlertStatus, Channel, ComplaintStatus, Role, StationAlarmKind, Verdict

A, B = evaluated.AREAS
STATEMENT = f"/v1/contracts/C-1/statements/{PERIOD}"


@pytest.fixture
def city_services() -> Sequence[str]:
    return ["vehicle", "transfer_station", "evaluation", "gateway"]


def judged(stop_id: str, verdict: Verdict, revision: int = 1, contractor_id: str = "K-1") -> StopJudged:
    return StopJudged(
        stop_id=stop_id,
        run_id="R-1",
        service_day=date(2026, 11, 2),
        revision=revision,
        verdict=verdict,
        previous=Verdict.PLANNED,
        judged_at=DAY + timedelta(minutes=revision),
        contractor_id=contractor_id,
        district_id=A,
    )


def complained(complaint_id: str, revision: int = 1, level: int = 1) -> ComplaintChanged:
    return ComplaintChanged(
        complaint_id=complaint_id,
        revision=revision,
        changed_at=DAY,
        channel=next(iter(Channel)),
        category="missed_collection",
        district_id=A,
        contractor_id="K-1",
        status=ComplaintStatus.DISPATCHED,
        open=True,
        requested_at=DAY,
        level=level,
    )


async def statement(city: City, revision: int | None = 0) -> Any:
    async with city.client(Role.AUDITOR) as office:
        params = {} if revision is None else {"revision": revision}
        return await answered(office.get(STATEMENT, params=params))


async def test_a_late_batch_exonerates_the_contractor_to_the_fen(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await contracted(whole)
        clean = await statement(whole)
        assert (clean["payable_fen"], clean["lines"]) == (10_000_000, [])
        await told(whole, judged("S-1", Verdict.MISSED), judged("S-2", Verdict.COLLECTED))
        blamed = await statement(whole)
        [line] = blamed["lines"]
        assert (line["rule"], line["points_e2"], line["fen"], blamed["payable_fen"]) == ("missed_stop", 200, 10_000, 9_990_000)
        assert line["evidence"] == [{"kind": "stop", "id": "S-1", "href": "/v1/stops/S-1"}]
        await told(whole, judged("S-1", Verdict.COLLECTED, 2))
        assert await statement(whole) == clean
        await told(whole, judged("S-1", Verdict.MISSED, 1))
        assert await statement(whole) == clean, "an older verdict never overwrites a newer one"
        async with whole.client(Role.AUDITOR) as office:
            detail = await answered(office.get(line["href"]))
        assert [one["reason"] for one in detail["history"]] == ["arose", "later data took it back"]


async def test_an_accepted_appeal_outlasts_what_comes_later_and_a_refused_one_changes_nothing(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await contracted(whole)
        clean = await statement(whole)
        await told(whole, judged("S-1", Verdict.MISSED))
        blamed = await statement(whole)
        address = blamed["lines"][0]["href"]
        async with whole.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor, whole.client(Role.ADMIN) as admin:
            async with whole.client(Role.DISPATCHER, contractor_ids=["K-2"]) as other:
                await answered(other.get(address), 404)
            appealed = await answered(contractor.post(f"{address}/appeal", json={"reason": "道路封闭"}))
            assert appealed["status"] == "appealed"
            assert (await statement(whole))["payable_fen"] == blamed["payable_fen"], "it holds until it is decided"
            await answered(admin.post(f"{address}/decision", json={"accept": True, "reason": "封路属实"}))
            await told(whole, judged("S-1", Verdict.MISSED, 3))
            assert await statement(whole) == clean
            await told(whole, complained("Q-1"))
            [line] = (await statement(whole))["lines"]
            await answered(contractor.post(f"{line['href']}/appeal", json={"reason": "已处理"}))
            await answered(admin.post(f"{line['href']}/decision", json={"accept": False, "reason": "超期属实"}))
            assert [one["status"] for one in (await statement(whole))["lines"]] == ["upheld"]
        with frozen(DAY + timedelta(days=30)):
            await told(whole, judged("S-9", Verdict.MISSED))
        late = next(one for one in (await statement(whole))["lines"] if one["rule"] == "missed_stop")["href"]
    with frozen(DAY + timedelta(days=41)):
        async with whole.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor:
            refused = await answered(contractor.post(f"{late}/appeal", json={"reason": "太晚"}), 409)
            assert refused["code"] == "appeal_too_late"


async def test_whatever_the_order_in_which_facts_come_index_and_statement_are_the_same(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await furnished(whole)
        await contracted(whole)
        told_of: list[Any] = []
        for n, order in enumerate(permutations(range(3))):
            facts: list[Event] = [judged(f"S-{n}", Verdict.MISSED, 1), judged(f"S-{n}", Verdict.LATE, 2), complained(f"Q-{n}")]
            for place in order:
                await told(whole, facts[place])
            lines = (await statement(whole))["lines"]
            told_of.append(len(lines))
        assert told_of == [1, 2, 3, 4, 5, 6], "of each round only the complaint is left: the stop was late, not missed"
        async with whole.client(Role.AUDITOR) as auditor:
            page = await answered(auditor.get("/v1/cleanliness-index", params={"period": PERIOD, "revision": 0}))
        [row] = [row for row in page["items"] if row["area_id"] == A]
        assert row["sums"]["not_missed"][:2] == [6, 6_000_000]
        assert row["sums"]["punctuality"][:2] == [6, 0]
        assert row["sums"]["complaints"][0] == 6


async def test_a_wrong_bay_finds_its_contractor_when_the_truck_is_known(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await contracted(whole)
        alarm = StationAlarmChanged(
            alarm_id="X-1",
            revision=1,
            station_id="S-1",
            kind=StationAlarmKind.WRONG_BAY,
            status=AlertStatus.OPEN,
            ticket_id="T-9",
            vehicle_id="V-1",
            opened_at=DAY,
            changed_at=DAY,
        )
        await told(whole, alarm)
        assert (await statement(whole))["lines"] == []
        truck = {
            "vehicle_id": "V-1",
            "plate": "沪A12345",
            "kind": "compactor",
            "tare_kg": 8_000,
            "district_id": A,
            "contractor_id": "K-1",
        }
        async with whole.client(Role.ADMIN) as admin:
            await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}))
        await whole.settle()
        assert [line["rule"] for line in (await statement(whole))["lines"]] == ["wrong_bay"]
        await told(whole, alarm.model_copy(update={"revision": 2, "status": AlertStatus.WITHDRAWN}))
        assert (await statement(whole))["lines"] == []


async def test_a_settled_month_stays_and_its_correction_is_the_next_revision(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await contracted(whole)
        await told(whole, judged("S-1", Verdict.MISSED))
        async with whole.client(Role.ADMIN) as admin:
            first = await answered(admin.post(STATEMENT, json={}))
            assert await answered(admin.post(STATEMENT, json={})) == first
            await told(whole, judged("S-1", Verdict.COLLECTED, 2))
            assert (await answered(admin.post(STATEMENT, json={}), 409))["code"] == "already_settled"
            second = await answered(admin.post(STATEMENT, json={"reason": "late positions"}))
            assert (second["revision"], second["payable_fen"]) == (2, 10_000_000)
            assert await statement(whole, 1) == first
            pdf = await admin.get(STATEMENT, params={"format": "pdf", "revision": 1})
            assert pdf.content.startswith(b"%PDF")
            assert b"STSong-Light" in pdf.content
            assert (await admin.get(STATEMENT, params={"format": "pdf", "revision": 1})).content == pdf.content
            xlsx = await admin.get(STATEMENT, params={"format": "xlsx"})
            assert xlsx.content.startswith(b"PK")
            record = await answered(admin.get("/v1/contractors/K-1/credit-record"))
        assert record["years"] == [{"year": 2026, "months": 1, "mean_points_e2": 10_000, "deducted_fen": 0}]


async def test_a_finding_is_mended_in_time_or_costs_twice(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await furnished(whole)
        await contracted(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            stored = await upload(inspector, seen("1", f"{A}-0", "litter"), seen("2", f"{A}-1", "litter"))
            first, second = (item["finding_ids"][0] for item in stored["items"])
            mended = {"person": "李班长", "at": (DAY + timedelta(hours=1)).isoformat()}
            await answered(inspector.post(f"/v1/findings-of-inspections/{first}/mend", json=mended))
    with frozen(DAY + timedelta(hours=5)):
        from services.evaluation.service import rectifications

        async with whole.apps["evaluation"].state.resources.database.transaction() as session:
            assert await rectifications.judge_due(session, whole.settings.zone, SetAside("due")) == 1
        rules = sorted(line["rule"] for line in (await statement(whole))["lines"])
        assert rules == ["finding_minor", "finding_minor", "rectification_overdue"]
        async with whole.client(Role.INSPECTOR) as inspector:
            address = f"/v1/findings-of-inspections/{second}"
            assert (await answered(inspector.get(address)))["overdue"]
            late_word = {"person": "李班长", "at": (DAY + timedelta(hours=2)).isoformat()}
            found = await answered(inspector.post(f"{address}/mend", json=late_word))
            assert not found["overdue"], "late word of a timely mending counts at its own time"
            passed = {"person": "王巡查", "at": (DAY + timedelta(hours=5)).isoformat(), "passed": True}
            assert (await answered(inspector.post(f"{address}/check", json=passed)))["status"] == "passed"
            card = await answered(inspector.get(f"/v1/places/{A}-1/record-card"))
            assert (card["colour"], card["findings_open"], card["findings_mended"]) == ("red", 0, 1)
        assert [line["rule"] for line in (await statement(whole))["lines"]] == ["finding_minor", "finding_minor"]


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "grey").save(file, "JPEG")
    return file.getvalue()


async def test_a_finding_of_others_does_not_exist_for_a_bound_dispatcher(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await furnished(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            stored = await upload(inspector, seen("1", f"{A}-0", "litter"))
            finding_id = stored["items"][0]["finding_ids"][0]
            posted = await inspector.post(f"/v1/finding-photos?finding_id={finding_id}", content=picture())
        photo = f"/v1/finding-photos/{finding_id}/{posted.json()['photo_id']}"
        address, mended = f"/v1/findings-of-inspections/{finding_id}", {"person": "李班长", "at": DAY.isoformat()}
        scopes: list[tuple[dict[str, list[str]], bool]] = [
            ({"contractor_ids": ["K-2"]}, False),
            ({"district_ids": [B]}, False),
            ({"district_ids": ["310105"]}, False),
            ({"contractor_ids": ["K-1"]}, True),
            ({"district_ids": ["310104"], "contractor_ids": ["K-1"]}, True),
            ({}, True),
        ]
        for scope, sees in scopes:
            async with whole.client(Role.DISPATCHER, **scope) as dispatcher:
                page = await answered(dispatcher.get("/v1/findings-of-inspections"))
                assert [one["finding_id"] for one in page["items"]] == ([finding_id] if sees else []), scope
                await answered(dispatcher.get(address), 200 if sees else 404)
                assert (await dispatcher.get(photo)).status_code == (200 if sees else 404), "who may appeal sees the evidence"
                await answered(dispatcher.post(f"{address}/mend", json=mended), 200 if sees else 404)
