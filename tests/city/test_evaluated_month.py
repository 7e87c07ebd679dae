"""A month of inspections, missed stops, complaints and appeals ends with the index, ranks, statements and credit that were worked
out by hand; a late batch exonerates a contractor, and every figure leads down to what was seen."""

from collections import Counter
from random import Random

import pytest

from deploy.local.rabbitmq import LocalRabbit
from services.cli.rehearsals import EVALUATED_SHUFFLED_AND_TWICE, evaluate_in_city, told
from services.simulator.scenarios.evaluated_script import shipped_evaluated_script
from services.simulator.scenarios.rehearsal import Check, Delivery
from shared.bus import Bus, Deliver, Message
from shared.rabbit_bus import RabbitBus
from shared.settings import Settings
from shared.testing import Duplicator

pytestmark = pytest.mark.slow
CLOSED_TWICE = 2


class ShuffledTwice(Duplicator):
    """What comes together comes to the evaluation service in another order, and again in yet another."""

    async def consume(self, queue: str, deliver: Deliver, dead: Deliver) -> None:
        lots = Random(20261005)

        async def shuffled(messages: list[Message]) -> None:
            for _ in range(2):
                await deliver(lots.sample(messages, len(messages)))

        await self._bus.consume(queue, shuffled if queue.startswith("evaluation") else deliver, dead)


async def test_the_evaluated_month_ends_as_its_truth_says(settings: Settings, request: pytest.FixtureRequest) -> None:
    """On SQLite with the local bus as it happens; on PostgreSQL with RabbitMQ shuffled and twice, on the way in and between."""
    bus: Bus | None = None
    delivery = Delivery()
    if settings.database_url is not None:
        rabbit: LocalRabbit = request.getfixturevalue("rabbit")
        bus, delivery = ShuffledTwice(RabbitBus(rabbit.url)), EVALUATED_SHUFFLED_AND_TWICE  # type: ignore[assignment]
    checks = await evaluate_in_city(settings, delivery, bus, migrated=True)
    print("\n" + told(checks))
    assert all(check.holds for check in checks), told(checks)
    script = shipped_evaluated_script()
    kinds = Counter(check.what for check in checks)
    assert kinds["credit"] == CLOSED_TWICE * 2
    assert kinds["sums"] == len(script.areas)
    areas, statements = figures(checks, "index", script.areas), figures(checks, "statement", script.contracts)
    assert [len(areas[area_id]) for area_id in script.areas] == [CLOSED_TWICE] * len(script.areas)
    assert [one["rank"] for one in areas["310104003"]] == [3, 2], "the late batch lifts A above B"
    assert [one["payable_fen"] for one in statements["EM-C1"]] == [28_470_000, 29_980_000], "and its contractor has the fee back"
    assert [one["payable_fen"] for one in statements["EM-C2"]] == [18_960_001, 18_970_001]
    followed = Counter(check.of.split("/")[2] for check in checks if check.what == "link")
    assert followed.keys() == {
        "deductions",
        "inspections",
        "findings-of-inspections",
        "complaints",
        "stops",
        "violations",
        "station-alarms",
        "tickets",
        "surveys",
    }
    assert followed["deductions"] == sum(len(one["lines"]) for one in script.truth["corrected"]["statements"].values())


def figures(checks: list[Check], what: str, of: object) -> dict[str, list[dict[str, object]]]:
    """What was found at each closing, by area or contract."""
    found: dict[str, list[dict[str, object]]] = {}
    for check in checks:
        if check.what == what and check.of in of:  # type: ignore[operator]
            found.setdefault(check.of, []).append(check.found)
    return found
