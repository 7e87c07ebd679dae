"""A repeat is known by its content: another inspection or another reason is none."""

from datetime import timedelta

from evaluated import DAY, furnished, seen, upload

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role

A = "310104003"


async def test_another_inspection_under_a_known_client_id_is_refused_and_the_same_one_is_a_repeat(whole: City) -> None:
    with frozen(DAY + timedelta(hours=1)):
        await furnished(whole)
        async with whole.client(Role.INSPECTOR) as inspector:
            await upload(inspector, seen("1", f"{A}-0", "litter"))
            again = await upload(inspector, seen("1", f"{A}-0", "litter"), seen("1", f"{A}-0"), seen("1", f"{A}-1"), status=207)
    assert [item["status"] for item in again["items"]] == ["duplicate", "rejected", "rejected"]
    assert "client_id" in again["items"][1]["detail"]
