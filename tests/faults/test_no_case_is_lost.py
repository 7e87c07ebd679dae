"""Killed while people hand things in, the services behind counters lose nothing and double nothing; nor does the city."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from counters import COMPLAINTS, INSPECTIONS, INTAKES, NET_KG, Clients, Counter, Stored

from deploy.local.suite import ServiceProcess, Suite
from shared.auth import TokenSigner
from shared.settings import Settings

pytestmark = pytest.mark.slow
SECONDS, BREAK_AFTER = 6.0, 2.0
COUNTERS = [COMPLAINTS, INSPECTIONS, INTAKES]


async def prove(victim: str, counter: Counter, url: Callable[[], str], settings: Settings, damage: Callable[[], object]) -> None:
    prefix = f"{victim}-{counter.service}"
    before = await Stored.now(settings, counter, prefix)
    clients = Clients(counter, url, TokenSigner(settings.signing_key), prefix)
    handing_in = asyncio.create_task(clients.hand_in(SECONDS))
    await asyncio.sleep(BREAK_AFTER)
    await asyncio.to_thread(damage)
    await handing_in
    taken = clients.taken
    wanted_kg = before.kilograms + (len(taken.ids) * NET_KG if counter.kilograms else 0)
    found = await Stored.at_rest(settings, counter, prefix, wanted_kg)
    lost, doubled = set(taken.ids) - set(found.ids), len(found.ids) - len(set(taken.ids))
    kilograms = f"{found.kilograms - before.kilograms} of {wanted_kg - before.kilograms} kg in the flows"
    print(
        f"\nkill -9 {victim}, {counter.service}: attempted {taken.attempted} / answered {len(taken.ids)} / "
        f"found {len(found.ids)} / lost {len(lost)} / doubled {doubled} / told {len(found.told)} / {kilograms}"
    )
    assert sorted(found.ids) == sorted(taken.ids), "something is lost, doubled, or nobody's"
    assert found.told == set(taken.ids), "the city was told something else"
    assert found.kilograms == wanted_kg


@pytest.mark.parametrize("counter", COUNTERS, ids=lambda counter: counter.service)
async def test_what_was_taken_is_found_once_when_its_service_is_killed(suite: Suite, counter: Counter) -> None:
    settings = Settings(data_dir=suite.directory, database_url=suite.postgres.url)  # type: ignore[arg-type]

    def damage() -> None:
        suite.kill9(counter.service)
        suite.restart(counter.service)

    await prove(counter.service, counter, lambda: suite.url, settings, damage)


async def test_what_was_taken_is_found_once_when_the_one_process_is_killed(all_in_one: ServiceProcess, tmp_path: Path) -> None:
    def damage() -> None:
        all_in_one.kill()
        all_in_one.start()

    for counter in COUNTERS:
        await prove("all-in-one", counter, lambda: all_in_one.url, Settings(data_dir=tmp_path), damage)
