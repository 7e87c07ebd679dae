"""The weighed day played through a city: trucks lift, tip and are weighed, hauls go to the plant, loggers report, and what the
city makes of it is held against what they did. The city's clock is the script's; everybody knows the public API only."""

from collections.abc import Mapping
from typing import Any

from services.simulator.devices.clerk import Clerk
from services.simulator.devices.data_logger import DataLogger
from services.simulator.devices.day import VehicleDay, VehicleDisturbance, rfc3339
from services.simulator.devices.driving import drive_day
from services.simulator.devices.fleet import City, DeviceTokens, by_vehicle, pages, runs_of
from services.simulator.devices.furnace import reports
from services.simulator.devices.hauling import Haul, haul_chain, hauls_of, ledger_chain, ledger_of
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.devices.tipping import Tipping, stations_of
from services.simulator.devices.weighing import ticket_chain, ticket_name, trucks_of, yard_for
from services.simulator.scenarios.live import LiveVehicle
from services.simulator.scenarios.rehearsal import INTERVAL_SECONDS, SEED, Check, Delivery, Stage
from services.simulator.scenarios.weighed_script import WeighedScript
from services.simulator.scenarios.weighed_truth import (
    balance_truth,
    cold_lines,
    finding_truth,
    haul_balance_truth,
    haul_truth,
    intake_truth,
    stock_truth,
    ticket_truth,
)

FACTOR_TOLERANCE = 0.01
"""The drift of a scale is estimated within a hundredth."""


