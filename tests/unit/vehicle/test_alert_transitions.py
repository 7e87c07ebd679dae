"""What of an alert is news: every change is a revision, the same again is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.vehicle.domain.alerts import Alert, AlertRevision
from services.vehicle.domain.episodes import Episode
from shared.vocabulary import AlertKind, AlertStatus

TWO = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPENED = Episode(AlertKind.OVERSPEED, "", TWO, TWO + MINUTE, 121.4, 31.2, 70.0, 60.0)
OPEN = Alert.of("A-1", "T-1", OPENED)
CLOSED = replace(OPENED, closed_at=TWO + 2 * MINUTE)


def test_an_alert_opens_as_its_episode_shows_it() -> None:
    assert (OPEN.revision, OPEN.status, OPEN.vehicle_id, OPEN.kind) == (1, AlertStatus.OPEN, "T-1", AlertKind.OVERSPEED)
    assert (OPEN.opened_at, OPEN.last_at, OPEN.closed_at) == (TWO, TWO + MINUTE, None)
    assert (OPEN.lon, OPEN.lat, OPEN.value, OPEN.limit) == (121.4, 31.2, 70.0, 60.0)


def test_an_episode_that_is_over_is_a_closed_alert() -> None:
    assert Alert.of("A-1", "T-1", CLOSED).status is AlertStatus.CLOSED


@pytest.mark.parametrize(("value", "is_news"), [(70.0, False), (76.9, False), (77.0, True), (90.0, True), (60.0, False)])
def test_an_open_alert_changes_when_its_value_has_grown_by_a_tenth(value: float, is_news: bool) -> None:
    seen = OPEN.seen_as(replace(OPENED, value=value, last_at=TWO + 3 * MINUTE))
    assert (seen is not OPEN) is is_news
    assert (seen.revision, seen.value) == ((2, value) if is_news else (1, 70.0))


def test_an_alert_of_nothing_does_not_change_while_it_stays_nothing() -> None:
    nothing = Alert.of("A-1", "T-1", replace(OPENED, value=0.0))
    assert nothing.seen_as(replace(OPENED, value=0.0, last_at=TWO + 3 * MINUTE)) is nothing


def test_an_alert_closes_once_and_again_when_late_records_say_otherwise() -> None:
    closed = OPEN.seen_as(CLOSED)
    assert (closed.revision, closed.status, closed.closed_at) == (2, AlertStatus.CLOSED, TWO + 2 * MINUTE)
    assert closed.seen_as(CLOSED) is closed
    assert closed.seen_as(replace(CLOSED, closed_at=TWO + 3 * MINUTE)).revision == 3
    assert closed.seen_as(replace(CLOSED, value=71.0)).value == 71.0
    assert closed.seen_as(OPENED).status is AlertStatus.OPEN


def test_an_alert_is_withdrawn_once_and_keeps_its_end() -> None:
    withdrawn = OPEN.withdrawn(TWO + 9 * MINUTE)
    assert (withdrawn.revision, withdrawn.status, withdrawn.closed_at) == (2, AlertStatus.WITHDRAWN, TWO + 9 * MINUTE)
    assert withdrawn.withdrawn(TWO + 10 * MINUTE) is withdrawn
    assert OPEN.seen_as(CLOSED).withdrawn(TWO + 9 * MINUTE).closed_at == TWO + 2 * MINUTE
    assert withdrawn.seen_as(OPENED).status is AlertStatus.OPEN


def test_a_revision_says_what_the_alert_said_from_then_on() -> None:
    assert OPEN.revision_at(TWO + 5 * MINUTE) == AlertRevision(
        alert_id="A-1",
        revision=1,
        status=AlertStatus.OPEN,
        last_at=TWO + MINUTE,
        closed_at=None,
        value=70.0,
        changed_at=TWO + 5 * MINUTE,
    )
