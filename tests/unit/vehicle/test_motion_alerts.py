"""Overspeed, long idling, silence and geofences, from fixes at literal moments."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json
from vehicle_limits import LIMITS

from services.vehicle.domain.episodes import Episode, Key
from services.vehicle.domain.motion import Fence, Fix, Motion, fold, overdue
from services.vehicle.domain.vehicle_states import VehicleState
from shared.rows import from_row, to_row
from shared.vocabulary import AlertKind

START = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
METRE = 1 / 111_195
"""Of latitude, in degrees."""
SQUARE = [(121.40, 31.20), (121.42, 31.20), (121.42, 31.22), (121.40, 31.22), (121.40, 31.20)]
BOX = (121.40, 31.20, 121.42, 31.22)
OUT, IN, BEYOND = 121.39, 121.41, 121.43
"""Longitudes west of the square, within it and east of it."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def fix(seconds: float, kmh: float | None = None, north_m: float = 0, *, engine: bool | None = True) -> Fix:
    return Fix(at(seconds), 121.43, 31.18 + north_m * METRE, kmh, ignition=engine)


def place(seconds: float, lon: float, lat: float = 31.21) -> Fix:
    return Fix(at(seconds), lon, lat)


def fence(rule: str = "inside", valid_from: float = -9_999, valid_to: float | None = None) -> Fence:
    return Fence("F-1", rule, [SQUARE], BOX, at(valid_from), None if valid_to is None else at(valid_to))


def episodes(*fixes: Fix, fences: tuple[Fence, ...] = ()) -> list[Episode]:
    return list(fold(Motion(), fixes, LIMITS, fences).values())


def stored(motion: Motion) -> Motion:
    """As the vehicle's state brings it back."""
    row = json.loads(to_json(to_row(VehicleState(vehicle_id="T-1", motion=motion))))
    read = from_row(VehicleState, row).motion
    assert read is not None
    return read


def span(episode: Episode) -> tuple[datetime, datetime | None]:
    return episode.opened_at, episode.closed_at


# --- overspeed ---------------------------------------------------------------------------------------------------


def test_overspeed_counts_from_its_first_fix_once_it_has_lasted() -> None:
    assert episodes(fix(0, 70), fix(9, 72)) == []
    assert episodes(fix(0, 70), fix(10, 72)) == [Episode("overspeed", "", at(0), at(10), 121.43, 31.18, 72, 60)]


def test_the_limit_itself_is_no_overspeed() -> None:
    assert episodes(fix(0, 60), fix(10, 60), fix(20, 60)) == []
    assert episodes(fix(0, 60.1), fix(10, 60.1)) != []


def test_overspeed_ends_with_the_first_fix_that_is_slow_enough_and_keeps_the_highest_speed() -> None:
    [one] = episodes(fix(0, 70), fix(10, 90), fix(20, 65), fix(30, 60), fix(40, 50))
    assert (span(one), one.value, one.last_at) == ((at(0), at(30)), 90, at(30))


def test_a_short_overspeed_leaves_no_trace() -> None:
    motion = Motion()
    assert fold(motion, [fix(0, 70), fix(9, 70), fix(12, 50)], LIMITS) == {}
    assert motion.speeding is None
    assert fold(motion, [fix(14, 70), fix(20, 70)], LIMITS) == {}, "each counts from its own beginning"


def test_a_fix_without_a_speed_neither_ends_nor_prolongs_overspeed() -> None:
    [one] = episodes(fix(0, 70), fix(5, None), fix(12, 70))
    assert (span(one), one.last_at) == ((at(0), None), at(12))


# --- long idling -------------------------------------------------------------------------------------------------


def test_a_truck_that_stands_with_its_engine_on_idles_from_its_first_still_fix() -> None:
    assert episodes(fix(0, 0), fix(299, 0)) == []
    assert episodes(fix(0, 0), fix(300, 0)) == [Episode("long_idle", "", at(0), at(300), 121.43, 31.18, 5.0, 5)]


