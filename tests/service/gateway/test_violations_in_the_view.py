"""Open violations of the day are counted in the city view, whatever the order in which they were told."""

import pytest
from happenings import CAOHEJING, HUANGPU, XUHUI, mixed, tell

from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory

pytestmark = pytest.mark.usefixtures("at_ten")


async def counted(city: City, **scope: list[str]) -> int:
    async with city.client(Role.DISPATCHER, **scope) as dispatcher:
        answer = await dispatcher.get("/v1/city")
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["runs"]["violations"]
    return count


async def test_open_violations_are_counted_within_the_scope_and_withdrawn_ones_are_not(open_city: CityFactory) -> None:
    async with open_city() as city:
        await tell(city, mixed("V-1"), mixed("V-2", district_id=CAOHEJING), mixed("V-3", district_id=HUANGPU))
        assert (await counted(city), await counted(city, district_ids=[XUHUI])) == (3, 2)
        await tell(city, mixed("V-1", 2, "withdrawn"))
        assert (await counted(city), await counted(city, district_ids=[XUHUI])) == (2, 1)


async def test_an_older_word_of_a_violation_does_not_bring_it_back(open_city: CityFactory) -> None:
    async with open_city() as city:
        await tell(city, mixed("V-1", 2, "withdrawn"))
        await tell(city, mixed("V-1", 1))
        assert await counted(city) == 0
        await tell(city, mixed("V-1", 3), mixed("V-1", 2, "withdrawn"))
        assert await counted(city) == 1
