"""A day of scales with a stolen load, a wrong bay, a drifting scale, a lost haul and a furnace below 850 °C ends with exactly the
tickets, hauls, intakes, alarms, exceedances, findings and balance of its truth, however it is told."""

from collections import Counter

import pytest

from deploy.local.rabbitmq import LocalRabbit
from services.cli.rehearsals import WEIGHED_SHUFFLED_AND_TWICE, told, weigh_in_city
from services.simulator.scenarios.rehearsal import Delivery
from shared.bus import Bus
from shared.rabbit_bus import RabbitBus
from shared.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("delivery", [Delivery(), WEIGHED_SHUFFLED_AND_TWICE], ids=["as it happens", "shuffled, twice and late"])
async def test_the_weighed_day_ends_as_its_truth_says(
    settings: Settings, delivery: Delivery, request: pytest.FixtureRequest
) -> None:
    """SQLite with the local bus is the all-in-one way to run, PostgreSQL with RabbitMQ the suite's."""
    bus: Bus | None = None
    if settings.database_url is not None:
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        bus = RabbitBus(rabbit.url)
    checks = await weigh_in_city(settings, delivery, bus, migrated=True)
    print("\n" + told(checks))
    assert all(check.holds for check in checks), told(checks)
    kinds = Counter(check.what for check in checks)
    assert kinds["ticket"] > 20
    assert kinds["haul"] >= 6
    assert kinds["intake"] == kinds["haul"] - 1, "one haul is lost"
    assert [len(check.expected) for check in checks if check.what in {"alarm", "exceedance"}] == [1, 1]
    assert any(sum(check.expected.values()) > 1000 for check in checks if check.what == "stock"), "some waste stays overnight"
    findings = next(check.expected for check in checks if check.what == "finding")
    assert [kind for kind, _, _ in findings] == ["haul_overdue", "scale_drift", "trip_difference"]
    streams = [check.expected for check in checks if check.of.startswith("streams ")]
    assert len(streams) == 3
    assert any(figures["on_board_end_kg"] > 0 for figures in streams), "one truck comes home full"
    assert all(figures["residue_kg"] for figures in streams), "no two scales agree"
