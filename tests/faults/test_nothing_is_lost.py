"""Promise 1: a 2xx is durable. Things are killed while a thousand records a second come in; a ledger says what was promised."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from ledger import LIFT_KG, Fleet, found, report, settled
from mischief import Mischief

from deploy.local.suite import ServiceProcess, Suite
from shared.auth import TokenSigner
from shared.settings import Settings
from shared.vocabulary import Role

pytestmark = pytest.mark.slow
SECONDS, BREAK_AFTER, ALARM_SECONDS = 14.0, 3.0, 6.0


def _raise_alarm(suite: Suite) -> None:
    suite.rabbit.set_memory_watermark(0.0)
    time.sleep(ALARM_SECONDS)
    suite.rabbit.set_memory_watermark(0.4)


def _end_connections(suite: Suite) -> None:
    """Several times, so that it meets every kind of work."""

    async def end() -> None:
        connection = await asyncpg.connect(suite.postgres.url)
        for _ in range(5):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            await asyncio.sleep(0.5)
        await connection.close()

    asyncio.run(end())


BREAKS: dict[str, Callable[[Suite], None]] = {
    "kill -9 vehicle": lambda suite: _kill_and_restart(suite, "vehicle"),
    "kill -9 route": lambda suite: _kill_and_restart(suite, "route"),
    "kill -9 gateway": lambda suite: _kill_and_restart(suite, "gateway"),
    "kill -9 edge": lambda suite: _kill_and_restart(suite, "edge"),
    "restart rabbitmq": lambda suite: suite.restart("rabbitmq"),
    "kill -9 rabbitmq": lambda suite: _kill_and_restart(suite, "rabbitmq"),
    "restart postgres": lambda suite: suite.restart("postgres"),
    "kill -9 postgres": lambda suite: _kill_and_restart(suite, "postgres"),
    "memory alarm of rabbitmq": _raise_alarm,
    "all connections to postgres ended": _end_connections,
}


def _kill_and_restart(suite: Suite, name: str) -> None:
    suite.kill9(name)
    suite.restart(name)


async def _prove(
    name: str, fleet: Fleet, prefix: str, settings: Settings, damage: Callable[[], object], mischief: Mischief
) -> None:
    loop = asyncio.get_running_loop()
    at_first = await found(settings, prefix)
    before = at_first.weighed, at_first.weighed_kg
    making_mischief = asyncio.create_task(mischief.go_on())
    driving = asyncio.create_task(fleet.drive(SECONDS))
    await asyncio.sleep(BREAK_AFTER)
    broken_at = loop.time()
    await asyncio.to_thread(damage)
    await driving
    ended_at = loop.time()
    mischief.stop()
    state = await settled(settings, prefix, before)
    await making_mischief
    ledger = fleet.ledger
    print("\n" + report(name, ledger, state, broken_at, loop.time() - ended_at))
    print(f"    beside {mischief.cut_off} requests that were cut off and {mischief.poisoned} messages that nobody can handle")
    assert mischief.cut_off > 10
    assert state.cut_off == 0, "a request that did not arrive whole was stored"
    assert ledger.accepted <= state.keys, "a record answered 2xx is lost"
    assert state.keys <= ledger.attempted
    assert state.positions + state.lifts == len(state.keys), "a record is stored twice"
    assert state.route == (state.positions, state.lifts), "the route service counted differently"
    assert state.gateway == (state.positions, state.lifts), "the gateway counted differently"
    assert state.weighed == state.lifts, "lifts were counted differently"
    assert state.weighed_kg == state.lifts * LIFT_KG, "lifted kilograms were counted differently"


@pytest.mark.parametrize("name", BREAKS)
async def test_every_answered_record_is_found_once_whatever_breaks(suite: Suite, name: str) -> None:
    settings = Settings(data_dir=suite.directory, database_url=suite.postgres.url)  # type: ignore[arg-type]
    prefix = f"F{list(BREAKS).index(name)}"
    fleet = Fleet(lambda: suite.url, TokenSigner(settings.signing_key), prefix)
    await asyncio.sleep(3 if name.endswith("rabbitmq") else 0)
    mischief = Mischief(lambda: suite.url, TokenSigner(settings.signing_key), suite.rabbit.url)
    await _prove(name, fleet, prefix, settings, lambda: BREAKS[name](suite), mischief)
    assert mischief.poisoned > 0


async def test_the_all_in_one_process_may_be_killed_too(all_in_one: ServiceProcess, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    fleet = Fleet(lambda: all_in_one.url, TokenSigner(settings.signing_key), "A")

    def damage() -> None:
        all_in_one.kill()
        all_in_one.start()

    mischief = Mischief(lambda: all_in_one.url, TokenSigner(settings.signing_key), None)
    await _prove("kill -9 all-in-one", fleet, "A", settings, damage, mischief)


async def test_a_stop_in_good_order_ends_soon_even_with_an_open_live_stream(all_in_one: ServiceProcess, tmp_path: Path) -> None:
    token = TokenSigner(tmp_path / "keys" / "signing.pem").issue(Role.DISPATCHER, timedelta(hours=1))[0]
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{all_in_one.url}/v1/city/live", headers=headers) as live,
    ):
        lines = live.aiter_lines()
        assert (await anext(lines)).startswith("event: snapshot")
        began = time.monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(all_in_one.stop))
        async for _ in lines:
            pass  # the server ends the stream, not the client
        await stopping
    assert time.monotonic() - began < 10
    assert not all_in_one.alive
