"""`sanitation simulate --live`: trucks that follow the wall clock, today from local midnight on, and every day after."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.simulator.devices.day import Record, VehicleDay
from services.simulator.devices.fleet import City, DeviceTokens, by_vehicle, runs_of
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.scenarios.disturbances import disturbed_day, silent_vehicle
from services.simulator.scenarios.live_yard import LiveYard
from services.simulator.scenarios.simulate import progress_bar
from shared.client import ApiError
from shared.clock import day_bounds, now, service_day

BACKFILL_INTERVAL_SECONDS = 30
LIVE_INTERVAL_SECONDS = 5
POST_EVERY_SECONDS = 4.0
RETRY_DAY_SECONDS = 10.0
PARKED_AT_MOST_SECONDS = 7 * 86_400

log = logging.getLogger(__name__)


class LiveVehicle:
    """One truck over the days: what it notes until a moment, and its unit."""

    def __init__(self, vehicle_id: str, unit: OnboardUnit, seed: int) -> None:
        self.vehicle_id = vehicle_id
        self.unit = unit
        self.noted_until_s = 0
        self._days: list[VehicleDay] = []
        self._seed = seed
        self._backlog: list[Record] = []

    @property
    def busy_until_s(self) -> int:
        return self._days[-1].busy_until_s if self._days else 0

    @property
    def depot(self) -> tuple[float, float] | None:
        return self._days[-1].depot if self._days else None

    def begin(self, day: VehicleDay) -> None:
        """From its start on the day takes the place of the one before."""
        self._days.append(day)

    def note_until(self, now_s: int, interval_seconds: int) -> None:
        """Without a network the records wait in a backlog, which follows when the network is back."""
        while self._days and self.noted_until_s < now_s:
            day, follows = self._days[0], self._days[1:]
            until_s = min(now_s, follows[0].start_s) if follows else now_s
            if not day.disturbance.silent:
                self._backlog += day.records(interval_seconds, self.noted_until_s, until_s)
            self.noted_until_s = until_s
            if follows and until_s == follows[0].start_s:
                self._days.pop(0)
            self._hand_over(day, until_s)

    def _hand_over(self, day: VehicleDay, at_s: int) -> None:
        if any(begin_s <= at_s < end_s for begin_s, end_s in day.disturbance.signal_losses):
            return
        if day.disturbance.shuffled:
            Random(f"{self._seed}:{self.vehicle_id}:{at_s}").shuffle(self._backlog)
        self.unit.note(self._backlog)
        self._backlog = []


class LiveCity:
    """`city` is an ApiClient signed in as admin; run() goes on until it is cancelled. With a `yard` trucks tip at stations."""

    def __init__(
        self,
        city: City,
        zone: ZoneInfo,
        seed: int,
        *,
        disturbed: bool = True,
        interval_seconds: int = LIVE_INTERVAL_SECONDS,
        yard: LiveYard | None = None,
    ) -> None:
        self._city = city
        self._zone = zone
        self._seed = seed
        self._disturbed = disturbed
        self._interval_seconds = interval_seconds
        self._yard = yard
        self._tokens = DeviceTokens(city)
        self._room_to_catch_up = asyncio.Semaphore(4)
        self.vehicles: dict[str, LiveVehicle] = {}
        self._behind: set[str] = set()
        self._caught_up = asyncio.Event()

    async def run(self, *, quiet: bool = False) -> None:
        today = service_day(now(), self._zone)
        await self._begin_when_the_city_is_up(today)
        driving: set[str] = set()
        with progress_bar(quiet=quiet) as progress:
            caught_up = progress.add_task("today until now", total=len(self.vehicles))
            async with asyncio.TaskGroup() as tasks:
                self._behind = set(self.vehicles)
                if self._yard:
                    tasks.create_task(self._yard.run(self._caught_up))
                while True:
                    for vehicle_id in self.vehicles.keys() - driving:
                        tasks.create_task(self._drive(self.vehicles[vehicle_id], lambda: progress.advance(caught_up)))
                    driving |= self.vehicles.keys()
                    today += timedelta(days=1)
                    await self._sleep_until(day_bounds(today, self._zone)[0])
                    await self._begin_when_the_city_is_up(today)

    async def begin_day(self, day: date) -> None:
        """Drives the day's runs; a truck that is still out from the day before begins when it is back."""
        fleet = by_vehicle(await runs_of(self._city, day))
        silent = silent_vehicle(fleet, self._seed) if self._disturbed else None
        midnight_s = int(day_bounds(day, self._zone)[0].timestamp())
        driven: dict[str, VehicleDay] = {}
        for vehicle_id, runs in fleet.items():
            vehicle = self.vehicles.get(vehicle_id) or self._new_vehicle(vehicle_id)
            start_s = max(midnight_s, vehicle.busy_until_s)
            driven[vehicle_id] = self._driven(vehicle, runs, start_s, day, silent=vehicle_id == silent)
            vehicle.begin(driven[vehicle_id])
            await asyncio.sleep(0)
        if self._yard:
            self._yard.begin(day, driven.values())

    def _driven(
        self, vehicle: LiveVehicle, runs: Sequence[Mapping[str, Any]], start_s: int, day: date, *, silent: bool
    ) -> VehicleDay:
        """From the depot of the day before. Parked after its runs, the unit goes on sending until another day begins."""
        return disturbed_day(
            vehicle.vehicle_id,
            runs,
            seed=self._seed,
            disturbed=self._disturbed,
            silent=silent,
            depot=vehicle.depot,
            start_s=start_s,
            end_s=start_s + PARKED_AT_MOST_SECONDS,
            yard=self._yard.of_truck(vehicle.vehicle_id) if self._yard else None,
            tipping=self._yard.faults.of_truck(vehicle.vehicle_id, day) if self._yard and self._disturbed else None,
        )

    def _new_vehicle(self, vehicle_id: str) -> LiveVehicle:
        unit = OnboardUnit(vehicle_id, self._city, self._tokens.issue, seed=self._seed)
        self.vehicles[vehicle_id] = LiveVehicle(vehicle_id, unit, self._seed)
        return self.vehicles[vehicle_id]

    async def _begin_when_the_city_is_up(self, day: date) -> None:
        while True:
            try:
                await self.begin_day(day)
            except ApiError as problem:
                log.warning("the runs of %s cannot be had yet: %s", day, problem)
                await asyncio.sleep(RETRY_DAY_SECONDS)
            else:
                return

    async def _drive(self, vehicle: LiveVehicle, caught_up: Callable[[], None]) -> None:
        """Today until now, coarsely and a few trucks at a time; each moves as soon as it has caught up."""
        async with self._room_to_catch_up:
            vehicle.note_until(int(now().timestamp()), BACKFILL_INTERVAL_SECONDS)
            await self._send(vehicle)
        caught_up()
        self._behind.discard(vehicle.vehicle_id)
        if not self._behind:
            self._caught_up.set()
        # Each unit has its own moment to post, so that the city sees a steady stream and not a beat.
        await asyncio.sleep(Random(f"{self._seed}:{vehicle.vehicle_id}").uniform(0, POST_EVERY_SECONDS))
        while True:
            vehicle.note_until(int(now().timestamp()), self._interval_seconds)
            await self._send(vehicle)
            await asyncio.sleep(POST_EVERY_SECONDS)

    async def _send(self, vehicle: LiveVehicle) -> None:
        try:
            await vehicle.unit.flush()
        except ApiError as problem:
            log.warning("%s is not let in: %s", vehicle.vehicle_id, problem)

    @staticmethod
    async def _sleep_until(at: datetime) -> None:
        while (left := (at - now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, 30.0))
