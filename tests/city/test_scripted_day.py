"""A day with a breakdown, a take-over, six hours without signal, a made-up working day, blocked stops, a mixed lift and a missed
stop ends with exactly the verdicts, orders, violations and evidence of its truth, however the telemetry arrives."""

from collections import Counter

import pytest

from deploy.local.rabbitmq import LocalRabbit
from services.cli.rehearsals import SHUFFLED_AND_TWICE, rehearse_in, told
from services.simulator.scenarios.rehearsal import Delivery
from shared.bus import Bus
from shared.rabbit_bus import RabbitBus
from shared.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("delivery", [Delivery(), SHUFFLED_AND_TWICE], ids=["as it happens", "shuffled, twice and late"])
async def test_the_scripted_day_ends_as_its_truth_says(
    settings: Settings, delivery: Delivery, request: pytest.FixtureRequest
) -> None:
    """SQLite with the local bus is the all-in-one way to run, PostgreSQL with RabbitMQ the suite's."""
    bus: Bus | None = None
    if settings.database_url is not None:
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        bus = RabbitBus(rabbit.url)
    checks = await rehearse_in(settings, delivery, bus, migrated=True)
    print("\n" + told(checks))
    assert all(check.holds for check in checks), told(checks)
    kinds = Counter(check.what for check in checks)
    assert kinds["verdict"] > 50
    assert kinds["history"] == 8
    assert kinds["evidence"] >= 20
    expected = [check.expected for check in checks if check.what == "verdict" and "verdict" in check.expected]
    assert {verdict["verdict"] for verdict in expected} >= {"collected", "missed", "excepted"}
    assert any(check.what == "violation" and len(check.expected) == 1 for check in checks)