def test_idling_says_its_minutes_to_a_tenth() -> None:
    [one] = episodes(fix(0, 0), fix(300, 0), fix(315, 0), fix(404, 0))
    assert (one.value, one.last_at, one.opened_at) == (6.7, at(404), at(0))


def test_idling_has_no_value_of_its_own_before_it_is_measured() -> None:
    fast = replace(LIMITS, idle_minutes=0.5, overspeed_kmh=0.2, overspeed_seconds=0)
    assert [one.value for one in fold(Motion(), [fix(0, 0), fix(30, 0)], fast).values()] == [0.5]
    assert [one.value for one in fold(Motion(), [fix(0, 0.5), fix(10, 0.6)], fast).values()] == [0.6]
    assert episodes(fix(0, None), fix(300, None)) != []
    slow = replace(LIMITS, idle_speed_kmh=0.5)
    assert fold(Motion(), [fix(0, None), fix(300, None)], slow) != {}


def test_a_fix_and_what_is_remembered_begin_empty() -> None:
    plain = Fix(at(0), 121.4, 31.2)
    assert (plain.ordinal, plain.flags, Motion().in_doubt) == (0, 0, False)


def test_idling_ends_when_the_truck_goes_or_stops_its_engine() -> None:
    [driven] = episodes(fix(0, 0), fix(300, 0), fix(330, 3))
    [off] = episodes(fix(0, 0), fix(300, 0), fix(330, 0, engine=False))
    [unknown] = episodes(fix(0, 0), fix(300, 0), fix(330, 0, engine=None))
    assert [span(one) for one in (driven, off, unknown)] == [(at(0), at(330))] * 3


def test_a_truck_just_below_the_idle_speed_idles_and_at_it_drives() -> None:
    assert episodes(fix(0, 2.9), fix(300, 2.9)) != []
    assert episodes(fix(0, 3), fix(300, 3)) == []
    assert episodes(fix(0, None), fix(300, None)) != [], "no speed is no movement"


def test_a_truck_that_stands_elsewhere_begins_to_idle_anew() -> None:
    assert episodes(fix(0, 0), fix(200, 0, 60), fix(320, 0, 60)) == []
    [one] = episodes(fix(0, 0), fix(200, 0, 60), fix(500, 0, 60))
    assert one.opened_at == at(200)
    [near] = episodes(fix(0, 0), fix(200, 0, 45), fix(320, 0, 45))
    assert near.opened_at == at(0)


def test_after_it_drove_a_truck_idles_from_where_it_stands_again() -> None:
    motion = Motion()
    fold(motion, [fix(0, 0), fix(300, 0), fix(310, 20)], LIMITS)
    assert (motion.idling, motion.anchor) == (None, None)
    assert fold(motion, [fix(320, 0), fix(600, 0)], LIMITS) == {}


# --- silence -----------------------------------------------------------------------------------------------------


def test_a_silence_is_longer_than_the_limit_and_counts_from_there() -> None:
    assert episodes(fix(0, 20), fix(600, 20)) == []
    [one] = episodes(fix(0, 20), fix(690, 20))
    assert one == Episode("offline", "", at(600), at(690), 121.43, 31.18, 11.5, 10, at(690))


def test_a_silence_with_the_engine_off_is_none_unless_the_truck_moved_in_it() -> None:
    assert episodes(fix(0, 0, engine=False), fix(3_600, 0, 190)) == []
    assert [one.kind for one in episodes(fix(0, 0, engine=False), fix(3_600, 0, 210))] == ["offline"]
    assert [one.kind for one in episodes(fix(0, 0, engine=None), fix(3_600, 0))] == ["offline"]


def test_what_went_on_ends_with_the_last_fix_before_a_silence() -> None:
    found = episodes(fix(0, 70), fix(10, 70), fix(1_000, 70), fix(1_010, 50))
    assert [(one.kind, span(one)) for one in found] == [("overspeed", (at(0), at(10))), ("offline", (at(610), at(1_000)))]