class WeighedDay:
    def __init__(self, script: WeighedScript, city: City, stage: Stage, delivery: Delivery, loggers_at: tuple[str, int]) -> None:
        """`city` is an ApiClient signed in as admin; `loggers_at`: host and port where data loggers connect."""
        self.checks: list[Check] = []
        self.script, self.city, self.stage, self.delivery = script, city, stage, delivery
        self.days: list[VehicleDay] = []
        self.hauls: list[Haul] = []
        self.clerk = Clerk(city, twice=delivery.twice)
        self.lines = script.furnace_lines()
        self.ledger: dict[str, int] = {}
        self._loggers = [DataLogger(*loggers_at, twice=delivery.twice) for _ in self.lines]
        self._vehicles: list[LiveVehicle] = []
        self._now_s = script.second(script.begins_at)
        self._midnight_s = script.second("24:00")

    async def run(self) -> list[Check]:
        await self.stage.turn(self.script.at(self.script.begins_at))
        await self._furnish()
        await self._begin()
        for time_of_day in (*self.script.turns, self.script.ends_at):
            await self._turn(time_of_day)
        await self._compare_tickets()
        await self._compare_hauls()
        await self._compare_sites()
        await self._compare_alarms()
        await self._compare_findings()
        await self._compare_balance()
        return self.checks

    @property
    def tippings(self) -> list[Tipping]:
        return [tipping for day in self.days for tipping in day.tippings]

    def check(self, what: str, of: str, expected: Any, actual: Any) -> None:
        self.checks.append(Check(what, of, self.script.ends_at, expected, actual))

    # --- what is there, and what happens

    async def _furnish(self) -> None:
        script, city = self.script, self.city
        await city.post("/v1/vehicle-imports", script.vehicle_import())
        for station_id, station in script.stations.items():
            await city.put(f"/v1/stations/{station_id}", station)
        plant = script.where_the_plant_is
        await city.put(
            f"/v1/plants/{plant.plant_id}", {name: value for name, value in script.plant.items() if name != "plant_id"}
        )
        for mn, logger in script.loggers.items():
            await city.put(f"/v1/loggers/{mn}", {**logger, "plant_id": plant.plant_id})
        report = await city.post("/v1/timetable-imports", script.timetable_import())
        self.check("run", "rejected rows of the timetable", [], report["rejected"])

    async def _begin(self) -> None:
        """Everything the trucks will do, and all that follows from it."""
        script = self.script
        stations = stations_of([one async for one in pages(self.city, "/v1/stations")])
        trucks = trucks_of([one async for one in pages(self.city, "/v1/vehicles")])
        tokens = DeviceTokens(self.city)
        runs = by_vehicle(await runs_of(self.city, script.service_day))
        self.check("run", "vehicles with runs", sorted(trucks), sorted(runs))
        for vehicle_id, own in sorted(runs.items()):
            yard = yard_for(trucks[vehicle_id], stations)
            disturbance = self._with_delivery(vehicle_id)
            day = drive_day(
                vehicle_id, own, seed=SEED, disturbance=disturbance, yard=yard, end_s=script.second(script.ends_at) + 3600
            )
            unit = OnboardUnit(vehicle_id, self.city, tokens.issue, repeats=1 if self.delivery.twice else None, seed=SEED)
            self._vehicles.append(LiveVehicle(vehicle_id, unit, SEED))
            self._vehicles[-1].begin(day)
            self.days.append(day)
        plant, day_text = script.where_the_plant_is, str(script.service_day)
        self.hauls = hauls_of(
            self.tippings,
            stations,
            plant,
            container_kg=script.container_kg,
            day=day_text,
            seed=SEED,
            faults=script.haul_faults,
            rest_goes=False,
        )
        self.ledger = ledger_of(self.hauls, plant, self._midnight_s)
        for tipping in self.tippings:
            chain, late = ticket_chain(tipping, trucks), self.delivery.late_tickets.get(tipping.vehicle_id)
            self.clerk.begin([chain.told_late(script.second(late)) if late else chain])
        self.clerk.begin(map(haul_chain, self.hauls))
        self.clerk.begin([ledger_chain(self.ledger, plant, day_text, self._midnight_s)])

    def _with_delivery(self, vehicle_id: str) -> VehicleDisturbance:
        late = self.delivery.late.get(vehicle_id)
        losses = ((self.script.second(late[0]), self.script.second(late[1])),) if late else ()
        faults = self.script.tipping_faults(vehicle_id)
        return VehicleDisturbance(signal_losses=losses, shuffled=self.delivery.shuffled, tipping=faults)

    async def _turn(self, time_of_day: str) -> None:
        """Until then everybody has driven, been weighed, and told it."""
        before_s, self._now_s = self._now_s, self.script.second(time_of_day)
        await self.stage.turn(self.script.at(time_of_day))
        for vehicle in self._vehicles:
            vehicle.note_until(self._now_s, INTERVAL_SECONDS)
            await vehicle.unit.flush()
        await self.clerk.act_until(self._now_s)
        for line, logger in zip(self.lines, self._loggers, strict=True):
            # The day's data, to its last hour; from midnight on the loggers are silent.
            until_s = min(self._now_s, self._midnight_s + 1)
            logger.note(list(reports(line, before_s, until_s, self.script.zone, SEED)))
            await logger.flush()
        await self.stage.settled()

    # --- what must be true in the end

    async def _compare_tickets(self) -> None:
        kept = ("station_id", "vehicle_id", "stream", "bay_id", "net_kg", "status")
        actual = {one["client_id"]: {name: one[name] for name in kept} async for one in pages(self.city, "/v1/tickets")}
        expected = {ticket_name(one): ticket_truth(one) for one in self.tippings}
        self.check("ticket", "nobody was refused", [], self.clerk.refused)
        self._compare("ticket", expected, actual)

    async def _compare_hauls(self) -> None:
        districts = {vehicle["vehicle_id"]: vehicle["district_id"] for vehicle in self.script.vehicles}
        kept = ("station_id", "stream", "net_kg", "origins", "status")
        actual = {one["seal_number"]: {name: one[name] for name in kept} async for one in pages(self.city, "/v1/hauls")}
        self._compare("haul", {haul.name: haul_truth(haul, districts) for haul in self.hauls}, actual)
        kept = ("haul_id", "net_kg", "net_difference_kg", "status", "stream")
        taken = {one["seal_number"]: {name: one[name] for name in kept} async for one in pages(self.city, "/v1/intakes")}
        truths = {haul.name: intake_truth(haul, self.clerk.ids[haul.name]) for haul in self.hauls}
        self._compare("intake", {name: truth for name, truth in truths.items() if truth}, taken)

    async def _compare_sites(self) -> None:
        for station_id, expected in stock_truth(self.tippings, self.hauls).items():
            state = await self.city.get(f"/v1/stations/{station_id}")
            actual = {stream: state["stock"].get(stream, {}).get("stored_kg") for stream in expected}
            self.check("stock", station_id, expected, actual)
        plant_id = self.script.where_the_plant_is.plant_id
        ledger = (await self.city.get(f"/v1/plants/{plant_id}/ledger", {"day": str(self.script.service_day)}))["items"][0]
        names = {"fed": "fed_kg", "slag": "slag_kg", "fly_ash": "fly_ash_kg", "leachate": "leachate_kg", "power": "power_kwh"}
        self.check("ledger", plant_id, self.ledger, {kind: ledger[name] for kind, name in names.items()})

    async def _compare_alarms(self) -> None:
        wrong = sorted(
            [one.vehicle_id, one.bay_id, rfc3339(one.bay_s)]
            for day in self.days
            for one in day.tippings
            if one.trip in day.disturbance.tipping.wrong_bays
        )
        alarms = [one async for one in pages(self.city, "/v1/station-alarms", kind="wrong_bay")]
        wrong_bays = sorted([one["vehicle_id"], one["bay_id"], one["opened_at"]] for one in alarms)
        self.check("alarm", "wrong bay", wrong, wrong_bays)
        cold = cold_lines(self.lines, self.script.second("00:00"), self._midnight_s, SEED)
        expected = [["furnace_temperature", line_id, count, "open"] for line_id, count in sorted(cold.items())]
        exceedances = [one async for one in pages(self.city, "/v1/exceedances")]
        over_limits = sorted([one["kind"], one["line_id"], one["value"], one["status"]] for one in exceedances)
        self.check("exceedance", "of the day", expected, over_limits)

    async def _compare_findings(self) -> None:
        """What was opened and withdrawn again, because the rest of the data came, counts for nothing."""
        findings = [one async for one in pages(self.city, "/v1/balance/findings")]
        standing = [one for one in findings if one["status"] != "withdrawn"]
        actual = sorted([one["kind"], one["subject_id"], one["status"]] for one in standing)
        self.check("finding", "of the day", finding_truth(self.days, self.hauls, self.clerk.ids), actual)
        for day in self.days:
            if (factor := day.disturbance.tipping.scale_factor) != 1:
                estimate = next((one["factor"] for one in standing if one["subject_id"] == day.vehicle_id), 0.0)
                about = f"{day.vehicle_id} drifts by {factor} within {FACTOR_TOLERANCE}"
                self.check("finding", about, True, abs(estimate - factor) <= FACTOR_TOLERANCE)

    async def _compare_balance(self) -> None:
        """To the kilogram, and closed."""
        balance = await self.city.get("/v1/balance", {"day": str(self.script.service_day)})
        self.check("balance", "all is worked out", True, balance["settled"])
        for part, expected in (("streams", balance_truth(self.days)), ("hauls", haul_balance_truth(self.hauls))):
            actual = {one["stream"]: {name: one[name] for name in one if name.endswith("_kg")} for one in balance[part]}
            self._compare(
                "balance", {f"{part} {k}": v for k, v in expected.items()}, {f"{part} {k}": v for k, v in actual.items()}
            )
        for one in balance["streams"]:
            rest = one["tipped_kg"] + one["on_board_end_kg"] - one["on_board_start_kg"] + sum(r["net_kg"] for r in one["residue"])
            self.check("balance", f"{one['stream']} closes, its residue named", one["lifted_kg"], rest)

    def _compare(self, what: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
        for name in sorted(expected.keys() | actual.keys()):
            self.check(what, name, expected.get(name), actual.get(name))
