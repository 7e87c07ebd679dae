"""One rule for every record of every service: which times can be believed when they arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from services.incinerator.schemas import intake
from services.transfer_station.schemas import tickets
from services.vehicle.domain import quality
from services.vehicle.rulebooks import limits_at
from shared.bodies import Body, Day, Happened, ServiceDay, When
from shared.clock import frozen
from shared.times import Doubt, doubt

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        (timedelta(weeks=1024), "past_time"),
        (NOON - datetime(2000, 1, 1, tzinfo=UTC), "past_time"),
        (timedelta(days=7001), "past_time"),
        (timedelta(days=6999), None),
        (timedelta(hours=6), None),
        (timedelta(0), None),
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-6), "future_time"),
        (timedelta(days=-400), "future_time"),
    ],
)
def test_a_time_is_believed_within_its_limits(ago: timedelta, found: Doubt | None) -> None:
    assert doubt(NOON - ago, NOON) == found
    assert quality.names(quality.time_flags(NOON - ago, NOON, limits_at(NOON))) == ([found] if found else [])
    with frozen(NOON):
        if found is None:
            assert TypeAdapter(Happened).validate_python(NOON - ago) == NOON - ago
        else:
            with pytest.raises(ValidationError) as refused:
                TypeAdapter(Happened).validate_python(NOON - ago)
            assert refused.value.errors()[0]["type"] == found


@pytest.mark.parametrize("body", [tickets.WeighIn, tickets.WeighOut, intake.WeighIn, intake.WeighOut])
def test_a_weighing_of_another_decade_is_refused_by_name(body: Any) -> None:
    with frozen(NOON), pytest.raises(ValidationError) as refused:
        body.model_validate({"at": "2007-04-02T04:00:00Z"})
    assert ("at",) in [error["loc"] for error in refused.value.errors() if error["type"] == "past_time"]


@pytest.mark.parametrize("number", [0, 1_763_258_400, 1_763_258_400_000, 0.5, "0", "1763258400", "-1.5", "1e9", True])
@pytest.mark.parametrize("kind", [When, Happened, Day, ServiceDay], ids=["When", "Happened", "Day", "ServiceDay"])
def test_a_number_is_no_time(kind: Any, number: object) -> None:
    """Seconds or milliseconds? It is not guessed."""
    with pytest.raises(ValidationError, match="a number is no time"):
        TypeAdapter(kind).validate_python(number)


def test_a_time_is_iso_8601_with_its_offset() -> None:
    assert TypeAdapter(When).validate_python("2026-11-16T12:00:00+08:00") == NOON
    assert TypeAdapter(Day).validate_python("2026-11-16") == NOON.date()
    with pytest.raises(ValidationError, match="timezone"):
        TypeAdapter(When).validate_python("2026-11-16T12:00:00")


def test_a_strict_body_takes_times_as_json_has_them() -> None:
    class Strictly(Body):
        model_config = ConfigDict(strict=True)

        at: When
        day: Day

    body = Strictly.model_validate_json('{"at": "2026-11-16T12:00:00+08:00", "day": "2026-11-16"}')
    assert body == Strictly(at=NOON, day=NOON.date())
    with pytest.raises(ValidationError, match="a number is no time"):
        Strictly.model_validate_json('{"at": 1763258400, "day": "2026-11-16"}')