def test_a_short_overspeed_before_a_silence_leaves_no_trace() -> None:
    assert [one.kind for one in episodes(fix(0, 70), fix(9, 70), fix(1_000, 70))] == ["offline"]


def test_idling_and_fences_end_with_the_last_fix_before_a_silence() -> None:
    standing = [Fix(at(s), IN, 31.21, 0.0, ignition=True) for s in (0, 300)]
    motion = Motion()
    found = list(fold(motion, [*standing, Fix(at(2_000), OUT, 31.21, 0.0, ignition=True)], LIMITS, [fence()]).values())
    assert {(one.kind, span(one)) for one in found} == {
        ("long_idle", (at(0), at(300))),
        ("geofence", (at(0), at(300))),
        ("offline", (at(900), at(2_000))),
    }
    assert motion.open_episodes() == []
    assert motion.anchor is not None
    assert motion.anchor.at == at(2_000), "standing counts from after the silence"


def test_a_truck_that_is_silent_now_is_overdue() -> None:
    motion = Motion(last=fix(0, 20))
    assert overdue(motion, at(600), LIMITS) is None
    assert overdue(motion, at(615), LIMITS) == Episode("offline", "", at(600), at(615), 121.43, 31.18, 10.2, 10)
    assert overdue(Motion(), at(9_999), LIMITS) is None
    assert overdue(Motion(last=fix(0, 20, engine=False)), at(9_999), LIMITS) is None
    assert overdue(Motion(last=fix(0, 20, engine=None)), at(9_999), LIMITS) is not None


# --- fences ------------------------------------------------------------------------------------------------------


def test_a_keep_out_fence_alerts_from_the_crossing_in_to_the_crossing_out() -> None:
    [one] = episodes(place(0, OUT), place(20, IN), place(40, IN), place(60, BEYOND), place(80, BEYOND), fences=(fence(),))
    assert (one.kind, one.subject_id, span(one)) == ("geofence", "F-1", (at(10), at(50)))
    assert (one.lon, one.lat, one.value) == (IN, 31.21, 0)


def test_a_keep_in_fence_alerts_while_the_truck_is_outside() -> None:
    [one] = episodes(place(0, IN), place(20, OUT), place(40, OUT), place(60, IN), fences=(fence("outside"),))
    assert span(one) == (at(10), at(50))


def test_a_truck_that_is_seen_first_within_a_fence_alerts_from_there_and_as_long_as_it_stays() -> None:
    [one] = episodes(place(0, IN), place(20, IN), place(40, IN), fences=(fence(),))
    assert (span(one), one.last_at) == ((at(0), None), at(40))


def test_a_truck_that_passes_a_fence_between_two_fixes_was_in_it() -> None:
    [one] = episodes(place(0, OUT), place(40, BEYOND), fences=(fence(),))
    assert (span(one), one.lon) == ((at(10), at(30)), BEYOND)
    assert episodes(place(0, IN), place(40, IN, 31.215), fences=(fence("outside"),)) == []


def test_a_way_beside_a_fence_alerts_nobody() -> None:
    for lat in (31.19, 31.23):
        assert episodes(place(0, OUT, lat), place(40, BEYOND, lat), fences=(fence(),)) == []
    for lon in (OUT, BEYOND):
        assert episodes(place(0, lon, 31.19), place(40, lon, 31.23), fences=(fence(),)) == []


def test_a_fence_counts_while_it_is_valid() -> None:
    assert episodes(place(0, IN), place(20, IN), fences=(fence(valid_from=21),)) == []
    [late] = episodes(place(0, IN), place(20, IN), fences=(fence(valid_from=20),))
    assert span(late) == (at(20), None)
    [over] = episodes(place(0, IN), place(20, IN), place(30, IN), fences=(fence(valid_to=30),))
    assert span(over) == (at(0), at(30))
    assert episodes(place(30, IN), fences=(fence(valid_to=30),)) == []
    assert len(episodes(place(29, IN), fences=(fence(valid_to=30),))) == 1


