import re
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.incinerator.domain import hj212 as reader
from services.simulator.devices.data_logger import DataLogger
from services.simulator.devices.furnace import FurnaceLine, LineFaults, Peak, Report, concentration, reports, temperature
from services.simulator.devices.hj212 import answered_qns, frame
from services.simulator.scenarios.weighed_truth import cold_lines

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT_S = 1_791_561_600  # 2026-10-10 00:00 in Shanghai
DAY_S = 86_400
LINE = FurnaceLine("L-1", "MN1", "123456")


def day_of(line: FurnaceLine = LINE) -> list[Report]:
    return list(reports(line, MIDNIGHT_S + 1, MIDNIGHT_S + DAY_S + 1, SHANGHAI, 1))


def read(report: Report) -> reader.Message:
    stream = reader.Stream()
    [found] = stream.feed(report.frame)
    assert reader.matching_crc(found) is reader.CrcVariant.HJ212
    return reader.parse(found.data)


def test_the_suite_reads_every_frame_as_it_was_meant() -> None:
    messages = [read(report) for report in day_of()]
    counted = {cn: sum(message.cn == cn for message in messages) for cn in ("2111", "2051", "2061")}
    assert counted == {"2111": 288, "2051": 144, "2061": 24}
    assert len({message.qn for message in messages}) == len(messages)
    hour = next(message for message in messages if message.cn == "2061")
    assert hour.fields["DataTime"] == "20261010000000"
    assert set(hour.values) == {"a34013", "a21002", "a21026", "a21024", "a21005"}
    assert hour.values["a21026"]["Flag"] == "N"


def test_a_day_asked_for_in_pieces_is_the_same_day() -> None:
    pieces = [MIDNIGHT_S + 1, MIDNIGHT_S + 4000, MIDNIGHT_S + 4001, MIDNIGHT_S + 50_000, MIDNIGHT_S + DAY_S + 1]
    whole = [one for begin, end in pairwise(pieces) for one in reports(LINE, begin, end, SHANGHAI, 1)]
    assert whole == day_of()


def test_undisturbed_everything_lies_within_the_limits() -> None:
    limits = {"a34013": 20, "a21002": 250, "a21026": 80, "a21024": 50, "a21005": 80}
    for at_s in range(MIDNIGHT_S, MIDNIGHT_S + DAY_S, 600):
        assert temperature(LINE, at_s, 1) > 850
        assert all(concentration(LINE, code, at_s, 1) < limit for code, limit in limits.items())
    assert cold_lines([LINE], MIDNIGHT_S, MIDNIGHT_S + DAY_S, 1) == {}


def test_a_cold_furnace_is_cold_for_as_long_as_it_says_and_no_longer() -> None:
    cold = FurnaceLine("L-1", "MN1", "123456", LineFaults(cold=((MIDNIGHT_S + 3600, MIDNIGHT_S + 3600 + 1800),)))
    below = [at_s for at_s in range(MIDNIGHT_S, MIDNIGHT_S + DAY_S, 300) if temperature(cold, at_s, 1) < 850]
    assert below == list(range(MIDNIGHT_S + 3600, MIDNIGHT_S + 5400, 300))
    assert cold_lines([cold], MIDNIGHT_S, MIDNIGHT_S + DAY_S, 1) == {"L-1": 6}


def test_five_cold_means_a_day_are_allowed() -> None:
    cool = FurnaceLine("L-1", "MN1", "123456", LineFaults(cold=((MIDNIGHT_S, MIDNIGHT_S + 1500),)))
    assert cold_lines([cool], MIDNIGHT_S, MIDNIGHT_S + DAY_S, 1) == {}


def test_a_peak_lasts_its_hour() -> None:
    peak = FurnaceLine("L-1", "MN1", "123456", LineFaults(peaks=(Peak("a21002", MIDNIGHT_S + 7200, 330.0),)))
    hours = [read(report) for report in day_of(peak) if "CN=2061" in report.frame.decode()]
    assert [hour.fields["DataTime"] for hour in hours if float(hour.values["a21002"]["ZsAvg"]) > 300] == ["20261010020000"]


def test_answers_are_found_wherever_the_stream_is_cut() -> None:
    asked = reader.parse(
        reader.Stream().feed(frame(qn="20261010000005111", cn="2111", mn="M", password="p", content="a=1"))[0].data
    )
    answer = reader.answer(asked, reader.CrcVariant.HJ212)
    assert answered_qns(answer * 2) == ["20261010000005111"] * 2
    assert answered_qns(answer[:-2]) == []
    assert re.search(rb"CN=9014", answer)


def test_a_damaged_answer_answers_nothing() -> None:
    """Or the logger would forget a report that nobody has stored."""
    asked = reader.parse(b"QN=20261010000005111;ST=31;CN=2111;PW=p;MN=M;Flag=5;CP=&&a=1&&")
    answer = reader.answer(asked, reader.CrcVariant.HJ212)
    assert answered_qns(answer.replace(b"QN=20261010000005111", b"QN=20261010000006111")) == []


async def test_a_logger_that_nobody_answers_keeps_what_it_has(unused_tcp_port: int) -> None:
    logger = DataLogger("127.0.0.1", unused_tcp_port)
    logger.note(day_of()[:3])
    await logger.flush()
    assert logger.aboard == day_of()[:3]
