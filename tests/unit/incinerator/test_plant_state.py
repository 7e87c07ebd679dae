"""A plant's ticket, day, limits and exceedances: what each becomes, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.incinerator.domain.exceedances import Exceedance, RecordedExceedance
from services.incinerator.domain.hj212 import CrcVariant
from services.incinerator.domain.intake import EntryKind
from services.incinerator.domain.ledger import PlantEntry, ledger_day
from services.incinerator.domain.marks import Mark, OperatingMark
from services.incinerator.domain.means import LineMean, Mean, Period, State
from services.incinerator.domain.plants import HeardLogger, Logger, LoggerState, OwnLimit, limits_changed_since
from services.incinerator.domain.tickets import Haul, Intake
from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import AlertStatus, ExceedanceKind, HaulStatus, Measured, OperatingCondition, TicketStatus, WasteStream
from shared.weighbridge import Weighing

START = datetime(2026, 11, 16, 1, tzinfo=UTC)
DAY = date(2026, 11, 16)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


TICKET = Intake(
    ticket_id="X-1",
    plant_id="P-1",
    client_id="W-1",
    seal_number="S-77",
    vehicle_id=None,
    plate="沪A12345",
    stream=WasteStream.RESIDUAL,
    weighing=Weighing(gross_kg=22_400, weighed_in_at=START),
    recorded_by="K-1",
    changed_at=START,
)
HAUL = Haul(
    haul_id="H-1",
    revision=1,
    station_id="TS-1",
    seal_number="S-77",
    stream=WasteStream.RESIDUAL,
    net_kg=10_300,
    destination_plant_id="P-1",
    vehicle_id="T-9",
    plate="沪A12345",
    status=HaulStatus.LEFT,
    left_at=at(-60),
)
ENTRY = PlantEntry(
    plant_id="P-1", entry_id="E-1", day=DAY, kind=EntryKind.FED, amount=900, note="", recorded_by="K-1", recorded_at=START
)
LIMIT = OwnLimit(measured=Measured.NOX, period=Period.DAILY, limit=80, valid_from=START, source="permit")
OVER = Exceedance(ExceedanceKind.DAILY, Measured.NOX, START, START + timedelta(days=1), 260.0, 250.0, "mg/m³", "GB 18485-2014")
RECORD = RecordedExceedance(
    exceedance_id="O-1",
    plant_id="P-1",
    line_id="L-1",
    kind=OVER.kind,
    pollutant=OVER.pollutant,
    period_start=OVER.period_start,
    period_end=OVER.period_end,
    value=OVER.value,
    limit=OVER.limit,
    unit=OVER.unit,
    source=OVER.source,
    changed_at=START,
)


def test_the_second_weighing_closes_a_ticket_once() -> None:
    closed = TICKET.weigh_out(12_150, at(20))
    assert (closed.status, closed.net_kg, closed.arrived_at, closed.left_at) == ("closed", 10_250, START, at(20))
    assert closed.was_weighed_out(at(20), 12_150)
    assert not closed.was_weighed_out(at(20), 12_000)
    assert not TICKET.was_weighed_out(at(20), 12_150)
    with pytest.raises(Conflict, match="this ticket is closed already"):
        closed.weigh_out(12_000, at(21))


def test_a_truck_weighs_less_when_it_is_empty_and_leaves_after_it_came() -> None:
    with pytest.raises(Invalid, match="void the ticket") as heavy:
        TICKET.weigh_out(22_400, at(20))
    with pytest.raises(Invalid, match="cannot be before the first"):
        TICKET.weigh_out(12_150, at(-1))
    assert heavy.value.code == "net_not_positive"


def test_a_void_ticket_keeps_its_figures_and_takes_no_more() -> None:
    void = TICKET.weigh_out(12_150, at(20)).void("weighed twice")
    assert (void.status, void.net_kg, void.reason) == (TicketStatus.VOID, 10_250, "weighed twice")
    assert void.void("again") is void
    assert not void.was_weighed_out(at(20), 12_150)
    with pytest.raises(Conflict, match="this ticket is void already"):
        void.weigh_out(12_150, at(20))


def test_the_same_first_weighing_is_the_same_ticket_whatever_became_of_it() -> None:
    closed = TICKET.link(HAUL).weigh_out(12_150, at(20)).void("why")
    closed.require_same(replace(TICKET, vehicle_id="T-1"))
    with pytest.raises(Conflict, match="ticket W-1 is there already with other figures"):
        closed.require_same(replace(TICKET, weighing=replace(TICKET.weighing, gross_kg=22_401)))


def test_a_ticket_is_linked_to_the_haul_of_its_seal() -> None:
    linked = TICKET.weigh_out(12_150, at(20)).link(HAUL)
    assert (linked.haul_id, linked.vehicle_id, linked.net_difference_kg) == ("H-1", "T-9", -50)
    assert (TICKET.link(HAUL).net_difference_kg, TICKET.hours_since_it_left(HAUL)) == (None, 1.0)
    assert replace(TICKET, vehicle_id="T-1").link(HAUL).vehicle_id == "T-1", "what the weighbridge saw goes first"
    parted = linked.link(None)
    assert (parted.haul_id, parted.net_difference_kg, parted.hours_since_it_left(None)) == (None, None, None)


def test_a_revision_that_nobody_asked_for_keeps_who_recorded_the_one_before() -> None:
    assert (TICKET.change(at(1)).recorded_by, TICKET.change(at(1)).revision) == ("K-1", 1)
    assert TICKET.change(at(1), "K-2").recorded_by == "K-2"


def test_a_day_s_books_hold_every_kind_and_change_only_when_a_figure_does() -> None:
    entries = {EntryKind.FED: 900, EntryKind.BUNKER_CORRECTION: -50, EntryKind.POWER: 400}
    day = ledger_day("P-1", DAY, 5_000, 700, entries, START)
    assert (day.bunker_kg, day.fed_kg, day.correction_kg, day.power_kwh, day.slag_kg) == (4_750, 900, -50, 400, 0)
    assert day.change_to(replace(day, changed_at=at(9))) is day
    changed = day.change_to(ledger_day("P-1", DAY, 5_000, 800, entries, at(9)))
    assert (changed.revision, changed.bunker_kg, changed.changed_at) == (2, 4_850, at(9))
    assert ENTRY.says_the_same(replace(ENTRY, recorded_by="K-2", recorded_at=at(9)))
    assert not ENTRY.says_the_same(replace(ENTRY, amount=901))


def test_limits_that_changed_are_judged_anew_from_the_oldest_of_them_on() -> None:
    older = replace(LIMIT, valid_from=at(-60))
    assert limits_changed_since((LIMIT,), (LIMIT,)) is None
    assert limits_changed_since((), ()) is None
    assert limits_changed_since((LIMIT,), (LIMIT, older)) == at(-60)
    assert limits_changed_since((LIMIT, older), (older,)) == START


def test_an_exceedance_is_closed_opened_again_and_withdrawn() -> None:
    closed = RECORD.close(at(1440))
    assert (closed.status, closed.closed_at) == (AlertStatus.CLOSED, at(1440))
    assert closed.close(None) == RECORD
    withdrawn = closed.withdraw()
    assert (withdrawn.is_withdrawn, withdrawn.closed_at, RECORD.is_withdrawn) == (True, None, False)
    again = withdrawn.judge(replace(OVER, value=270.0), "P-1").close(None)
    assert (again.status, again.value, again.exceedance_id) == (AlertStatus.OPEN, 270.0, "O-1")
    assert RECORD.judge(OVER, "P-1") == RECORD
    assert (RECORD.change(at(5)).revision, RECORD.change(at(5)).changed_at) == (1, at(5))
    assert replace(RECORD, pollutant=None).measured is Measured.FURNACE_TEMPERATURE


def test_a_mean_of_a_line_is_known_by_what_it_measures_and_when() -> None:
    mean = Mean(Measured.NOX, Period.HOURLY, START, 100.0, State.VALID, "logger", 60)
    of_line = LineMean.of("L-1", mean, over=False)
    assert of_line.key == (Measured.NOX, Period.HOURLY, START)
    assert (of_line.line_id, of_line.value, of_line.covered, of_line.over) == ("L-1", 100.0, 60, False)


def test_a_mark_says_the_same_whoever_recorded_it() -> None:
    mark = OperatingMark(
        line_id="L-1",
        seq=1,
        start=START,
        end=None,
        condition=OperatingCondition.STARTING,
        note="boiler",
        recorded_by="K-1",
        recorded_at=START,
    )
    assert mark.mark == Mark(START, None, OperatingCondition.STARTING)
    assert mark.says_the_same(replace(mark, seq=2, recorded_by="K-2", recorded_at=at(9)))
    assert not mark.says_the_same(replace(mark, note="turbine"))
    assert not mark.says_the_same(replace(mark, end=at(9)))


def test_a_logger_that_never_spoke_was_heard_when_it_was_registered() -> None:
    logger = Logger(
        mn="M-1",
        plant_id="P-1",
        line_id="L-1",
        crc=CrcVariant.HJ212,
        password_salt="s",
        password_hash="h",
        factors={},
        minute_s=600,
        realtime_s=60,
        registered_at=START,
    )
    state = LoggerState(mn="M-1", last_frame_at=at(3), last_crc="hj212", last_encoding="ascii", frames=2)
    assert (HeardLogger.of(logger, None).heard_at, HeardLogger.of(logger, state).heard_at) == (START, at(3))
    assert HeardLogger.of(logger, state).frames == 2
