"""Everything known of an estate on one page, as late data and other services have it."""

from datetime import date, timedelta
from typing import Any

import evaluated
from evaluated import DAY, answered, told, upload

from services.evaluation import rulebooks
from shared.clock import frozen
from shared.events.complaint import ComplaintChanged
from shared.events.route import StopJudged
from shared.testing import City
from shared.vocabulary import Channel, ComplaintStatus, Role, Verdict, WasteStream

A, B = evaluated.AREAS
ESTATE = rulebooks.CHECKLISTS.on(date(2026, 11, 2)).checklists["estate"].items
LON, LAT = 121.4401, 31.1902


async def an_estate(city: City) -> None:
    async with city.client(Role.ADMIN) as admin:
        await answered(admin.put(f"/v1/areas/{A}", json={"name_zh": "徐家汇街道", "name_en": "Xujiahui", "residents": 100_000}))
        place = {
            "area_id": A,
            "place_type": "estate",
            "name": "汇成苑",
            "lon": LON,
            "lat": LAT,
            "facilities": {"bin_room": 2, "recycling_point": 1},
            "service_point_ids": ["P-1", "P-2"],
        }
        await answered(admin.put("/v1/places/E-1", json=place))


def judged(
    stop_id: str,
    point_id: str,
    verdict: Verdict,
    *,
    revision: int = 1,
    day: date = date(2026, 11, 2),
    stream: WasteStream = WasteStream.RESIDUAL,
    **evidence: Any,
) -> StopJudged:
    return StopJudged(
        stop_id=stop_id,
        run_id="R-1",
        service_day=day,
        revision=revision,
        verdict=verdict,
        previous=Verdict.PLANNED,
        judged_at=DAY + timedelta(minutes=revision),
        district_id=A,
        service_point_id=point_id,
        stream=stream,
        evidence=evidence,
    )


def complained(
    complaint_id: str, *, revision: int = 1, level: int = 0, east: float = 0, status: ComplaintStatus = ComplaintStatus.DISPATCHED
) -> ComplaintChanged:
    return ComplaintChanged(
        complaint_id=complaint_id,
        revision=revision,
        changed_at=DAY,
        channel=next(iter(Channel)),
        category="missed_collection",
        district_id=A,
        status=status,
        open=True,
        requested_at=DAY,
        level=level,
        lon=LON + east,
        lat=LAT,
    )


async def card_of(city: City, **scope: list[str]) -> Any:
    async with city.client(Role.AUDITOR, **scope) as auditor:
        return await answered(auditor.get("/v1/places/E-1/record-card"))


async def test_streams_and_missed_collections_are_those_of_its_service_points_and_late_data_corrects_them(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        # What is told before the place is known belongs to it all the same.
        await told(whole, judged("S-1", "P-1", Verdict.COLLECTED, net_kg=410), judged("S-9", "P-9", Verdict.COLLECTED, net_kg=99))
        await an_estate(whole)
        await told(
            whole,
            judged("S-2", "P-2", Verdict.LATE, net_kg=90, shared_with=["S-8"]),
            judged("S-3", "P-2", Verdict.MISSED),
            judged("S-4", "P-1", Verdict.UNKNOWN),
            judged("S-5", "P-1", Verdict.COLLECTED, net_kg=55, stream=WasteStream.FOOD, day=date(2026, 10, 30)),
            judged("S-6", "P-1", Verdict.COLLECTED, net_kg=70, day=date(2025, 10, 30)),
        )
        card = await card_of(whole)
        assert card["place"]["facilities"] == {"bin_room": 2, "recycling_point": 1}
        residual = {
            "month": "2026-11",
            "stream": "residual",
            "stops": 4,
            "collected": 2,
            "missed": 1,
            "net_kg": 500,
            "shared_kg": 90,
        }
        food = {"month": "2026-10", "stream": "food", "stops": 1, "collected": 1, "missed": 0, "net_kg": 55, "shared_kg": 0}
        assert card["streams"] == [residual, food], "the newest month first; what is older than a year is not shown"
        assert [(one["stop_id"], one["href"]) for one in card["missed"]] == [("S-3", "/v1/stops/S-3")]
        await told(whole, judged("S-3", "P-2", Verdict.COLLECTED, revision=2, net_kg=30), judged("S-3", "P-2", Verdict.MISSED))
        card = await card_of(whole)
        assert card["missed"] == []
        assert card["streams"][0] == residual | {"collected": 3, "missed": 0, "net_kg": 530}


async def test_complaints_near_it_are_on_its_card_until_they_count_for_nothing(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await an_estate(whole)
        await told(whole, complained("Q-1", level=1), complained("Q-2", east=0.0015), complained("Q-3", east=0.0025))
        card = await card_of(whole)
        assert [(one["complaint_id"], one["overdue"]) for one in card["complaints"]] == [("Q-1", True), ("Q-2", False)]
        assert card["complaints"][0]["href"] == "/v1/complaints/Q-1"
        await told(whole, complained("Q-2", east=0.0015, revision=2, status=ComplaintStatus.REJECTED), complained("Q-2", east=0))
        assert [one["complaint_id"] for one in (await card_of(whole))["complaints"]] == ["Q-1"]


async def test_scores_sorting_and_colour_by_month(whole: City) -> None:
    with frozen(DAY + timedelta(hours=3)):
        await an_estate(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            for n, (days, failed) in enumerate(((-40, {"sorting"}), (-33, set()), (0, {"notices"}))):
                answers = {item.code: "fail" if item.code in failed else "pass" for item in ESTATE}
                at = (DAY + timedelta(days=days)).isoformat()
                await upload(
                    inspector, {"client_id": str(n), "place_id": "E-1", "checklist": "estate", "at": at, "answers": answers}
                )
        card = await card_of(whole)
        assert [(one["month"], one["inspections"], one["mean_e4"], one["colour"]) for one in card["trend"]] == [
            ("2026-11", 1, 800_000, "yellow"),
            ("2026-09", 2, 900_000, "yellow"),
        ]
        assert card["sorting"] == {"passed": 2, "asked": 3, "last": "pass"}
        assert (card["colour"], card["findings_open"], len(card["scores"])) == ("yellow", 2, 3)
        async with whole.client(Role.INSPECTOR, district_ids=["310105"]) as other:
            await answered(other.get("/v1/places/E-1/record-card"), 404)
