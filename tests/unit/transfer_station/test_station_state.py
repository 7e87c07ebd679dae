"""Hauls, alarms, stock, log and the station itself: what each becomes, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.transfer_station import rulebooks
from services.transfer_station.domain.alarms import About, Alarm
from services.transfer_station.domain.gate import waiting
from services.transfer_station.domain.hauls import Haul, Seal, haul_net_kg
from services.transfer_station.domain.logs import LogEntry, unit_of
from services.transfer_station.domain.stations import Bay, Station
from services.transfer_station.domain.stock import EntryKind, StationDay, Stock, StockDay, StockEntry
from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import AlertStatus, HaulStatus, StationAlarmKind, WasteStream

START = datetime(2026, 11, 16, tzinfo=UTC)
DAY = date(2026, 11, 16)
RING = ((121.40, 31.20), (121.41, 31.20), (121.41, 31.21), (121.40, 31.20))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


SEAL = Seal(station_id="S-1", container_id="C-1", seal_number="7", stream=WasteStream.RESIDUAL, sealed_at=START, person=None)
HAUL = Haul(
    haul_id="H-1",
    station_id="S-1",
    container_id="C-1",
    seal_number="7",
    stream=WasteStream.RESIDUAL,
    net_kg=9_000,
    origins={"unknown": 9_000},
    destination_plant_id="P-1",
    vehicle_id=None,
    plate="沪C11111",
    sealed_at=START,
    left_at=at(5),
    changed_at=at(5),
)
STATION = Station(
    station_id="S-1",
    revision=3,
    name_zh="站",
    name_en="Station",
    lon=121.4,
    lat=31.2,
    gate=(RING,),
    gate_radius_m=150,
    district_id=None,
    capacity_kg={WasteStream.RESIDUAL: 20_000},
    bays=(Bay(bay_id="B1", streams=(WasteStream.RESIDUAL,)),),
    compactors=(),
    changed_at=START,
)
STOCK = Stock(station_id="S-1", stream=WasteStream.RESIDUAL, capacity_kg=20_000, at=START)
ENTRY = StockEntry(
    entry_id="E-1",
    station_id="S-1",
    stream=WasteStream.RESIDUAL,
    kind=EntryKind.RESIDUE,
    kg=50,
    at=START,
    person="王工",
    reason="washed out",
    recorded_at=START,
)
LOG = LogEntry(
    entry_id="L-1",
    station_id="S-1",
    kind="video",
    value=0,
    unit="online",
    device_id="cam",
    note=None,
    person=None,
    at=START,
    recorded_at=START,
)


def test_a_haul_arrives_once_and_not_before_it_left() -> None:
    arrived = HAUL.arrive(at(60))
    assert (arrived.status, arrived.arrived_at) == (HaulStatus.ARRIVED, at(60))
    assert arrived.arrive(at(60)) is arrived
    with pytest.raises(Conflict, match="it arrived at 2026-11-16T01:00:00") as twice:
        arrived.arrive(at(61))
    with pytest.raises(Invalid, match="before it left"):
        HAUL.arrive(at(4))
    assert twice.value.code == "arrived_before"


def test_a_cancelled_haul_stays_cancelled_and_cannot_arrive() -> None:
    cancelled = HAUL.cancel("never left", "李班长")
    assert (cancelled.status, cancelled.reason, cancelled.person) == (HaulStatus.CANCELLED, "never left", "李班长")
    assert cancelled.cancel("again", "王工") is cancelled
    with pytest.raises(Conflict, match="was cancelled") as refused:
        cancelled.arrive(at(60))
    assert refused.value.code == "haul_cancelled"


def test_a_sealed_container_leaves_once_and_after_it_was_sealed() -> None:
    HAUL.require_same(replace(HAUL, plate="another", revision=4))
    with pytest.raises(Conflict, match="has left before") as twice:
        HAUL.require_same(replace(HAUL, net_kg=9_001))
    SEAL.require_same(replace(SEAL, person="王工"))
    with pytest.raises(Conflict, match="another stream or time") as reused:
        SEAL.require_same(replace(SEAL, sealed_at=at(1)))
    SEAL.require_left_after(START)
    with pytest.raises(Invalid, match="before it was sealed"):
        SEAL.require_left_after(at(-1))
    assert (twice.value.code, reused.value.code) == ("haul_exists", "seal_exists")


def test_a_haul_changes_when_its_origins_do() -> None:
    assert HAUL.come_from({"unknown": 9_000}) is HAUL
    changed = HAUL.come_from({"310104": 9_000}).change(at(9))
    assert (changed.origins, changed.revision, changed.changed_at) == ({"310104": 9_000}, 1, at(9))


def test_a_haul_weighs_what_was_sent_or_gross_less_tare() -> None:
    assert haul_net_kg(9_000, None, None, 60_000) == 9_000
    assert haul_net_kg(9_000, 20_000, 11_000, 60_000) == 9_000
    assert haul_net_kg(None, 20_000, 11_000, 60_000) == 9_000
    for weights, detail in (
        ((9_001, 20_000, 11_000), "is not gross_kg − tare_kg"),
        ((None, 20_000, None), "send `net_kg`"),
        ((None, 11_000, 11_000), "leaves nothing"),
        ((None, 60_001, 11_000), "read the scale again"),
    ):
        with pytest.raises(Invalid, match=detail):
            haul_net_kg(*weights, 60_000)


def test_an_alarm_says_what_it_is_about_and_never_closes_before_it_opened() -> None:
    alarm = Alarm(
        alarm_id="A-1", station_id="S-1", kind=StationAlarmKind.WRONG_BAY, subject="x", opened_at=START, changed_at=START
    )
    told = alarm.tell_about(About(bay_id="B2", stream=WasteStream.FOOD))
    assert (told.bay_id, told.stream, told.value, told.status) == ("B2", WasteStream.FOOD, None, AlertStatus.OPEN)
    assert (told.close(at(4)).status, told.close(at(4)).closed_at) == (AlertStatus.CLOSED, at(4))
    assert told.close(at(-4), AlertStatus.WITHDRAWN).closed_at == START
    assert told.close(at(-4), AlertStatus.WITHDRAWN).status is AlertStatus.WITHDRAWN
    assert (told.change(at(5)).revision, told.change(at(5)).changed_at) == (1, at(5))


def test_the_same_station_again_changes_nothing() -> None:
    assert STATION.change_to(replace(STATION, revision=0, changed_at=at(9))) is STATION
    wider = STATION.change_to(replace(STATION, revision=0, gate_radius_m=200, changed_at=at(9)))
    assert (wider.revision, wider.gate_radius_m, wider.changed_at) == (4, 200, at(9))


def test_a_station_has_bays_that_differ_and_a_gate_that_is_a_small_polygon() -> None:
    STATION.require_sound()
    for wrong, detail in (
        (replace(STATION, bays=STATION.bays * 2), "stands in `bays` twice"),
        (replace(STATION, gate=(RING[:3],)), "must end where it begins"),
        (replace(STATION, gate=((RING[0], (121.61, 31.2), RING[0]),)), "at most 0.2° wide"),
    ):
        with pytest.raises(Invalid, match=detail):
            wrong.require_sound()
    assert replace(STATION, gate=((RING[0], (121.59, 31.2), RING[0]),)).require_sound() is None


def test_a_stock_is_told_again_from_the_oldest_that_moved() -> None:
    marked = STOCK.mark(at(5)).mark(at(9)).mark(None)
    assert (marked.dirty, marked.moved_from) == (True, at(5))
    assert STOCK.mark(None).moved_from is None
    told = marked.tell(4_000, 20_000, at(10))
    assert (told.stored_kg, told.revision, told.dirty, told.moved_from, told.at) == (4_000, 1, False, None, at(10))


@pytest.mark.parametrize(
    ("stored_kg", "capacity_kg", "is_high"),
    [(18_000, 20_000, True), (17_999, 20_000, None), (16_000, 20_000, None), (15_999, 20_000, False), (9_000, 0, False)],
)
def test_a_store_is_nearly_full_from_one_level_on_and_clear_below_another(
    stored_kg: int, capacity_kg: int, is_high: bool | None
) -> None:
    assert replace(STOCK, stored_kg=stored_kg, capacity_kg=capacity_kg).is_high(0.9, 0.8) is is_high


def test_a_day_is_told_again_when_its_books_change() -> None:
    books = StationDay(DAY, 0, 4_000, 3_000, {"residue": 50}, 950)
    told = StockDay.first("S-1", WasteStream.RESIDUAL, books, START)
    assert (told.books, told.revision) == (books, 1)
    assert told.change_to(books, at(9)) is told
    empty = told.change_to(StationDay.without_moves(DAY, 0), at(9))
    assert (empty.revision, empty.closing_kg, empty.lost_kg, empty.changed_at) == (2, 0, {}, at(9))


def test_a_loss_goes_out_of_the_stock_and_an_entry_is_told_once() -> None:
    loss = ENTRY.as_loss()
    assert (loss.movement_id, loss.kind, loss.kg, loss.at) == ("E-1", "correction", -50, START)
    assert (ENTRY.is_count, replace(ENTRY, kind=EntryKind.STOCK_TAKING).is_count) == (False, True)
    ENTRY.require_same(replace(ENTRY, recorded_at=at(9)))
    with pytest.raises(Conflict, match="another entry has this client_id"):
        ENTRY.require_same(replace(ENTRY, kg=51))


def test_a_log_entry_is_told_once_and_a_video_device_is_offline_at_zero() -> None:
    LOG.require_same(replace(LOG, recorded_at=at(9), unit=None))
    with pytest.raises(Conflict, match="another entry has this client_id") as refused:
        LOG.require_same(replace(LOG, value=1))
    assert refused.value.code == "entry_exists"
    assert (LOG.is_offline, replace(LOG, value=1).is_offline) == (True, False)


@pytest.mark.parametrize(
    ("kind", "value", "detail"),
    [
        ("odor", 1, "no such kind of entry; it is one of compactor, disinfection"),
        ("note", 1, "an entry of kind note has no value; say it in `note`"),
        ("odour", None, "odour needs a `value` from 0 to 5 level"),
        ("odour", 5.1, "odour needs a `value` from 0 to 5 level"),
    ],
)
def test_a_log_entry_is_of_a_known_kind_with_a_value_that_can_be(kind: str, value: float | None, detail: str) -> None:
    with pytest.raises(Invalid, match=detail):
        unit_of(kind, value, rulebooks.LOG_KINDS.at(START))


def test_a_log_entry_has_the_unit_of_its_kind() -> None:
    kinds = rulebooks.LOG_KINDS.at(START)
    assert (unit_of("odour", 5, kinds), unit_of("odour", 0, kinds), unit_of("note", None, kinds)) == ("level", "level", None)


def test_a_truck_waits_until_it_is_weighed_in_and_as_long_as_it_is_seen() -> None:
    minutes = {"T-1": [at(0), at(5)], "T-2": [at(2), at(5)], "T-3": [at(-40)]}
    assert [stay.vehicle_id for stay in waiting(minutes, {}, at(6), 15, 10)] == ["T-1", "T-2"]
    assert [stay.vehicle_id for stay in waiting(minutes, {"T-1": at(3)}, at(6), 15, 10)] == ["T-2"]
    assert [stay.vehicle_id for stay in waiting(minutes, {"T-1": at(-30)}, at(6), 15, 10)] == ["T-1", "T-2"]
