"""The demo's quality office: complete answers, the same on every run, nothing of the future."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.evaluation import rulebooks
from services.simulator.demo import quality
from shared.bodies import as_json

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHECKLISTS = rulebooks.CHECKLISTS.on(date(2026, 5, 1)).checklists
ANSWERED = as_json(CHECKLISTS)
"""As GET /v1/checklists answers them."""


def test_every_inspection_answers_its_checklist_and_fits_its_place() -> None:
    month = datetime(2026, 5, 1, tzinfo=SHANGHAI)
    found = list(quality.inspections(month, month + timedelta(days=31), ANSWERED))
    assert len(found) == len(quality.places()) * quality.VISITS_A_MONTH
    assert found == list(quality.inspections(month, month + timedelta(days=31), ANSWERED))
    for one in found:
        checklist = CHECKLISTS[one["checklist"]]
        assert checklist.place_type == quality.places()[one["place_id"]]["place_type"]
        assert checklist.wrong_answers(one["answers"]) is None
        assert month <= datetime.fromisoformat(one["at"]) < month + timedelta(days=31)
    assert len({CHECKLISTS[one["checklist"]].score(one["answers"]) for one in found}) > 1


def test_nothing_is_told_of_the_future() -> None:
    month, until = datetime(2026, 5, 1, tzinfo=SHANGHAI), datetime(2026, 5, 9, tzinfo=SHANGHAI)
    assert all(datetime.fromisoformat(one["at"]) < until for one in quality.inspections(month, until, ANSWERED))
    assert quality.surveys(month, until) == {}
    assert len(quality.surveys(month, month + timedelta(days=20))) == len(quality.areas()) - 1


def test_the_last_month_is_found_over_the_turn_of_the_year() -> None:
    last, this = quality.months(datetime(2025, 12, 31, 17, tzinfo=UTC), SHANGHAI)
    assert (last, this) == (datetime(2025, 12, 1, tzinfo=SHANGHAI), datetime(2026, 1, 1, tzinfo=SHANGHAI))
