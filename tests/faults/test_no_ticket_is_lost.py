"""Killed during a weigh-out, a station loses no ticket and doubles none; nor its net weight in the stock and in the city."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from weighbridge import Weighbridges, settled_tickets

from deploy.local.suite import ServiceProcess, Suite
from shared.auth import TokenSigner
from shared.settings import Settings

pytestmark = pytest.mark.slow
SECONDS, BREAK_AFTER = 10.0, 3.0


async def _prove(name: str, station_id: str, url: Callable[[], str], settings: Settings, damage: Callable[[], object]) -> None:
    scales = Weighbridges(url, TokenSigner(settings.signing_key), station_id)
    weighing = asyncio.create_task(scales.weigh(SECONDS))
    await asyncio.sleep(BREAK_AFTER)
    await asyncio.to_thread(damage)
    await weighing
    state, ledger = await settled_tickets(settings, station_id), scales.ledger
    lost = ledger.closed.keys() - state.closed.keys()
    print(
        f"\n{name}: attempted {len(ledger.attempted)} / closed {len(ledger.closed)} / found {len(state.closed)} / "
        f"lost {len(lost)} / tickets {state.tickets} / stored {state.stored_kg} kg / told {len(state.told)}"
    )
    assert ledger.closed == state.closed == ledger.attempted, "a ticket is lost, doubled, or weighs something else"
    assert state.tickets == len(ledger.attempted), "a ticket was made twice"
    assert state.stored_kg == sum(ledger.closed.values()), "the stock is not the sum of the tickets"
    assert state.told == ledger.closed, "the city was told something else"


@pytest.mark.parametrize("victim", ["transfer_station", "rabbitmq", "postgres"])
async def test_every_closed_ticket_is_found_once_whatever_is_killed(suite: Suite, victim: str) -> None:
    settings = Settings(data_dir=suite.directory, database_url=suite.postgres.url)  # type: ignore[arg-type]

    def damage() -> None:
        suite.kill9(victim)
        suite.restart(victim)

    await _prove(f"kill -9 {victim}", f"S-{victim}", lambda: suite.url, settings, damage)


async def test_the_all_in_one_process_may_be_killed_while_it_weighs(all_in_one: ServiceProcess, tmp_path: Path) -> None:
    def damage() -> None:
        all_in_one.kill()
        all_in_one.start()

    await _prove("kill -9 all-in-one", "S-all", lambda: all_in_one.url, Settings(data_dir=tmp_path), damage)
