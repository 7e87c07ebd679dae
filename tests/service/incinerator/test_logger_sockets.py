"""Silent and greedy connections cost no known logger its place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from services.incinerator import connections
from services.incinerator.domain.hj212 import encode
from shared.testing import City
from tests.service.incinerator.plants import MIDNIGHT, MN, Device, connected, frames, hourly, sample, text

STRANGER = encode(text("2061", MIDNIGHT, "a21026-Avg=1").replace(MN, "STRANGER").encode())
CLOSED = "sanitation_hj212_closed_total"


@asynccontextmanager
async def many(city: City, number: int) -> AsyncIterator[list[Device]]:
    """So many connections that say nothing."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connected(city)) for _ in range(number)]


async def test_500_silent_sockets_lock_no_known_logger_out(plant: City) -> None:
    async with connected(plant) as early:
        await early.tell(hourly(0, 1))
        async with many(plant, 500) as silent, connected(plant) as late:
            await late.tell(hourly(1, 2))
            await early.tell(hourly(2, 3))
            await silent[0].closed()
            assert sample(plant, "sanitation_hj212_connections") <= plant.settings.hj212_connections_per_address + 2
    assert len(await frames(plant)) == 3


async def test_who_does_not_identify_itself_in_time_is_closed(plant: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDENTIFY_SECONDS", 0.3)
    async with connected(plant) as known, connected(plant) as silent, connected(plant) as stranger, connected(plant) as slow:
        await known.tell(hourly(0, 1))
        await stranger.send(STRANGER)
        await slow.send(hourly(0, 1)[:40])
        for one in (silent, stranger, slow):
            await one.closed()
        await known.tell(hourly(1, 2))
    assert sample(plant, CLOSED, reason="unidentified") == 3


async def test_a_wrong_password_identifies_nobody(plant: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDENTIFY_SECONDS", 0.3)
    async with connected(plant) as guesser:
        await guesser.send(hourly(0, 1, pw="000000"))
        await guesser.closed()


async def test_strangers_of_one_address_make_room_for_each_other_the_silent_first(plant: City) -> None:
    most = plant.settings.hj212_connections_per_address
    async with connected(plant) as speaking:
        await speaking.send(STRANGER)
        while not sample(plant, "sanitation_hj212_frames_total", fate="unknown_logger"):
            await asyncio.sleep(0.01)
        async with many(plant, most) as silent:
            await silent[0].closed()
            await silent[-1].tell(hourly(0, 1))
            await speaking.tell(hourly(1, 2))
    assert sample(plant, CLOSED, reason="crowded_out") == 1


async def test_connections_that_a_logger_left_open_make_room_for_its_newest(plant: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_PER_LOGGER", 2)
    async with many(plant, 3) as mine:
        for number, one in enumerate(mine):
            await one.tell(hourly(number, 1))
        await mine[0].closed()
        await mine[1].tell(hourly(5, 1))
        await mine[2].tell(hourly(6, 1))
    assert sample(plant, CLOSED, reason="replaced") == 1
