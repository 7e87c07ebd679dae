"""What a weighbridge takes down of a truck, and the weights and times that it refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain_errors import Invalid
from shared.weighbridge import Weighing, require_reason, require_weights

IN = datetime(2026, 11, 16, tzinfo=UTC)
OUT = IN + timedelta(minutes=10)
FULL = Weighing(gross_kg=12_000, weighed_in_at=IN, scale_in_id="A")


def code_of(gross_kg: int, tare_kg: int, gross_max_kg: int | None) -> str | None:
    try:
        require_weights(gross_kg, tare_kg, gross_max_kg)
    except Invalid as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("gross_kg", "tare_kg", "gross_max_kg", "code"),
    [
        (12_000, 8_000, 60_000, None),
        (60_000, 8_000, 60_000, None),
        (60_001, 8_000, 60_000, "gross_too_high"),
        (60_001, 60_001, 60_000, "gross_too_high"),
        (8_001, 8_000, None, None),
        (8_000, 8_000, None, "net_not_positive"),
        (0, 0, 60_000, "net_not_positive"),
        (900_000, 8_000, None, None),
    ],
)
def test_a_net_weight_is_above_zero_and_a_gross_weight_within_its_limit(
    gross_kg: int, tare_kg: int, gross_max_kg: int | None, code: str | None
) -> None:
    assert code_of(gross_kg, tare_kg, gross_max_kg) == code


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(Invalid, match="gross 61000 kg is above 60000 kg; read the scale again"):
        require_weights(61_000, 8_000, 60_000)
    with pytest.raises(Invalid, match=r"gross 8000 kg − tare 9000 kg leaves nothing; weigh again, or void the ticket"):
        require_weights(8_000, 9_000)


def test_the_second_weighing_gives_the_net_weight_and_keeps_what_the_first_said() -> None:
    typed = replace(FULL, manual=True, reason="scale out of order", person="王工")
    both = typed.weigh_out(8_000, OUT, scale_id="B")
    assert FULL.net_kg is None
    assert both == replace(typed, tare_kg=8_000, weighed_out_at=OUT, scale_out_id="B")
    assert (both.net_kg, both.manual, both.reason, both.person) == (4_000, True, "scale out of order", "王工")
    later = typed.weigh_out(8_000, OUT, manual=True, reason="power cut", person="李班长")
    assert (later.reason, later.person) == ("power cut", "李班长")


def test_the_second_weighing_is_not_before_the_first_and_leaves_something() -> None:
    assert FULL.weigh_out(11_999, IN).net_kg == 1
    with pytest.raises(Invalid, match="cannot be before the first"):
        FULL.weigh_out(8_000, IN - timedelta(seconds=1))
    with pytest.raises(Invalid, match="leaves nothing"):
        FULL.weigh_out(12_000, OUT)
    with pytest.raises(Invalid, match="read the scale again"):
        FULL.weigh_out(8_000, OUT, gross_max_kg=11_999)


def test_the_same_second_weighing_is_known_again() -> None:
    both = FULL.weigh_out(8_000, OUT)
    assert both.was_weighed_out(OUT, 8_000)
    assert both.was_weighed_out(OUT, None)
    assert not both.was_weighed_out(OUT, 8_001)
    assert not both.was_weighed_out(IN, 8_000)
    assert not FULL.was_weighed_out(OUT, None)


def test_a_corrected_weight_was_typed_and_one_that_is_left_out_stays() -> None:
    both = FULL.weigh_out(8_000, OUT)
    assert both.correct(12_500, None, reason="misread", person="李班长").net_kg == 4_500
    assert both.correct(None, 8_100, reason="misread", person="李班长").net_kg == 3_900
    assert both.correct(None, None, reason="misread", person="李班长").manual is False
    assert both.correct(None, 8_100, reason="misread", person="李班长").manual is True
    with pytest.raises(Invalid, match="leaves nothing"):
        both.correct(8_000, None, reason="misread", person="李班长")


@pytest.mark.parametrize(
    "asked", [{"reason": None}, {"reason": " "}, {"reason": "x", "person": None}, {"reason": "", "person": "y"}]
)
def test_a_typed_weight_needs_all_that_the_weighbridge_asks_for(asked: dict[str, str | None]) -> None:
    require_reason(False, **asked)
    require_reason(True, **dict.fromkeys(asked, "said"))
    with pytest.raises(Invalid, match=" and ".join(f"`{name}`" for name in asked)) as refused:
        require_reason(True, **asked)
    assert refused.value.code == "reason_needed"


@given(gross_kg=st.integers(1, 100_000), tare_kg=st.integers(0, 100_000))
def test_gross_is_tare_and_net_to_the_kilogram_or_nothing_is_taken(gross_kg: int, tare_kg: int) -> None:
    try:
        both = replace(FULL, gross_kg=gross_kg).weigh_out(tare_kg, OUT)
    except Invalid:
        assert gross_kg <= tare_kg
    else:
        assert both.net_kg is not None
        assert both.tare_kg == tare_kg
        assert tare_kg + both.net_kg == gross_kg
