"""A scale that shows the impossible: from its first impossible weight to its next possible one."""

import json
from datetime import UTC, datetime, timedelta

from pydantic_core import to_json

from services.vehicle.domain.episodes import Episode
from services.vehicle.domain.scales import Scales, Weight, fold
from services.vehicle.domain.vehicle_states import VehicleState
from shared.rows import from_row, to_row

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def weight(seconds: float, kg: int, source: str = "lift", *, wrong: bool = False) -> Weight:
    return Weight(at(seconds), source, kg, wrong, 600 if wrong else 0.0)


def test_possible_weights_alert_nobody() -> None:
    scales = Scales()
    assert fold(scales, [weight(0, 80), weight(60, 3_000, "load")]) == {}
    assert scales == Scales(at(60))


def test_an_impossible_weight_opens_an_episode_and_the_next_possible_one_closes_it() -> None:
    scales = Scales()
    [opened] = fold(scales, [weight(0, 700, wrong=True), weight(60, -900, wrong=True), weight(90, 650, wrong=True)]).values()
    assert opened == Episode("implausible_weight", "lift", at(0), at(90), value=900, limit=600)
    assert scales.open_episodes() == [opened]
    [closed] = fold(scales, [weight(120, 80), weight(150, 80)]).values()
    assert (closed.opened_at, closed.closed_at, closed.last_at, closed.value) == (at(0), at(120), at(120), 900)
    assert scales == Scales(at(150))


def test_each_scale_has_its_own_episode() -> None:
    found = fold(Scales(), [weight(0, 700, wrong=True), weight(10, 40_000, "load", wrong=True), weight(20, 80)])
    assert {(one.subject_id, one.closed_at) for one in found.values()} == {("lift", at(20)), ("load", None)}


def test_a_scale_that_errs_again_opens_a_new_episode() -> None:
    found = fold(Scales(), [weight(0, 700, wrong=True), weight(10, 80), weight(20, 800, wrong=True)])
    assert [(one.opened_at, one.value) for one in found.values()] == [(at(0), 700), (at(20), 800)]


def test_an_episode_keeps_its_place_limit_and_highest_value() -> None:
    one = Episode("overspeed", "", at(0), at(0), 121.4, 31.2, 0, 60)
    assert (one.key, one.closed_at) == (("overspeed", "", at(0)), None)
    one.grow(at(5), 80)
    one.grow(at(9), 70)
    assert (one.last_at, one.value) == (at(9), 80)
    one.close(at(12))
    assert (one.last_at, one.closed_at) == (at(12), at(12))


def test_an_episode_begins_without_value_and_limit() -> None:
    one = Episode("offline", "", at(0), at(0))
    assert (one.value, one.limit, one.lon, one.lat, one.closed_at) == (0, 0, None, None, None)


def test_what_scales_remember_survives_being_stored() -> None:
    scales = Scales()
    fold(scales, [weight(0, 700, wrong=True)])
    for remembered in (scales, Scales()):
        row = json.loads(to_json(to_row(VehicleState(vehicle_id="T-1", scales=remembered))))
        assert from_row(VehicleState, row).scales == remembered


def test_a_weight_is_impossible_by_the_flag_of_its_record() -> None:
    assert Weight.flagged(at(0), "lift", 5, flags=0) == Weight(at(0), "lift", 5, implausible=False)
    assert Weight.flagged(at(0), "load", 900, flags=1 | 16) == Weight(at(0), "load", 900, implausible=True)
    assert not Weight.flagged(at(0), "load", 900, flags=1 | 32).implausible
    assert Weight(at(0), "lift", 5, implausible=False).limit_kg == 0