def test_a_crossing_from_before_a_fence_was_valid_counts_from_the_fix_within() -> None:
    [one] = episodes(place(0, OUT), place(20, IN), fences=(fence(valid_from=15),))
    assert span(one) == (at(20), None)


def test_a_fence_holds_what_lies_within_its_corners() -> None:
    assert not fence("outside").alerts(121.4001, 31.2001)
    assert fence("outside").alerts(121.3999, 31.2001)
    assert fence().alerts(121.4001, 31.2001)
    assert not fence().alerts(121.3999, 31.21)
    assert not fence().alerts(121.4201, 31.21)
    assert not fence().alerts(121.41, 31.1999)
    assert not fence().alerts(121.41, 31.2201)


def test_a_way_may_meet_a_fence_unless_it_lies_all_on_one_side_of_its_box() -> None:
    west, south, east, north = BOX
    inside = place(0, IN)
    for lon, lat in ((west, 31.21), (east, 31.21), (IN, south), (IN, north)):
        edge = place(1, lon, lat)
        assert fence().may_meet(edge, edge)
        assert fence().may_meet(inside, edge)
    for lon, lat in ((OUT, 31.21), (BEYOND, 31.21), (IN, 31.19), (IN, 31.23)):
        apart = place(1, lon, lat)
        assert not fence().may_meet(apart, apart)
        assert fence().may_meet(inside, apart)
        assert fence().may_meet(apart, inside)


# --- what is remembered between batches --------------------------------------------------------------------------

BUSY = [
    fix(0, 70),
    fix(12, 75),
    fix(20, 0),
    fix(330, 0),
    fix(400, 10),
    place(420, OUT),
    place(440, IN),
    place(450, IN),
    place(460, BEYOND),
    place(1_900, IN),
    place(1_950, IN),
]


@pytest.mark.parametrize("cut", range(len(BUSY) + 1))
def test_the_same_fixes_give_the_same_episodes_wherever_they_were_cut(cut: int) -> None:
    whole: dict[Key, Episode] = fold(Motion(), BUSY, LIMITS, [fence()])
    motion = Motion()
    parts = fold(motion, BUSY[:cut], LIMITS, [fence()])
    motion = stored(motion)
    parts |= fold(motion, BUSY[cut:], LIMITS, [fence()])
    assert parts | {one.key: one for one in motion.open_episodes()} == whole, "what goes on is remembered as it is now"
    assert {key[0] for key in whole} == {"overspeed", "long_idle", "geofence", "offline"}


def test_what_is_remembered_survives_being_stored() -> None:
    one = Episode(AlertKind.OVERSPEED, "", at(0), at(5), 121.4, 31.2, 70.0, 60.0)
    motion = Motion(Fix(at(5), 121.4, 31.2, 70.0, 90.0, True), True, fix(1, 0.0), one, one, {"F-1": one})
    assert stored(motion) == motion
    assert stored(Motion()) == Motion()


def test_what_was_stored_before_is_read() -> None:
    """A fix had six values then, and nothing was said of doubt or of an episode's end."""
    begun = {"subject_id": "", "opened_at": "2026-11-16T02:00:00+00:00", "last_at": "2026-11-16T02:00:05+00:00"}
    speeding = begun | {"kind": "overspeed", "lon": 121.4, "lat": 31.2, "value": 70.0, "limit": 60.0}
    last = ["2026-11-16T02:00:05+00:00", 121.4, 31.2, 70.0, None, True]
    motion = {"last": last, "anchor": None, "speeding": speeding, "idling": None, "fenced": {}}
    row = to_row(VehicleState(vehicle_id="T-1")) | {"motion": motion}
    episode = Episode(AlertKind.OVERSPEED, "", at(0), at(5), 121.4, 31.2, 70.0, 60.0)
    assert from_row(VehicleState, row).motion == Motion(Fix(at(5), 121.4, 31.2, 70.0, None, True), speeding=episode)


def test_the_last_fix_says_when_the_truck_was_last_seen() -> None:
    assert Motion().last_at is None
    assert Motion(last=fix(7)).last_at == at(7)
