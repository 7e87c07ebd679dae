"""The demo city's quality office: areas, places, inspections and surveys of this month and the last, contracts. All made up."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.demo import city as demo_city

DISTRICT = ("310104", "徐汇区", "Xuhui District")
CONTRACTORS = 4
FEE_MONTH_FEN = 90_000_000
INSPECTOR = "演示巡查员"
PLACE_TYPES = {"road": "路段", "estate": "小区", "public_toilet": "公厕", "market": "菜场"}
VISITS_A_MONTH, SURVEYED = 2, 20
MENDED, MENDED_AFTER = 0.8, timedelta(hours=3)
FIRST_VISIT_DAY, DAYS_BETWEEN = 2, 11

Checklists = Mapping[str, Mapping[str, Any]]
"""As GET /v1/checklists answers them, by id."""


def areas() -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/areas/{area_id}."""
    rng = Random(f"{demo_city.SEED}:residents")
    bodies: dict[str, dict[str, Any]] = {
        one.code: {"name_zh": one.name_zh, "name_en": one.name_en, "residents": rng.randrange(40_000, 130_000, 1000)}
        for one in demo_city.subdistricts()
    }
    code, name_zh, name_en = DISTRICT
    residents = sum(one["residents"] for one in bodies.values())
    return bodies | {code: {"name_zh": name_zh, "name_en": name_en, "residents": residents}}


def contracts() -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/contracts/{contract_id}."""
    return {
        f"DEMO-K{n}": {
            "contractor_id": f"DEMO-C{n}",
            "name_zh": f"演示环卫作业合同 {n}",
            "name_en": f"Demo sanitation contract {n}",
            "area_ids": [DISTRICT[0]],
            "fee_month_fen": FEE_MONTH_FEN + n * 7_500_000,
            "valid_from": "2020-01-01",
        }
        for n in range(1, CONTRACTORS + 1)
    }


def places() -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/places/{place_id}: one of each type in each subdistrict."""
    bodies: dict[str, dict[str, Any]] = {}
    for number, subdistrict in enumerate(demo_city.subdistricts()):
        for nth, (place_type, word) in enumerate(PLACE_TYPES.items()):
            point = demo_city.points(subdistrict)[7 + 15 * nth]
            bodies[f"DEMO-Q-{subdistrict.code[-3:]}-{place_type}"] = {
                "area_id": subdistrict.code,
                "place_type": place_type,
                "name": f"演示 {subdistrict.name_zh}{word}",
                "lon": point.lon,
                "lat": point.lat,
                "contractor_id": f"DEMO-C{1 + (number + nth) % CONTRACTORS}",
            }
    return bodies


def plan(month: datetime) -> dict[str, Any]:
    """The body of PUT /v1/inspection-plans/{plan_id}: one place of each type in each subdistrict."""
    one_each = dict.fromkeys(PLACE_TYPES, 1)
    return {"period": f"{month:%Y-%m}", "seed": f"demo-{month:%Y-%m}", "per_type": one_each, "inspectors": [INSPECTOR]}


def inspections(month: datetime, until: datetime, checklists: Checklists) -> Iterator[dict[str, Any]]:
    """Of the month that begins at `month`, as far as they are before `until`; the same on every run."""
    by_type = {one["place_type"]: (key, one["items"]) for key, one in checklists.items()}
    for place_id, place in places().items():
        checklist, items = by_type[place["place_type"]]
        careless = Random(f"{place['area_id']}:{place['contractor_id']}").uniform(0, 0.16)
        for visit in range(VISITS_A_MONTH):
            client_id = f"demo-{month:%Y-%m}-{place_id}-{visit}"
            rng = Random(client_id)
            at = month + timedelta(days=FIRST_VISIT_DAY + visit * DAYS_BETWEEN + rng.randrange(9), minutes=rng.randint(480, 1080))
            if at < until:
                answers = {item["code"]: _answer(rng, careless, veto=item["veto"]) for item in items}
                about = {"client_id": client_id, "place_id": place_id, "checklist": checklist, "at": at.isoformat()}
                yield about | {"answers": answers}


def _answer(rng: Random, careless: float, *, veto: bool) -> str:
    return "fail" if rng.random() < careless and not veto else "pass"


def is_mended(finding_id: str) -> bool:
    return Random(finding_id).random() < MENDED


def surveys(month: datetime, until: datetime) -> dict[str, dict[str, Any]]:
    """Bodies of PUT /v1/surveys/{survey_id}: residents asked in the middle of the month."""
    at, found = month + timedelta(days=14, hours=10), {}
    for subdistrict in demo_city.subdistricts() if at < until else ():
        survey_id = f"demo-{month:%Y-%m}-{subdistrict.code}"
        rng = Random(survey_id)
        answers = [{"answer_id": f"{n}", "score": rng.choice((70, 80, 90, 90, 95, 100, 100))} for n in range(SURVEYED)]
        found[survey_id] = {"area_id": subdistrict.code, "at": at.isoformat(), "answers": answers}
    return found


def months(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The beginnings of the last month and of this one."""
    this = at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (this - timedelta(days=1)).replace(day=1), this
