"""A scripted day played through a city: trucks drive it, a dispatcher deals with it, and every expectation is held against
what the city says. The city's clock is the script's; trucks and dispatcher know the public API only.

What must be true comes from the script and from what the trucks did, never from the city.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from services.simulator.devices.day import VehicleDay, epoch_s, rfc3339
from services.simulator.devices.driving import drive_day
from services.simulator.devices.fleet import City, DeviceTokens, by_vehicle, pages, runs_of
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.scenarios.hotline import Hotline
from services.simulator.scenarios.live import LiveVehicle
from services.simulator.scenarios.script import Script, Step
from services.simulator.scenarios.truth import Truth, truth_of

INTERVAL_SECONDS = 10
SEED = 20261010
SERVED = frozenset({"collected", "early", "late"})


class Stage(Protocol):
    """Where the city runs: lets it be that time, and waits until all that was sent has had its effect."""

    async def turn(self, at: datetime) -> None: ...
    async def settled(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """How telemetry arrives: what comes together `shuffled`, every batch `twice`, that of some trucks hours late: (from, to)
    by vehicle, local time of day. Tickets come `twice` too, those of some trucks not before a time of day (`late_tickets`)."""

    shuffled: bool = False
    twice: bool = False
    late: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    late_tickets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the truth file, and what was found. `what`: run, verdict, history, order, overdue, violation, evidence,
    case, clock; of the weighed day: ticket, haul, intake, stock, ledger, alarm, exceedance, finding, balance."""

    what: str
    of: str
    at: str
    expected: Any
    found: Any

    @property
    def holds(self) -> bool:
        return bool(self.expected == self.found)

    def truth(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "found"}


