"""What an event of another service says against a contractor, with links to the evidence."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.evaluation.service.event_handlers import _alarm
from shared.events.transfer_station import StationAlarmChanged
from shared.vocabulary import AlertStatus, StationAlarmKind

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)


def wrong_bay(ticket_id: str | None) -> StationAlarmChanged:
    return StationAlarmChanged(
        alarm_id="A-1",
        revision=1,
        station_id="S-1",
        kind=StationAlarmKind.WRONG_BAY,
        status=AlertStatus.OPEN,
        ticket_id=ticket_id,
        opened_at=AT,
        changed_at=AT,
    )


def test_a_wrong_bay_links_to_its_alarm_and_its_ticket() -> None:
    links = [evidence.href for evidence in _alarm(wrong_bay("X-1"), ZoneInfo("Asia/Shanghai")).evidence]
    assert links == ["/v1/station-alarms/A-1", "/v1/tickets/X-1"]


def test_an_alarm_without_a_ticket_links_to_none() -> None:
    links = [evidence.href for evidence in _alarm(wrong_bay(None), ZoneInfo("Asia/Shanghai")).evidence]
    assert links == ["/v1/station-alarms/A-1"]
