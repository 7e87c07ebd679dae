"""Which lifts mix what must stay apart, by the shipped rules and by the truck's own entry in the registry."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route import rulebooks
from services.route.domain.trucks import TruckEntry, entry_at
from services.route.domain.violations import may_carry, mixes
from shared.vocabulary import VehicleKind, WasteStream

NOON = datetime(2026, 11, 16, 4, tzinfo=UTC)
RULES = rulebooks.MIXING_RULES.on(NOON.date())


def truck(kind: str, *streams: str, hours: float = 0, revision: int = 1) -> TruckEntry:
    return TruckEntry(NOON + timedelta(hours=hours), revision, kind, streams)


@pytest.mark.parametrize(
    ("kind", "registered", "stream", "allowed"),
    [
        ("food_waste", [], "food", True),
        ("food_waste", [], "kitchen", True),
        ("food_waste", [], "residual", False),
        ("food_waste", ["food"], "kitchen", False),
        ("food_waste", ["residual"], "residual", False),  # what the registry says does not make the truck fit
        ("compactor", [], "residual", True),
        ("compactor", ["residual"], "food", False),
        ("compactor", [], "hazardous", False),
        ("hazardous", [], "hazardous", True),
        ("hazardous", [], "recyclable", False),
        ("other", [], "construction", True),
        ("other", ["green"], "construction", False),
    ],
)
def test_kind_and_registration_say_together_what_a_truck_may_carry(
    kind: str, registered: list[str], stream: str, allowed: bool
) -> None:
    assert may_carry(truck(kind, *registered), stream, RULES) is allowed


def test_a_lift_that_may_have_been_of_the_right_stream_is_not_held_against_the_truck() -> None:
    food = truck("food_waste", "food")
    assert mixes(food, ["residual"], RULES)
    assert mixes(food, ["residual", "recyclable"], RULES)
    assert not mixes(food, ["residual", "food"], RULES)
    assert not mixes(food, [], RULES)
    assert not mixes(None, ["residual"], RULES)


def test_a_truck_is_held_to_what_it_was_registered_for_when_it_lifted() -> None:
    entries = [truck("compactor", "residual", hours=2), truck("food_waste", "food")]
    assert entry_at(entries, NOON + timedelta(hours=1)) == truck("food_waste", "food")
    assert entry_at(entries, NOON + timedelta(hours=2)) == truck("compactor", "residual", hours=2)
    assert entry_at(entries, NOON - timedelta(days=1)) == truck("food_waste", "food")
    assert entry_at([], NOON) is None
    corrected_at_once = truck("food_waste", "food", revision=2)
    assert entry_at([corrected_at_once, truck("other")], NOON) == corrected_at_once


@given(st.permutations([truck("other", hours=hours) for hours in (0, 1, 2, 5)]), st.floats(-1, 6))
def test_the_order_in_which_entries_were_told_makes_no_difference(entries: list[TruckEntry], hours: float) -> None:
    at = NOON + timedelta(hours=hours)
    assert entry_at(entries, at) == entry_at(sorted(entries), at)


def test_the_shipped_rules_speak_of_kinds_and_streams_there_are() -> None:
    for version in rulebooks.MIXING_RULES.versions:
        assert set(version.kinds) <= {kind.value for kind in VehicleKind}
        assert {stream for streams in version.kinds.values() for stream in streams} <= {stream.value for stream in WasteStream}
        assert all(version.kinds.values())