class Rehearsal:
    def __init__(self, script: Script, city: City, stage: Stage, delivery: Delivery) -> None:
        """`city` is an ApiClient signed in as admin, for as long as the script's day lasts."""
        self.checks: list[Check] = []
        self._script, self._city, self._stage, self._delivery = script, city, stage, delivery
        self._now_s = 0
        self._tokens = DeviceTokens(city)
        self._vehicles: dict[str, LiveVehicle] = {}
        self._days: list[VehicleDay] = []
        self._orders: dict[str, dict[str, Any]] = {}
        self._hotline = Hotline(script, city, self._check)
        self._steps: dict[str, Callable[[Step], Awaitable[None]]] = {
            "plan": self._plan,
            "look": self._look,
            "give": self._give,
            "answer": self._answer,
            "cancel": self._cancel,
            "overdue": self._overdue,
            "history": self._history,
            "ask": self._ask,
            "complain": self._hotline.complain,
            "work": self._hotline.work,
            "case": self._hotline.look,
        }

    async def run(self) -> list[Check]:
        script = self._script
        await self._turn(script.begins_at)
        await self._city.post("/v1/vehicle-imports", script.vehicle_import())
        report = await self._city.post("/v1/timetable-imports", script.timetable_import())
        self._check("run", "rejected rows of the timetable", script.begins_at, [], report["rejected"])
        for step in script.steps:
            await self._turn(step["at"])
            await self._steps[step["do"]](step)
        await self._turn(script.ends_at)
        await self._compare_verdicts()
        await self._compare_orders()
        await self._compare_violations()
        await self._hotline.compare(self._days)
        return self.checks

    async def _turn(self, time_of_day: str) -> None:
        """Until then everybody has driven, sent what they had a network for, and been judged."""
        script = self._script
        if script.second(time_of_day) == self._now_s:
            return
        await self._stage.settled()
        self._now_s = script.second(time_of_day)
        await self._stage.turn(script.at(time_of_day))
        for vehicle in self._vehicles.values():
            vehicle.note_until(script.second(time_of_day), INTERVAL_SECONDS)
            await vehicle.unit.flush()
        await self._stage.settled()

    def _check(self, what: str, of: str, at: str, expected: Any, actual: Any) -> None:
        self.checks.append(Check(what, of, at, expected, actual))

    # --- trucks

    async def _plan(self, step: Step) -> None:
        day = step.get("day", str(self._script.service_day))
        await self._city.post("/v1/runs/plans", {"service_day": day})
        actual = [run["route_id"] async for run in pages(self._city, "/v1/runs", service_day=day)]
        self._check("run", f"routes on {day}", step["at"], sorted(step["runs"]), sorted(actual))
        if day == str(self._script.service_day):
            runs = await runs_of(self._city, self._script.service_day)
            for vehicle_id, own in by_vehicle(runs).items():
                self._begin(vehicle_id, own, None)

    def _begin(self, vehicle_id: str, runs: list[Mapping[str, Any]], drives_at: str | None) -> None:
        """From then on the truck drives these runs; before, it stands where its last ones ended."""
        script = self._script
        unit = OnboardUnit(vehicle_id, self._city, self._tokens.issue, repeats=1 if self._delivery.twice else None, seed=SEED)
        vehicle = self._vehicles.setdefault(vehicle_id, LiveVehicle(vehicle_id, unit, SEED))
        disturbance = script.disturbance(vehicle_id, {run["route_id"]: run["run_id"] for run in runs})
        late = self._delivery.late.get(vehicle_id)
        losses = (*disturbance.signal_losses, *([(script.second(late[0]), script.second(late[1]))] if late else []))
        disturbance = replace(disturbance, signal_losses=losses, shuffled=self._delivery.shuffled)
        start_s = script.second(drives_at) if drives_at else None
        if start_s is not None and vehicle.busy_until_s > start_s:
            raise ValueError(f"{vehicle_id} is still out at {drives_at}")
        day = drive_day(
            vehicle_id,
            runs,
            seed=SEED,
            disturbance=disturbance,
            depot=vehicle.depot,
            start_s=start_s,
            end_s=script.second(script.ends_at) + 3600,
        )
        vehicle.begin(day)
        self._days.append(day)

    # --- the dispatcher

    async def _give(self, step: Step) -> None:
        body = {name: step[name] for name in ("kind", "vehicle_id", "text", "complaint_id") if name in step}
        if "due_at" in step:
            body["due_at"] = self._script.at(step["due_at"]).isoformat()
        if step["kind"] == "take_over":
            body["details"] = {"run_id": f"{self._script.service_day}:{step['run_of']}"}
        if step["kind"] == "extra_pickup":
            begin, end = (self._script.at(at).isoformat() for at in step["window"])
            body["details"] = {name: step[name] for name in ("stream", "name", "lon", "lat")}
            body["details"] |= {"window_start": begin, "window_end": end}
        order = await self._city.post("/v1/orders", body)
        self._orders[step["order"]] = {"order_id": order["order_id"], "run_id": order["run_id"], "step": step}
        if "drives_at" in step:
            self._begin(step["vehicle_id"], [await self._city.get(f"/v1/runs/{order['run_id']}")], step["drives_at"])

    async def _answer(self, step: Step) -> None:
        """The driver can answer only what has come to the cab."""
        order = self._orders[step["order"]]
        unit = self._vehicles[order["step"]["vehicle_id"]].unit
        self._check("order", f"{step['order']} in the cab", step["at"], True, order["order_id"] in unit.orders)
        answer = {"status": step["status"], "at": self._script.at(step["at"]).isoformat(), "note": step.get("note", "")}
        await self._city.post(f"/v1/orders/{order['order_id']}/answers", answer, token=await self._tokens.issue(unit.vehicle_id))

    async def _cancel(self, step: Step) -> None:
        await self._city.post(f"/v1/orders/{self._orders[step['order']]['order_id']}/cancel", {"note": step["note"]})

    # --- what must be true on the way

    async def _look(self, step: Step) -> None:
        run = await self._city.get(f"/v1/runs/{self._script.service_day}:{step['route']}")
        if run["vehicle_id"] not in self._delivery.late:
            actual = dict(Counter(stop["verdict"] for stop in run["stops"]))
            self._check("verdict", f"route {step['route']}", step["at"], step["verdicts"], actual)

    async def _overdue(self, step: Step) -> None:
        names = {order["order_id"]: name for name, order in self._orders.items()}
        actual = [names[order["order_id"]] async for order in pages(self._city, "/v1/orders", overdue="true")]
        self._check("overdue", "orders", step["at"], sorted(step["orders"]), sorted(actual))

    async def _history(self, step: Step) -> None:
        """Each stop of the route became what it is through these verdicts, each known between two times of day."""
        run = await self._city.get(f"/v1/runs/{self._script.service_day}:{step['route']}")
        for stop in run["stops"]:
            detail = await self._city.get(f"/v1/stops/{stop['stop_id']}")
            changes = [next(same) for _, same in groupby(detail["history"], key=itemgetter("verdict"))]
            known = [
                self._script.second(begin) <= epoch_s(entry["decided_at"]) <= self._script.second(end)
                for entry, (begin, end) in zip(changes, step["known"], strict=False)
            ]
            actual = {"verdicts": [entry["verdict"] for entry in changes], "reasons": [entry["reason"] for entry in changes]}
            expected = {name: step[name] for name in ("verdicts", "reasons")} | {"known": [True] * len(step["known"])}
            self._check("history", stop["stop_id"], step["at"], expected, actual | {"known": known})

    async def _ask(self, step: Step) -> None:
        lon, lat = self._where(step)
        asked = {"lon": lon, "lat": lat, "from": self._script.at(step.get("from", "00:00")).isoformat()}
        asked["to"] = self._script.at(step.get("to", "23:00")).isoformat()
        asked |= {"stream": step["stream"]} if "stream" in step else {}
        answer = await self._city.get("/v1/service-evidence", asked)
        first = answer["stops"][0] if answer["stops"] else None
        actual = {"outcome": answer["outcome"]}
        actual |= {"by": first["evidence"].get("vehicle_id", first["vehicle_id"])} if first and "by" in step else {}
        actual |= {"data": first["data"]} if first and "data" in step else {}
        expected = {name: step[name] for name in ("outcome", "by", "data") if name in step}
        where = step.get("stop") or step.get("order") or f"{lon}, {lat}"
        self._check("evidence", f"{where} {step.get('stream', '')}".strip(), step["at"], expected, actual)

    def _where(self, step: Step) -> tuple[float, float]:
        if "stop" in step:
            return self._script.place(step["stop"])
        place = self._orders[step["order"]]["step"] if "order" in step else step
        return place["lon"], place["lat"]

    # --- what must be true in the end

    async def _compare_verdicts(self) -> None:
        truths = self._truths()
        runs = await runs_of(self._city, self._script.service_day)
        actual = {stop["stop_id"]: (stop["verdict"], stop["served_at"]) for run in runs for stop in run["stops"]}
        for stop_id in sorted(truths.keys() | actual.keys()):
            truth, (verdict, served_at) = truths.get(stop_id), actual.get(stop_id, (None, None))
            expected = truth and {"verdict": truth.verdict, "served": truth.served_at is not None}
            self._check("verdict", stop_id, self._script.ends_at, expected, {"verdict": verdict, "served": served_at is not None})

    def _truths(self) -> dict[str, Truth]:
        """By stop: who served it first did, else what is true of the truck that had it last."""
        truths: dict[str, Truth] = {}
        for day in self._days:
            for truth in truth_of(day):
                before = truths.get(truth.stop_id)
                if before is None or before.served_at is None or (truth.served_at and truth.served_at < before.served_at):
                    truths[truth.stop_id] = truth
        for order in self._orders.values():
            if order["run_id"] and order["step"]["ends"][-1] == "cancelled":
                stop_id = f"{order['run_id']}:1"
                vehicle_id = order["step"]["vehicle_id"]
                truths[stop_id] = Truth(stop_id, order["run_id"], vehicle_id, "excepted", None, "the order was cancelled")
        return truths

    async def _compare_orders(self) -> None:
        for name, order in self._orders.items():
            actual = await self._city.get(f"/v1/orders/{order['order_id']}")
            statuses = [change["status"] for change in actual["history"]]
            expected = {"status": order["step"]["ends"][-1], "history": order["step"]["ends"]}
            self._check("order", name, self._script.ends_at, expected, {"status": actual["status"], "history": statuses})

    async def _compare_violations(self) -> None:
        expected = sorted(
            [day.vehicle_id, "mixed_collection", "open", point_id, rfc3339(at_s)]
            for day in self._days
            for at_s, point_id in self._mixed(day)
        )
        of_day = pages(self._city, "/v1/violations", service_day=str(self._script.service_day))
        actual = [[row["vehicle_id"], row["kind"], row["status"], row["service_point_id"], row["at"]] async for row in of_day]
        self._check("violation", "of the day", self._script.ends_at, expected, sorted(actual))

    @staticmethod
    def _mixed(day: VehicleDay) -> list[tuple[int, str]]:
        points = {point_id for of_run in day.disturbance.runs.values() for point_id in of_run.mixed.values()}
        return [(at_s, record["service_point_id"]) for at_s, record in day.occasions if record.get("service_point_id") in points]
