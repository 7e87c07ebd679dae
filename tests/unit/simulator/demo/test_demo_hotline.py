"""The demo's hotline: the same calls on every run, and a desk that goes on where a case stands."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.complaint.domain.workflow import RULES, after
from services.simulator.demo.hotline import CALLS_A_DAY, LIFE, calls, due_steps
from shared.vocabulary import ComplaintStatus, ComplaintStep

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALLED = datetime(2026, 5, 4, 8, tzinfo=UTC)


def due(case_id: str, status: str, minutes: float) -> list[str]:
    case = {"case_id": case_id, "status": status, "requested_at": CALLED.isoformat()}
    return [step["step"] for step in due_steps(case, CALLED + timedelta(minutes=minutes))]


def test_a_day_s_calls_are_of_that_day_and_in_order() -> None:
    found = calls(date(2026, 5, 4), SHANGHAI, 1)
    times = [datetime.fromisoformat(call["requested_at"]) for call in found]
    assert len(found) == CALLS_A_DAY == len({call["client_id"] for call in found})
    assert times == sorted(times)
    assert {time.astimezone(SHANGHAI).date() for time in times} == {date(2026, 5, 4)}
    assert any("contact" not in call for call in found)


def test_the_desk_takes_the_workflow_s_own_way() -> None:
    status = ComplaintStatus.RECEIVED
    for _, within, step, _ in LIFE:
        assert status == within
        assert ComplaintStep(step) in RULES
        status = after(status, ComplaintStep(step))
    assert status == ComplaintStatus.CLOSED


def test_a_case_is_led_on_from_where_it_stands_in_its_own_time() -> None:
    assert due("a", "received", 1) == []
    assert due("a", "received", 50)[:3] == ["accept", "file", "dispatch"]
    assert due("a", "dispatched", 2000)[:1] == ["take"]
    ends = {tuple(due(f"case {n}", "handling", 2000))[:1] for n in range(50)}
    assert ends == {("finish",), ()}, "some lie for good, so that clocks run out"
