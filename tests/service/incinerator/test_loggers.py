"""Data loggers over TCP: stored before answered, refused without harm to the connection, the same however it is cut."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from services.incinerator.domain.hj212 import encode
from shared.clock import now
from shared.testing import City
from shared.vocabulary import Role
from tests.service.incinerator.plants import (
    LOGGER,
    MIDNIGHT,
    MN,
    answered,
    connected,
    counted,
    emitted,
    frames,
    hourly,
    judged,
    swapped,
    text,
)


async def test_a_frame_is_stored_when_it_is_answered_and_the_answer_names_it(plant: City) -> None:
    async with connected(plant) as device:
        [said] = await device.tell(hourly(0, 12.5))
        assert (said.qn, said.mn, said.flag) == ("20261116000005000", MN, 4)
        [kept] = await frames(plant)
    assert (kept["cn"], kept["crc"], kept["encoding"], kept["ahead"]) == ("2061", "hj212", "utf-8", False)
    assert "a21026-ZsAvg=12.5" in kept["text"]


async def test_a_frame_sent_again_is_answered_again_and_stored_once(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(hourly(0, 12.5), hourly(0, 12.5))
        await device.tell(hourly(0, 12.5))
    assert len(await frames(plant)) == 1


async def test_a_frame_that_wants_no_answer_gets_none(plant: City) -> None:
    async with connected(plant) as device:
        await device.send(hourly(0, 1, flag=4))
        [said] = await device.tell(hourly(1, 2))
    assert said.qn == "20261116010005000"
    assert len(await frames(plant)) == 2


async def renamed(city: City, table: str, to: str) -> None:
    async with city.apps["incinerator"].state.resources.database.transaction() as session:
        await session.execute(sql(f"ALTER TABLE {table} RENAME TO {to}"))


async def test_what_cannot_be_stored_is_not_answered_until_it_can(plant: City) -> None:
    async with connected(plant) as device:
        await renamed(plant, "raw_frame", "elsewhere")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(device.tell(hourly(0, 3)), 1.5)
        await renamed(plant, "elsewhere", "raw_frame")
        [said] = await device.tell(hourly(0, 3))
    assert said.qn == "20261116000005000"
    assert len(await frames(plant)) == 1


async def test_what_is_refused_gets_no_answer_and_the_connection_lives_on(plant: City) -> None:
    stranger = text("2061", MIDNIGHT, "a21026-Avg=1").replace(MN, "STRANGER")
    async with connected(plant) as device:
        await device.send(
            hourly(0, 1, pw="000000"),
            encode(stranger.encode()),
            swapped(text("2061", MIDNIGHT, "a21026-Avg=1")),
            b"##0012noise",
            encode(b"no message at all;&&"),
            b"\x00\xff" * 300,
        )
        assert len(await device.tell(hourly(0, 5))) == 1
    assert [frame["crc"] for frame in await frames(plant)] == ["hj212"]
    refused = ("wrong_password", "unknown_logger", "wrong_crc", "unreadable", "taken")
    assert [counted(plant, fate) for fate in refused] == [1, 1, 1, 1, 1]


async def test_a_device_with_a_crc_of_its_own_is_taken_as_registered_and_which_matched_is_kept(plant: City) -> None:
    async with plant.client(Role.ADMIN) as admin, connected(plant) as device:
        await answered(admin.put(f"/v1/loggers/{MN}", json=LOGGER | {"crc": "modbus-swapped"}))
        await device.tell(swapped(text("2061", MIDNIGHT, "a21026-Avg=1")))
        await answered(admin.put(f"/v1/loggers/{MN}", json=LOGGER | {"crc": "ignore", "password": None}))
        await device.tell(encode(text("2061", MIDNIGHT, "a21026-Avg=2").encode())[:-6] + b"0000\r\n")
        [logger] = (await answered(admin.get("/v1/loggers")))["items"]
    assert [frame["crc"] for frame in await frames(plant)] == ["modbus-swapped", "none"]
    assert (logger["last_crc"], logger["frames"]) == ("none", 2)
    assert "password" not in str(logger)


async def test_packets_of_one_message_meet_in_any_order_and_with_gbk_text(plant: City) -> None:
    first = text("2051", MIDNIGHT, "a21026-Avg=20,a21026-Flag=N", flag=7, packet=(2, 1), qn="20261116001005001")
    second = text("2051", MIDNIGHT, "a19001-Avg=11,a19001-Flag=N;备注=检修", flag=7, packet=(2, 2), qn="20261116001005002")
    async with connected(plant) as device:
        await device.tell(encode(second.encode("gbk")), encode(first.encode()))
    found = {one["measured"]: one for one in await emitted(plant, "minute")}
    assert (found["so2"]["value"], found["so2"]["state"], found["oxygen"]["value"]) == (20, "valid", 11)
    assert [(frame["pno"], frame["encoding"]) for frame in await frames(plant)] in (
        [(2, "gbk"), (1, "utf-8")],
        [(1, "utf-8"), (2, "gbk")],
    )


@pytest.mark.parametrize("turned", [False, True])
async def test_of_two_values_for_one_time_the_one_that_came_last_stays(plant: City, turned: bool) -> None:
    """By arrival, not by QN: that is told by the device's clock."""
    both = [hourly(0, 10, qn="20261116010005000"), hourly(0, 30, qn="20261116020005000")]
    async with connected(plant) as device:
        for one in reversed(both) if turned else both:
            await device.tell(one)
    await judged(plant)
    assert [one["value"] for one in await emitted(plant, "hourly")] == [10 if turned else 30]


async def test_a_stream_cut_anywhere_is_one_stream(plant: City) -> None:
    raw = b"".join(hourly(n, n) for n in range(10))
    async with connected(plant) as device:
        for start in range(0, len(raw), 37):
            await device.send(raw[start : start + 37])
            await asyncio.sleep(0)
        assert len(await device.answers(10)) == 10
    assert len(await frames(plant)) == 10


async def test_a_clock_that_runs_ahead_is_answered_and_not_believed(plant: City) -> None:
    async with connected(plant) as device:
        await device.tell(encode(text("2061", now() + timedelta(days=30), "a21026-ZsAvg=999").encode()))
    [kept] = await frames(plant)
    assert kept["ahead"]
    assert counted(plant, "ahead") == 1


async def test_ten_thousand_frames_a_minute_are_all_kept(plant: City) -> None:
    """A minute's worth in one go on four connections; none is lost, none is answered twice."""

    async def one(number: int) -> None:
        async with connected(plant) as device:
            qns = [f"202611160000{number}{n:04}" for n in range(500)]
            sent = [encode(text("2011", MIDNIGHT, f"a21026-Rtd={n}", qn=qns[n]).encode()) for n in range(500)]
            assert sorted(m.qn for m in await device.tell(*sent)) == sorted(qns)

    await asyncio.gather(*(one(number) for number in range(4)))
    async with plant.client(Role.ADMIN) as admin:
        [logger] = (await answered(admin.get("/v1/loggers")))["items"]
    assert logger["frames"] == 2000
