from typing import Any

import pytest

from services.simulator.devices.fleet import DeviceTokens
from services.simulator.devices.onboard_unit import OnboardUnit
from shared.client import ApiError
from tests.unit.simulator.flaky_city import FlakyCity, random_trouble


def positions(count: int) -> list[dict[str, Any]]:
    return [
        {"kind": "position", "at": f"2026-11-16T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z", "lon": 121.43, "lat": 31.18}
        for n in range(count)
    ]


class Pauses:
    """Stands in for asyncio.sleep: nobody waits, all is noted."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.mark.parametrize("seed", range(12))
async def test_no_record_is_lost_or_doubled_whatever_the_city_answers(seed: int) -> None:
    city = FlakyCity(random_trouble(seed))
    unit = OnboardUnit("T-1", city.client(), batch_records=100, pause=Pauses())
    records = positions(2345)
    for start in range(0, 2345, 300):
        unit.note(records[start : start + 300])
        await unit.flush()
    assert list(city.stored.values()) == records
    assert unit.aboard == {}
    assert unit.stored + unit.duplicates == 2345


async def test_batches_never_hold_more_than_1000_records() -> None:
    city = FlakyCity(lambda _: "ok")
    unit = OnboardUnit("T-1", city.client(), batch_records=5000, pause=Pauses())
    unit.note(positions(2100))
    await unit.flush()
    assert city.sizes == [1000, 1000, 100]


async def test_retry_after_is_obeyed_and_pauses_grow_without_it() -> None:
    city = FlakyCity(lambda request: {1: "503", 2: "drop_before", 3: "drop_before", 4: "drop_before"}.get(request, "ok"))
    pauses = Pauses()
    unit = OnboardUnit("T-1", city.client(), pause=pauses)
    unit.note(positions(3))
    await unit.flush()
    assert len(pauses.seconds) == 4
    assert pauses.seconds[0] == 2.0
    assert 0.5 <= pauses.seconds[1] <= 1.0
    assert 2.0 <= pauses.seconds[3] <= 4.0


async def test_a_rejected_record_is_final_and_not_sent_again() -> None:
    city = FlakyCity(lambda _: "207")
    unit = OnboardUnit("T-1", city.client(), pause=Pauses())
    unit.note([*positions(3), {"kind": "driver_report", "at": "2026-11-16T00:00:00Z", "code": "nonsense"}])
    await unit.flush()
    assert (unit.stored, unit.rejected, city.requests) == (3, 1, 1)


async def test_one_unreadable_record_does_not_hold_back_the_others() -> None:
    city = FlakyCity(lambda _: "ok")
    unit = OnboardUnit("T-1", city.client(), pause=Pauses())
    poison = {"kind": "driver_report", "at": "2026-11-16T00:00:00Z", "code": "other", "note": "poison"}
    records = positions(40)
    unit.note([*records[:23], poison, *records[23:]])
    await unit.flush()
    assert list(city.stored.values()) == records
    assert unit.refused == [poison]


async def test_an_answer_that_does_not_account_for_the_batch_deletes_nothing() -> None:
    city = FlakyCity(lambda request: "nonsense" if request == 1 else "ok")
    unit = OnboardUnit("T-1", city.client(), pause=Pauses())
    unit.note(positions(5))
    await unit.flush()
    assert (city.requests, unit.duplicates) == (2, 5)


async def test_a_token_that_is_no_longer_good_is_replaced() -> None:
    city = FlakyCity(lambda request: "401" if request == 1 else "ok")
    client = city.client()
    unit = OnboardUnit("T-1", client, DeviceTokens(client).issue, pause=Pauses())
    unit.note(positions(5))
    await unit.flush()
    assert city.tokens == ["Bearer token 1 of T-1", "Bearer token 2 of T-1"]


async def test_a_unit_that_is_not_let_in_says_so_and_keeps_everything() -> None:
    unit = OnboardUnit("T-1", FlakyCity(lambda _: "403").client(), pause=Pauses())
    unit.note(positions(5))
    with pytest.raises(ApiError) as problem:
        await unit.flush()
    assert problem.value.status == 403
    assert len(unit.aboard) == 5


async def test_a_batch_sent_twice_counts_as_duplicates() -> None:
    city = FlakyCity(lambda request: "drop_after" if request == 4 else "ok")
    unit = OnboardUnit("T-1", city.client(), batch_records=10, repeats=2, pause=Pauses())
    unit.note(positions(60))
    await unit.flush()
    assert len(city.stored) == 60
    assert unit.duplicates >= 20
