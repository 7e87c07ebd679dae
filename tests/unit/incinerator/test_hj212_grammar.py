"""HJ 212 values and times by the standard's grammar: read right or refused, never as another number or another time."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.incinerator.domain.hj212 import (
    CLOCK_REQUEST,
    CrcVariant,
    Message,
    Stream,
    Unreadable,
    accepts,
    answer,
    clock_setting,
    encode,
    matching_crc,
    number,
    parse,
    segment,
    time_of,
)
from services.incinerator.service.fates import Fate, fate_of

CASES = Path(__file__).parents[4] / "shared" / "data" / "cases" / "hj212_data_times.txt"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 12, 0, 7, 45_000, tzinfo=SHANGHAI)
OWN = segment(
    qn="20261120032347000",
    cn="2061",
    mn="CASE_1",
    pw="123456",
    flag=5,
    content="DataTime=20261120030000;a34013-Avg=12.5,a34013-ZsAvg=11.3,a34013-Flag=N;a19001-Avg=9.93,a19001-Flag=N",
)


def saying(content: str, cn: str = "2061", flag: int = 5) -> Message:
    return parse(segment(qn="20261120032347000", cn=cn, mn="CASE_1", pw="123456", flag=flag, content=content).encode())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("20261120032447", "2026-11-20 03:24:47+08:00"),
        ("20261120032447000", "2026-11-20 03:24:47+08:00"),
        ("20261120032447999", "2026-11-20 03:24:47+08:00"),
        ("2026112003", None),
        ("", None),
        ("202611200324", None),
        ("2026112003244", None),
        ("202611200324470", None),
        ("2026112003244700000", None),
        ("20261320032447", None),
        ("20261120032460", None),
        ("2026-11-20 03:24", None),
        (" 2026112003244", None),
        ("２０２６１１２００３２４４７", None),
        ("20261120032447abc", None),
        ("00000000000000", None),
        ("00010101000000", None),
    ],
)
def test_a_time_is_14_digits_or_17_by_their_first_14(text: str, seen: str | None) -> None:
    at = saying(f"DataTime={text};a34013-Avg=1.0").data_time(SHANGHAI)
    assert (at and str(at)) == seen


def test_an_empty_data_time_is_not_replaced_by_another_field() -> None:
    assert saying("DataTime=;BeginTime=20261120030000").data_time(SHANGHAI) is None
    assert saying("BeginTime=20261120030000,EndTime=20261120040000").data_time(SHANGHAI) is not None


def test_two_data_times_are_none() -> None:
    assert saying("DataTime=20261120030000;DataTime=20261120040000").data_time(SHANGHAI) is None
    assert saying("DataTime=20261120030000;DataTime=20261120030000").data_time(SHANGHAI) is not None


@given(st.text("0123456789 -:.T", max_size=20))
def test_whatever_is_read_as_a_time_is_written_that_way(text: str) -> None:
    at = time_of(text, SHANGHAI)
    assert at is None or (f"{at:%Y%m%d%H%M%S}" == text[:14] and len(text) in {14, 17})


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.5", 12.5), ("-0.041", -0.041), ("+3", 3), ("0", 0), ("007", 7), ("156720160.000", 156720160), ("9" * 14, 10**14 - 1)],
)
def test_numbers_of_the_standard_are_read(text: str, value: float) -> None:
    assert number(text) == value
    assert saying(f"a34013-Avg={text}").refused == []


@pytest.mark.parametrize(
    "text",
    ["12,5", "12;5", "1.234,5", "12,,5", "1e3", "1_000", "nan", "inf", ".5", "5.", "1 2", "--", "0x10", "１２", "12=5", "9" * 15],
)
def test_what_is_no_number_is_refused_by_name_and_never_cut(text: str) -> None:
    message = saying(f"DataTime=20261120030000;a34013-Avg={text},a34013-Flag=N;a19001-Avg=9.93")
    assert number(message.values["a34013"]["Avg"]) is None
    assert [one.partition("=")[0] for one in message.refused] == ["a34013-Avg"]
    assert (message.values["a34013"]["Flag"], message.values["a19001"]["Avg"]) == ("N", "9.93")


def test_a_value_said_twice_differently_is_refused_and_one_said_twice_alike_is_read() -> None:
    assert saying("a34013-Avg=12.5;a34013-Avg=13.5").refused == ["a34013-Avg=12.5;13.5"]
    assert saying("a34013-Avg=12.5;a34013-Avg=12.5").values["a34013"] == {"Avg": "12.5"}


def test_an_empty_value_is_no_value_and_not_refused() -> None:
    assert saying("a34013-Avg=,a34013-Flag=B").refused == []


def test_a_key_said_twice_differently_makes_the_message_unreadable() -> None:
    with pytest.raises(Unreadable, match="MN"):
        parse(OWN.replace("PW=", "MN=OTHER;PW=").encode())
    assert parse(OWN.replace("PW=", "MN=CASE_1;PW=").encode()).mn == "CASE_1"


@given(st.text("0123456789.,;-+eE_ =", max_size=12))
@example("12,5")
def test_a_value_is_what_was_written_or_none(text: str) -> None:
    assume(not re.search(r"[;,][^;,]*=", text))  # that is a name of its own
    value = number(saying(f"DataTime=20261120030000;a34013-Avg={text};a34013-Flag=N").values["a34013"]["Avg"])
    assert value is None or value == float(text.strip(" ,;"))


def taken(raw: bytes, step: int = 1 << 16) -> list[Message]:
    """What the listener would take of this stream, read in pieces of `step` bytes, from a device that keeps to the standard."""
    stream = Stream()
    found = [frame for at in range(0, len(raw), step) for frame in stream.feed(raw[at : at + step])]
    return [parse(frame.data) for frame in found if accepts(CrcVariant.HJ212, matching_crc(frame))]


RAW = encode(OWN.encode())
NEXT = encode(OWN.replace("12.5", "90").encode())
RIGHT = [parse(RAW[6:-6]), parse(NEXT[6:-6])]


@given(at=st.integers(0, len(RAW) - 1), byte=st.integers(0, 255), step=st.integers(1, 300))
def test_a_flipped_byte_costs_that_frame_or_nothing(at: int, byte: int, step: int) -> None:
    damaged = RAW[:at] + bytes([byte]) + RAW[at + 1 :]
    assert taken(damaged + NEXT, step) in (RIGHT, RIGHT[1:])


@given(start=st.integers(0, len(RAW) - 1), length=st.integers(1, 60), step=st.integers(1, 300))
def test_a_doubled_piece_costs_that_frame_or_nothing(start: int, length: int, step: int) -> None:
    doubled = RAW[: start + length] + RAW[start : start + length] + RAW[start + length :]
    assert taken(doubled + NEXT, step) in (RIGHT, RIGHT[1:])


@given(start=st.integers(0, len(RAW) - 1), length=st.integers(1, 60), step=st.integers(1, 300))
def test_a_lost_piece_costs_at_most_two_frames_and_changes_none(start: int, length: int, step: int) -> None:
    shorter = RAW[:start] + RAW[start + length :]
    assert taken(shorter + NEXT + NEXT, step)[-1:] == RIGHT[1:]
    assert all(message in RIGHT for message in taken(shorter + NEXT + NEXT, step))


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014"])
def test_an_answer_wants_no_answer_whatever_its_flag_says(cn: str) -> None:
    assert not saying("QnRtn=1", cn).wants_answer


@pytest.mark.parametrize(("cn", "by"), [("1013", "9013"), ("9015", "9013"), ("2061", "9014"), ("2081", "9014"), ("3020", "9014")])
def test_a_notice_is_answered_as_a_notice_and_data_as_data(cn: str, by: str) -> None:
    said = parse(answer(saying("PolId=a34013", cn), CrcVariant.HJ212)[6:-6])
    assert (said.cn, said.st, said.qn, said.flag) == (by, "91", "20261120032347000", 4)


def test_a_clock_request_is_met_with_the_time_there_and_a_qn_of_its_own() -> None:
    asked = saying("PolId=a34013", "1013", flag=9)
    said = parse(clock_setting(asked, CrcVariant.HJ212, NOON)[6:-6])
    assert (said.cn, said.st, said.mn, said.pw, said.qn, said.flag) == ("1012", "31", "CASE_1", "123456", "20261120120007045", 9)
    assert said.fields == {"PolId": "a34013", "SystemTime": "20261120120007"}
    assert parse(clock_setting(saying("", "1013"), CrcVariant.HJ212, NOON)[6:-6]).fields == {"SystemTime": "20261120120007"}


def test_frames_from_public_reports_are_what_their_list_says() -> None:
    if not CASES.exists():
        pytest.skip(f"no {CASES.name} beside this checkout")
    for line in CASES.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        data, _, verdict = line.partition(" | ")
        message = parse(data.encode())
        at = message.data_time(SHANGHAI)
        if "no_time" in verdict:
            assert fate_of(message, at, ahead=False) is Fate.NO_TIME
        elif "taken as" in verdict:
            assert f"{at:%Y-%m-%d %H:%M:%S}" == verdict.partition("taken as ")[2]
        else:
            assert (message.cn, parse(answer(message, CrcVariant.HJ212)[6:-6]).cn) == (CLOCK_REQUEST, "9013")
