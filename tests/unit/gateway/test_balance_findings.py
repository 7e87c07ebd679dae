"""What the data and people do to a finding, step by step; every step is the next revision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.gateway.domain.findings import Discrepancy, Finding
from services.gateway.domain.weighing import Difference
from shared.domain_errors import Conflict
from shared.vocabulary import FindingCause, FindingKind, FindingStatus

TEN = datetime(2026, 11, 16, 2, tzinfo=UTC)
LATER = TEN + timedelta(hours=1)
DAY = date(2026, 11, 16)
SHORT = Discrepancy.of(Difference("unexplained", 5_000, 4_000, 150), DAY, vehicle_id="T-1", likely_cause=FindingCause.TARE)
OPEN = Finding.opened(FindingKind.TRIP_DIFFERENCE, "K-1", SHORT, TEN)
EXPLAINED = OPEN.explained(1, FindingCause.THEFT, "seen", FindingStatus.EXPLAINED, LATER)
CLOSED = OPEN.explained(1, FindingCause.RAIN, "wet", FindingStatus.CLOSED, LATER)


def test_a_finding_opens_with_what_the_data_says() -> None:
    short = Discrepancy.of(Difference("unexplained", 5_000, 4_000, 150), DAY, vehicle_id="T-1", likely_cause=FindingCause.TARE)
    assert Finding.opened(FindingKind.TRIP_DIFFERENCE, "K-1", short, TEN) == OPEN
    assert (OPEN.finding_id, OPEN.revision, OPEN.status) == ("trip_difference:K-1", 1, FindingStatus.OPEN)
    assert (OPEN.expected_kg, OPEN.found_kg, OPEN.difference_kg, OPEN.tolerance_kg) == (5_000, 4_000, -1_000, 150)
    assert (OPEN.day, OPEN.vehicle_id, OPEN.likely_cause) == (DAY, "T-1", FindingCause.TARE)
    assert (OPEN.cause, OPEN.note, OPEN.opened_at, OPEN.changed_at) == (None, None, TEN, TEN)


@pytest.mark.parametrize("finding", [OPEN, EXPLAINED, CLOSED])
def test_the_same_again_changes_nothing(finding: Finding) -> None:
    assert finding.seen_as(SHORT, LATER) is finding


@pytest.mark.parametrize("finding", [EXPLAINED, CLOSED])
def test_what_a_person_said_stays_while_the_difference_does(finding: Finding) -> None:
    seen = finding.seen_as(replace(SHORT, tolerance_kg=151), LATER)
    assert (seen.revision, seen.tolerance_kg, seen.status, seen.cause) == (3, 151, finding.status, finding.cause)


@pytest.mark.parametrize("finding", [OPEN, EXPLAINED, CLOSED])
def test_another_difference_opens_it_again(finding: Finding) -> None:
    seen = finding.seen_as(replace(SHORT, found_kg=3_900, difference_kg=-1_100), LATER)
    assert (seen.revision, seen.status, seen.cause, seen.note) == (finding.revision + 1, FindingStatus.OPEN, None, None)
    assert (seen.difference_kg, seen.changed_at, seen.opened_at) == (-1_100, LATER, TEN)


def test_the_data_withdraws_it_once_and_may_find_it_again() -> None:
    withdrawn = EXPLAINED.withdrawn(LATER)
    assert (withdrawn.revision, withdrawn.status, withdrawn.cause, withdrawn.note) == (3, FindingStatus.WITHDRAWN, None, None)
    assert withdrawn.withdrawn(LATER) is withdrawn
    again = withdrawn.seen_as(SHORT, LATER)
    assert (again.revision, again.status) == (4, FindingStatus.OPEN)


def test_a_person_explains_and_closes_it() -> None:
    assert (EXPLAINED.revision, EXPLAINED.status, EXPLAINED.changed_at) == (2, FindingStatus.EXPLAINED, LATER)
    assert (EXPLAINED.cause, EXPLAINED.note, EXPLAINED.explanation) == (FindingCause.THEFT, "seen", FindingCause.THEFT)
    again = EXPLAINED.explained(2, FindingCause.RAIN, "wet", FindingStatus.CLOSED, LATER)
    assert (again.revision, again.status, again.explanation) == (3, FindingStatus.CLOSED, FindingCause.RAIN)
    assert OPEN.explanation is None


def test_whoever_read_an_older_revision_is_told() -> None:
    with pytest.raises(Conflict, match="at revision 2 now") as refused:
        EXPLAINED.explained(1, FindingCause.RAIN, "wet", FindingStatus.EXPLAINED, LATER)
    assert refused.value.code == "finding_changed"


@pytest.mark.parametrize(("finding", "word"), [(CLOSED, "closed"), (OPEN.withdrawn(LATER), "withdrawn")])
def test_what_is_over_is_not_explained(finding: Finding, word: str) -> None:
    with pytest.raises(Conflict, match=f"the finding is {word};") as refused:
        finding.explained(2, FindingCause.RAIN, "wet", FindingStatus.EXPLAINED, LATER)
    assert refused.value.code == "finding_over"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (FindingKind.TRIP_DIFFERENCE, ("truck", "T-1")),
        (FindingKind.HAUL_DIFFERENCE, ("haul", "K-1")),
        (FindingKind.STATION_DIFFERENCE, ("station_day", "K-1")),
        (FindingKind.HAUL_OVERDUE, None),
        (FindingKind.SCALE_DRIFT, None),
        (FindingKind.NOT_TIPPED, None),
    ],
)
def test_a_named_cause_is_worked_into_the_residue_that_carries_it(kind: FindingKind, subject: tuple[str, str] | None) -> None:
    assert Finding.opened(kind, "K-1", SHORT, TEN).residue == subject
