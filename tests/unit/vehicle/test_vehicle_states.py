"""A vehicle's state after what it sent: the newest holds, whatever came before it."""

from datetime import UTC, datetime, timedelta

from services.vehicle.domain.motion import Fix, Motion
from services.vehicle.domain.records import Position
from services.vehicle.domain.scales import Scales
from services.vehicle.domain.vehicle_states import Load, Telemetry, VehicleState

TWO = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW = VehicleState(vehicle_id="T-1")
MOTION = Motion(last=Fix(TWO, 121.4, 31.2, 30.0, 90.0, True))


def test_records_and_lifts_are_counted() -> None:
    state = NEW.after(Telemetry(records=3, lifts=2), TWO).after(Telemetry(records=4), TWO)
    assert (state.records, state.lifts, state.received_at) == (7, 2, None)


def test_the_last_fix_is_where_the_vehicle_is() -> None:
    state = NEW.after(Telemetry(motion=MOTION), TWO + MINUTE)
    assert (state.last_at, state.lon, state.lat) == (TWO, 121.4, 31.2)
    assert (state.speed_kmh, state.heading_deg, state.ignition, state.received_at) == (30.0, 90.0, True, TWO + MINUTE)
    assert state.after(Telemetry(), TWO + 2 * MINUTE) == state


def test_the_newest_load_is_shown_and_of_one_moment_the_heavier() -> None:
    state = NEW.after(Telemetry(load=Load(TWO, 900)), TWO + MINUTE)
    assert (state.load_at, state.load_kg, state.received_at) == (TWO, 900, TWO + MINUTE)
    later = TWO + 2 * MINUTE
    assert state.after(Telemetry(load=Load(TWO - MINUTE, 950)), later) == state
    assert state.after(Telemetry(load=Load(TWO, 900)), later) == state
    assert state.after(Telemetry(load=Load(TWO, 901)), later).load == Load(TWO, 901)
    assert state.after(Telemetry(load=Load(TWO + MINUTE, 10)), later).received_at == later


def test_the_newest_of_the_past_and_of_the_future_are_kept_apart() -> None:
    assert VehicleState(vehicle_id="T-2").has_orders is False
    state = NEW.after(Telemetry(newest_at=TWO), TWO).after(Telemetry(newest_at=TWO - MINUTE, future_at=TWO + 9 * MINUTE), TWO)
    assert (state.newest_at, state.future_at) == (TWO, TWO + 9 * MINUTE)
    assert not state.is_older_than(TWO + MINUTE)
    assert state.is_older_than(TWO + 10 * MINUTE)
    assert not state.is_older_than(TWO + 9 * MINUTE)
    assert NEW.is_older_than(TWO)
    assert not NEW.after(Telemetry(newest_at=TWO), TWO).is_older_than(TWO)


def test_what_is_remembered_stays_while_nothing_comes_for_it() -> None:
    state = NEW.after(Telemetry(motion=MOTION, scales=Scales(TWO)), TWO)
    assert state.after(Telemetry(), TWO) == state
    other = Scales(TWO + MINUTE)
    assert (state.after(Telemetry(scales=other), TWO).motion, state.after(Telemetry(scales=other), TWO).scales) == (MOTION, other)


def test_the_first_position_of_many_is_stored_with_ordinal_0() -> None:
    position = Position("T-1", TWO, 121.4, 31.2, None, None, None, None, None, None, TWO, 0)
    assert position.ordinal == 0


def test_a_silence_is_judged_for_the_last_fix_it_follows() -> None:
    state = NEW.after(Telemetry(motion=MOTION), TWO).silence_judged()
    assert state.silence_judged_at == TWO
    assert state.with_orders(waiting=True).has_orders is True
