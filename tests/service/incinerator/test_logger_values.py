"""What a logger says wrongly is kept, answered and named, and no other value is made of it."""

from datetime import timedelta

import pytest

from services.incinerator.domain.hj212 import encode, segment
from shared.testing import City
from tests.service.incinerator.plants import (
    MIDNIGHT,
    MN,
    PASSWORD,
    connected,
    counted,
    emitted,
    frames,
    hourly,
    judged,
    sample,
    stamp,
)


def spoken(
    content: str, cn: str = "2061", qn: str = "20261116010005000", flag: int = 5, packet: tuple[int, int] | None = None
) -> bytes:
    """A frame of the plant's logger with this content."""
    return encode(segment(qn=qn, cn=cn, mn=MN, pw=PASSWORD, flag=flag, content=content, packet=packet).encode())


@pytest.mark.parametrize("time", ["2026111600", "", "202611160000000", "20261316000000", "00010101000000"])
async def test_a_frame_whose_time_is_no_time_is_kept_answered_and_counted_and_makes_no_value(plant: City, time: str) -> None:
    async with connected(plant) as device:
        await device.tell(spoken(f"DataTime={time};a21026-ZsAvg=7,a21026-Flag=N"))
    await judged(plant)
    [kept] = await frames(plant)
    assert (kept["fate"], kept["data_at"]) == ("no_time", None)
    assert (counted(plant, "no_time"), counted(plant, "taken")) == (1, 0)
    assert await emitted(plant, "hourly") == []


async def test_a_time_with_milliseconds_is_that_second(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(spoken(f"DataTime={stamp(MIDNIGHT)}000;a21026-Rtd=7,a21026-ZsRtd=7,a21026-Flag=N", "2011"))
    [one] = await emitted(plant, "realtime")
    assert (one["start"], one["value"]) == ("2026-11-15T16:00:00Z", 7)


async def test_frames_beside_one_of_the_year_one_are_stored(plant: City) -> None:
    """It has no moment in UTC; a database that is asked to store it refuses the whole group."""
    async with connected(plant) as device:
        await device.tell(hourly(0, 5), spoken("DataTime=00010101000000;a21026-ZsAvg=1"), hourly(1, 6))
    await judged(plant)
    assert [one["value"] for one in await emitted(plant, "hourly")] == [5, 6]


async def test_a_command_without_a_time_of_its_own_is_not_counted_as_one_that_lacks_it(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(spoken("RtdInterval=30", "1061"))
    assert [frame["fate"] for frame in await frames(plant)] == ["taken"]


async def test_a_decimal_comma_is_named_and_not_read_as_the_number_before_it(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(spoken(f"DataTime={stamp(MIDNIGHT)};a21026-ZsAvg=12,5,a21026-Flag=N;a21002-ZsAvg=90,a21002-Flag=N"))
        await device.tell(spoken(f"DataTime={stamp(MIDNIGHT)};a21026-ZsAvg=12,5,a21026-Flag=N;a21002-ZsAvg=90,a21002-Flag=N"))
    await judged(plant)
    assert {one["measured"]: one["value"] for one in await emitted(plant, "hourly")} == {"nox": 90}
    [kept] = await frames(plant)
    assert (kept["fate"], kept["refused"]) == ("taken", ["a21026-ZsAvg=12,5"])
    assert sample(plant, "sanitation_hj212_values_refused_total") == 1


async def test_a_refused_value_does_not_take_the_place_of_one_that_was_read(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(hourly(0, 90))
        await device.tell(spoken(f"DataTime={stamp(MIDNIGHT)};a21026-ZsAvg=12,5,a21026-Flag=N", qn="20261116020005000"))
    await judged(plant)
    assert [one["value"] for one in await emitted(plant, "hourly")] == [90]


@pytest.mark.parametrize("qn", ["20261116000005000", "20261116020005000", "20261115000005000", ""])
async def test_a_correction_counts_however_its_number_compares_as_text_and_whatever_its_qn(plant: City, qn: str) -> None:
    async with connected(plant) as device:
        await device.tell(hourly(0, 90))
        await device.tell(spoken(f"DataTime={stamp(MIDNIGHT)};a21026-Avg=100,a21026-ZsAvg=100,a21026-Flag=N", qn=qn))
        await device.tell(hourly(0, 90))  # the same bytes again say nothing new
    await judged(plant)
    assert [one["value"] for one in await emitted(plant, "hourly")] == [100]


def two_packets(qn: str = "20261116001005001") -> tuple[bytes, bytes]:
    """The second says no time."""
    first = spoken(f"DataTime={stamp(MIDNIGHT)};a21026-Avg=20,a21026-Flag=N", "2051", qn, 7, (2, 1))
    return first, spoken("a19001-Avg=11,a19001-Flag=N", "2051", qn, 7, (2, 2))


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("turned", [True, False])
async def test_a_packet_without_a_time_has_that_of_its_message(plant: City, turned: bool, at_once: bool) -> None:
    packets = two_packets()[:: -1 if turned else 1]
    async with connected(plant) as device:
        for some in [packets] if at_once else [packets[:1], packets[1:]]:
            await device.tell(*some)
        await device.tell(packets[1])
    found = {one["measured"]: (one["start"], one["value"]) for one in await emitted(plant, "minute")}
    assert found == {"so2": ("2026-11-15T16:00:00Z", 20), "oxygen": ("2026-11-15T16:00:00Z", 11)}
    assert {(frame["fate"], frame["data_at"]) for frame in await frames(plant)} == {("taken", "2026-11-15T16:00:00Z")}


async def test_a_packet_takes_no_time_of_another_message_nor_one_of_two(plant: City) -> None:
    other, _ = two_packets("20261116001005002")
    first, alone = two_packets()
    later = spoken(f"DataTime={stamp(MIDNIGHT + timedelta(minutes=10))};a21002-Avg=1", "2051", "20261116001005003", 7, (3, 1))
    earlier = spoken(f"DataTime={stamp(MIDNIGHT)};a21002-Avg=2", "2051", "20261116001005003", 7, (3, 2))
    torn = spoken("a21024-Avg=3", "2051", "20261116001005003", 7, (3, 3))
    async with connected(plant) as device:
        await device.tell(other, alone, later, earlier, torn)
    assert {one["measured"] for one in await emitted(plant, "minute")} == {"so2", "nox"}
    assert counted(plant, "no_time") == 2
    assert first != other


async def test_a_packet_whose_own_time_is_unreadable_takes_no_other(plant: City) -> None:
    first, _ = two_packets()
    wrong = spoken("DataTime=2026111600;a19001-Avg=11", "2051", "20261116001005001", 7, (2, 2))
    async with connected(plant) as device:
        await device.tell(first, wrong)
    assert [frame["fate"] for frame in await frames(plant) if frame["pno"] == 2] == ["no_time"]
