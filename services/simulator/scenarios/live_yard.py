"""Stations, hauls and a plant that follow the wall clock, beside the trucks of `live.py`."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.simulator.demo import yard as demo_yard
from services.simulator.devices.clerk import Clerk
from services.simulator.devices.data_logger import DataLogger
from services.simulator.devices.day import VehicleDay
from services.simulator.devices.fleet import City, pages
from services.simulator.devices.furnace import FurnaceLine, reports
from services.simulator.devices.hauling import Plant, haul_chain, hauls_of, ledger_chain, ledger_of
from services.simulator.devices.tipping import Station, Yard, stations_of
from services.simulator.devices.weighing import Truck, ticket_chain, trucks_of, yard_for
from shared.clock import day_bounds, now

ACT_EVERY_SECONDS = 5.0


class LiveYard:
    """`lines`: furnace lines whose loggers connect to `loggers_at` (host, port); none without it."""

    def __init__(
        self,
        clerk: Clerk,
        stations: Sequence[Station],
        trucks: Mapping[str, Truck],
        plant: Plant,
        faults: demo_yard.DemoFaults,
        loggers: Mapping[FurnaceLine, DataLogger],
    ) -> None:
        self.faults = faults
        self._clerk, self._stations, self._trucks, self._plant, self._loggers = clerk, stations, trucks, plant, loggers
        self._reports_from_s = 0

    @classmethod
    async def of_demo(
        cls,
        city: City,
        zone: ZoneInfo,
        seed: int,
        lines: Sequence[FurnaceLine],
        loggers_at: tuple[str, int] | None,
        *,
        disturbed: bool = True,
    ) -> "LiveYard":
        """Of the demo city as it has been loaded."""
        stations = stations_of([one async for one in pages(city, "/v1/stations")])
        trucks = trucks_of([one async for one in pages(city, "/v1/vehicles")])
        body = demo_yard.plant()
        plant = Plant(demo_yard.PLANT_ID, body["lon"], body["lat"])
        loggers = {line: DataLogger(*loggers_at) for line in lines} if loggers_at else {}
        return cls(Clerk(city), stations, trucks, plant, demo_yard.DemoFaults(seed, zone, disturbed), loggers)

    def of_truck(self, vehicle_id: str) -> Yard | None:
        truck = self._trucks.get(vehicle_id)
        return yard_for(truck, tuple(self._stations), demo_yard.WORTH_SHARE) if truck else None

    def begin(self, day: date, driven: Iterable[VehicleDay]) -> None:
        """All that follows from what the trucks will do on the day."""
        faults = self.faults
        tippings = [tipping for one in driven for tipping in one.tippings]
        hauls = hauls_of(
            tippings,
            self._stations,
            self._plant,
            container_kg=demo_yard.CONTAINER_KG,
            day=str(day),
            seed=faults.seed,
            faults=faults.of_hauls(day),
        )
        self._clerk.begin(ticket_chain(tipping, self._trucks) for tipping in tippings)
        self._clerk.begin(map(haul_chain, hauls))
        begins_at, ends_at = day_bounds(day, faults.zone)
        end_s = int(ends_at.timestamp())
        self._clerk.begin([ledger_chain(ledger_of(hauls, self._plant, end_s), self._plant, str(day), end_s)])
        self._reports_from_s = self._reports_from_s or int((begins_at + timedelta(seconds=1)).timestamp())

    async def run(self, trucks_caught_up: asyncio.Event) -> None:
        """Tickets follow what the trucks have sent of the day, so that neither waits for the other and each is matched once."""
        await asyncio.gather(
            self._weigh(trucks_caught_up), *(self._report(line, logger) for line, logger in self._loggers.items())
        )

    async def _weigh(self, trucks_caught_up: asyncio.Event) -> None:
        await trucks_caught_up.wait()
        while True:
            await self._clerk.act_until(int(now().timestamp()))
            await asyncio.sleep(ACT_EVERY_SECONDS)

    async def _report(self, line: FurnaceLine, logger: DataLogger) -> None:
        faults, reported_until_s = self.faults, self._reports_from_s
        while True:
            now_s = int(now().timestamp())
            today = faults.of_line(line, faults.day_of(now_s))
            logger.note(list(reports(today, reported_until_s, now_s, faults.zone, faults.seed)))
            reported_until_s = now_s
            await logger.flush()
            await asyncio.sleep(ACT_EVERY_SECONDS)
