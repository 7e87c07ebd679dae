import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.simulator.demo import yard as demo_yard
from services.simulator.devices.clerk import Clerk
from services.simulator.devices.day import VehicleDay
from services.simulator.devices.hauling import Plant
from services.simulator.scenarios.live_yard import LiveYard
from shared.clock import frozen
from tests.unit.simulator.desk import Desk
from tests.unit.simulator.weighed_fleet import STATION, TRUCKS, weighed_day

SHANGHAI = ZoneInfo("Asia/Shanghai")


def yard_at(desk: Desk, day: VehicleDay) -> LiveYard:
    faults = demo_yard.DemoFaults(1, SHANGHAI, disturbed=False)
    yard = LiveYard(Clerk(desk), [STATION], TRUCKS, Plant("P-1", 121.36, 31.08), faults, {})
    yard.begin(datetime.fromtimestamp(day.start_s, SHANGHAI).date(), [day])
    return yard


async def test_tickets_are_entered_once_the_trucks_have_caught_up_and_only_those_that_are_due() -> None:
    desk, day, caught_up = Desk(), weighed_day(), asyncio.Event()
    first = day.tippings[0]
    with frozen(datetime.fromtimestamp(first.bay_s + 1, UTC)):
        running = asyncio.create_task(yard_at(desk, day).run(caught_up))
        await asyncio.sleep(0.05)
        assert desk.told == []
        caught_up.set()
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.told == ["POST /v1/stations/ST-1/weigh-ins", "POST /v1/tickets/id-of-T/bay"]


def test_a_truck_that_the_registry_does_not_know_tips_nowhere() -> None:
    yard = yard_at(Desk(), weighed_day())
    assert yard.of_truck("T-1") is not None
    assert yard.of_truck("T-2") is None
