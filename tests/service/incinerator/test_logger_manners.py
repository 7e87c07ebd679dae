"""Each command of a data logger is answered as HJ 212-2017 says."""

from datetime import timedelta

import pytest

from services.incinerator.domain.hj212 import encode, segment, time_of
from shared.clock import now
from shared.testing import City
from shared.vocabulary import Role
from tests.service.incinerator.plants import LOGGER, MN, PASSWORD, SHANGHAI, answered, connected, frames, hourly


def command(cn: str, content: str, *, mn: str = MN, flag: int = 5, qn: str = "20261120032347003") -> bytes:
    return encode(segment(qn=qn, cn=cn, mn=mn, pw=PASSWORD, flag=flag, content=content).encode())


async def test_a_clock_request_is_answered_as_a_notice_and_then_met(plant: City) -> None:
    async with connected(plant) as device:
        await device.send(command("1013", "PolId=a34013"))
        notice, setting = await device.receive(2)
        assert (notice.cn, notice.st, notice.qn, notice.flag) == ("9013", "91", "20261120032347003", 4)
        assert (setting.cn, setting.st, setting.mn, setting.pw, setting.flag) == ("1012", "31", MN, PASSWORD, 5)
        assert setting.fields["PolId"] == "a34013"
        told = time_of(setting.fields["SystemTime"], SHANGHAI)
        assert told is not None
        assert abs(told - now()) < timedelta(seconds=30)
        assert setting.qn[:14] == setting.fields["SystemTime"]
        await device.send(command("9011", "QnRtn=1", qn=setting.qn, flag=4), command("9012", "ExeRtn=1", qn=setting.qn, flag=5))
        assert (await device.tell(hourly(0, 5)))[0].qn == "20261116000005000", "and its results are not answered"
    assert {frame["cn"] for frame in await frames(plant)} == {"1013", "9011", "9012", "2061"}


async def test_a_clock_request_sent_again_is_met_again(plant: City) -> None:
    async with connected(plant) as device:
        await device.send(command("1013", ""), command("1013", ""))
        assert sorted(message.cn for message in await device.receive(4)) == ["1012", "1012", "9013", "9013"]


async def test_a_clock_request_that_wants_no_answer_is_met_without_one(plant: City) -> None:
    async with connected(plant) as device:
        await device.send(command("1013", "", flag=4))
        assert [message.cn for message in await device.receive(1)] == ["1012"]


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014"])
async def test_answers_are_not_answered(plant: City, cn: str) -> None:
    async with connected(plant) as device:
        await device.send(command(cn, "QnRtn=1"))
        assert [message.qn for message in await device.tell(hourly(0, 5))] == ["20261116000005000"]
    assert {frame["cn"] for frame in await frames(plant)} == {cn, "2061"}


async def test_a_heartbeat_is_answered_as_a_notice(plant: City) -> None:
    async with connected(plant) as device:
        await device.send(command("9015", "", flag=9))
        [said] = await device.receive(1)
    assert (said.cn, said.flag) == ("9013", 8)


@pytest.mark.parametrize("mn", ["WJ_THGY_01", "SH-PD-0001", "_"])
async def test_an_mn_with_a_line_in_it_is_registered_and_heard(plant: City, mn: str) -> None:
    async with plant.client(Role.ADMIN) as admin, connected(plant) as device:
        await answered(admin.put(f"/v1/loggers/{mn}", json=LOGGER))
        [said] = await device.tell(command("2011", "DataTime=20261116000000;a21026-Rtd=1", mn=mn))
    assert said.mn == mn
