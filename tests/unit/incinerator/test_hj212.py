"""HJ 212 frames: found in any byte stream, held against their length and CRC, read whichever dialect a device speaks."""

from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.incinerator.domain.hj212 import (
    CrcVariant,
    Frame,
    Stream,
    Unreadable,
    accepts,
    answer,
    crc_hj212,
    crc_modbus,
    encode,
    matching_crc,
    parse,
    segment,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
REAL = Path(__file__).parents[4] / "shared" / "standards" / "hj212_frames.tsv"
GOOD = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80"
OWN = segment(
    qn="20260801000005123",
    cn="2011",
    mn="M-1",
    pw="123456",
    flag=5,
    content="DataTime=20260801000000;a21026-Rtd=18.4,a21026-ZsRtd=16.6,a21026-Flag=N;a19001-Rtd=9.93;a19001-Flag=N",
)

PIECES = [GOOD + b"\r\n", encode(OWN.encode()), GOOD, GOOD[:50], b"##0012", b"#", b"##", b"\r\n", b"##0318a&&59C0"]


def frames_of(stream: bytes) -> list[Frame]:
    return Stream().feed(stream)


def test_the_crc_is_the_standard_s_and_not_modbus() -> None:
    assert (crc_hj212(b"123456789"), crc_modbus(b"123456789")) == (0x2F80, 0x4B37)
    assert crc_hj212(b"") == 0xFFFF


def test_the_standard_s_example_is_read() -> None:
    [frame] = frames_of(GOOD + b"\r\n")
    assert matching_crc(frame) is CrcVariant.HJ212
    message = parse(frame.data)
    assert (message.cn, message.mn, message.wants_answer) == ("1062", "010000A8900016F000169DC0", True)
    assert message.fields == {"RtdInterval": "30"}


@pytest.mark.parametrize("variant", [CrcVariant.HJ212, CrcVariant.MODBUS, CrcVariant.MODBUS_SWAPPED])
def test_a_device_s_own_crc_is_recognised_and_taken_only_where_it_is_expected(variant: CrcVariant) -> None:
    [frame] = frames_of(encode(OWN.encode(), variant))
    assert matching_crc(frame) is variant
    assert [one for one in CrcVariant if accepts(one, variant)] == [variant, CrcVariant.IGNORE]


def test_a_wrong_crc_is_taken_only_where_crcs_are_ignored() -> None:
    [frame] = frames_of(encode(OWN.encode())[:-6] + b"0000\r\n")
    assert matching_crc(frame) is None
    assert [one for one in CrcVariant if accepts(one, None)] == [CrcVariant.IGNORE]


def test_values_are_grouped_by_factor_whether_commas_or_semicolons_part_them() -> None:
    message = parse(OWN.encode())
    assert message.values == {
        "a21026": {"Rtd": "18.4", "ZsRtd": "16.6", "Flag": "N"},
        "a19001": {"Rtd": "9.93", "Flag": "N"},
    }
    assert str(message.data_time(SHANGHAI)) == "2026-08-01 00:00:00+08:00"


def test_a_device_of_2005_without_qn_and_flag_is_read() -> None:
    message = parse(b"ST=31;CN=2011;PW=123456;,MN=88888881234567;FLAG=1;CP=&&DataTime=20180306120000;02-Rtd=6.951,02-Flag=N&&")
    assert (message.qn, message.mn, message.flag, message.values["02"]["Rtd"]) == ("", "88888881234567", 1, "6.951")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_text_counts_in_bytes_in_either_encoding(encoding: str) -> None:
    data = OWN.replace("a19001-Flag=N", "i11001-Info=//检修//").encode(encoding)
    [frame] = frames_of(encode(data))
    message = parse(frame.data)
    assert (message.values["i11001"]["Info"], message.encoding) == ("//检修//", encoding)


@pytest.mark.parametrize("data", [b"&&", b"CP=&&&&", b"CN=2011;CP=&&&&", b"MN=1;CN=2;CP=&&x", b"MN=\xff\xff;CN=2;CP=&&&&"])
def test_what_is_no_message_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(data)


def test_the_answer_carries_the_same_qn_in_the_version_that_asked() -> None:
    [frame] = frames_of(answer(parse(OWN.encode()), CrcVariant.MODBUS))
    assert matching_crc(frame) is CrcVariant.MODBUS
    said = parse(frame.data)
    assert (said.qn, said.st, said.cn, said.mn, said.flag) == ("20260801000005123", "91", "9014", "M-1", 4)
    assert parse(answer(parse(OWN.replace("Flag=5", "Flag=9").encode()), CrcVariant.HJ212)[6:-6]).flag == 8


def test_a_half_frame_does_not_swallow_the_next_one() -> None:
    stream = Stream()
    assert [f.data for f in stream.feed(encode(OWN.encode())[:60] + GOOD + b"\r\n")] == [GOOD[6:-4]]
    assert stream.damaged_frames == 1


@pytest.mark.parametrize("shift", [-7, -1, 1, 40])
def test_a_lie_about_the_length_costs_that_frame_only(shift: int) -> None:
    lying = b"##%04d" % (len(OWN) + shift) + encode(OWN.encode())[6:]
    assert [f.data for f in frames_of(lying + GOOD + b"\r\n")] == [GOOD[6:-4]]


def test_endless_garbage_is_not_kept() -> None:
    stream = Stream()
    for _ in range(200):
        assert stream.feed(b"\x00noise ##99x" * 100) == []
        assert len(stream._held) < 12_000
    assert stream.feed(b"\r\n" + GOOD) == [Frame(GOOD[6:-4], "1C80")]
    assert stream.garbage_bytes > 200_000


@given(
    parts=st.lists(
        st.one_of(
            st.sampled_from(PIECES),
            st.binary(max_size=12),
            st.integers(0, 9999).map(lambda n: b"##%04d" % n),
        ),
        max_size=12,
    ),
    cuts=st.lists(st.integers(0, 3000), max_size=20),
)
def test_any_split_of_the_stream_gives_the_same_frames(parts: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(parts)
    stream, found, at = Stream(), [], 0
    for cut in sorted({min(cut, len(whole)) for cut in cuts} | {len(whole)}):
        found += stream.feed(whole[at:cut])
        at = cut
    assert found == frames_of(whole)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    with suppress(Unreadable):
        parse(data + b"MN=1;CN=2011;CP=&&" + data + b"&&")


def own_rows() -> list[tuple[str, str, bytes]]:
    """One frame of each kind that the list of real ones has: (status, CRC as sent, frame without its end)."""
    good, modbus = (encode(OWN.encode(), variant).rstrip() for variant in (CrcVariant.HJ212, CrcVariant.MODBUS))
    wrong_crc, wrong_length = good[:-4] + b"33EC", b"##%04d" % (len(OWN) - 3) + good[6:]
    frames = {"OK": good, "MODBUS-CRC": modbus, "BAD crc=False len=True": wrong_crc, "BAD crc=True len=False": wrong_length}
    return [(status, frame[-4:].decode(), frame) for status, frame in frames.items()]


def real_rows() -> list[tuple[str, str, bytes]]:
    """Captured frames, where the shared data lies beside this checkout."""
    if not REAL.exists():
        return []
    lines = [line.split("\t") for line in REAL.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [(status, sent, frame.encode()) for status, _, sent, _, _, frame, *_ in lines]


@pytest.mark.parametrize(("status", "sent", "raw"), own_rows() + real_rows())
def test_each_frame_is_what_its_list_says(status: str, sent: str, raw: bytes) -> None:
    stream = Stream()
    found = stream.feed(b"noise" + raw + b"\r\n" + GOOD + b"\r\n")
    assert found[-1].crc == "1C80", "the connection lives on"
    if "len=False" in status:
        assert len(found) == 1
        assert stream.damaged_frames >= 1
        return
    frame, _ = found
    assert frame.crc == sent
    expected = {"OK": CrcVariant.HJ212, "MODBUS-CRC": CrcVariant.MODBUS}.get(status)
    assert matching_crc(frame) is expected
    assert parse(frame.data).mn
