"""The furnaces in figures for monitoring: only what may be held against a limit, and who is silent."""

from datetime import timedelta

from services.incinerator.service.figures import FurnaceFigures, furnace_figures
from shared.clock import frozen
from shared.testing import City
from tests.service.incinerator.plants import MIDNIGHT, connected, furnace, hourly, judged

NOON = MIDNIGHT + timedelta(hours=12)


async def figures(city: City) -> FurnaceFigures:
    resources = city.apps["incinerator"].state.resources
    async with resources.database.read() as session:
        return await furnace_figures(session, resources.settings.zone)


async def test_the_newest_mean_stands_beside_its_limit(plant: City) -> None:
    with frozen(NOON):
        async with connected(plant) as device:
            await device.tell(hourly(1, 90), hourly(2, 120), furnace(5, 910), furnace(10, 840))
        await judged(plant)
        said = await figures(plant)
    assert (said.means["L-1", "so2", "hourly"], said.limits["L-1", "so2", "hourly"]) == (120, 100)
    assert said.means["L-1", "so2", "daily"] == 105
    assert (said.celsius, said.celsius_limits["L-1",]) == ({("L-1",): 840}, 850)
    assert (said.cold_means, said.cold_allowed["L-1",]) == ({("L-1",): 1}, 5)
    assert ("L-2", "so2", "hourly") in said.limits, "a line that says nothing has its limits all the same"
    assert ("L-2", "so2", "hourly") not in said.means


async def test_what_was_yesterday_is_none_of_today_s_means(plant: City) -> None:
    with frozen(NOON):
        async with connected(plant) as device:
            await device.tell(hourly(1, 90), furnace(5, 910))
        await judged(plant)
    with frozen(NOON + timedelta(days=1)):
        said = await figures(plant)
    assert (said.means, said.celsius, said.cold_means) == ({}, {}, {})


async def test_a_logger_that_never_spoke_is_silent_since_it_was_registered(plant: City) -> None:
    never = (await figures(plant)).heard_at
    assert never.keys() == {("L-1",)}
    with frozen(NOON):
        async with connected(plant) as device:
            await device.tell(hourly(1, 90))
    assert (await figures(plant)).heard_at == {("L-1",): NOON.timestamp()}
