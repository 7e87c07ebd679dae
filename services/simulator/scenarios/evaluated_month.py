"""The evaluated month played through a city: inspectors, residents, trucks, scales, the hotline, contractors and the office do
what the script says, and index, ranks, statements and credit are held against its truth, which was worked out by hand. The
city's clock is the script's; everybody knows the public API only."""

import io
from collections.abc import Awaitable, Callable, Collection, Mapping
from random import Random
from typing import Any

from PIL import Image

from services.simulator.devices.acts import Act, Chain
from services.simulator.devices.clerk import Clerk
from services.simulator.devices.day import Record, VehicleDay, epoch_s
from services.simulator.devices.driving import drive_day
from services.simulator.devices.fleet import DeviceTokens, by_vehicle, pages, runs_of
from services.simulator.devices.onboard_unit import OnboardUnit
from services.simulator.scenarios.evaluated_links import Desk, follow_index, follow_statement
from services.simulator.scenarios.evaluated_script import EvaluatedScript
from services.simulator.scenarios.hotline import Hotline
from services.simulator.scenarios.rehearsal import INTERVAL_SECONDS, SEED, Check, Delivery, Stage
from services.simulator.scenarios.script import Step

CHECKLIST = {"R": "road", "E": "estate"}
PERSON = "演练巡查员"
HIDDEN_SECONDS = 60
"""So long before a truck comes to the withheld stop and after it leaves its records come late; the hole is too short to be
taken for a silence."""
PARKED_AT = "13:00"


class EvaluatedMonth:
    def __init__(self, script: EvaluatedScript, city: Desk, stage: Stage, delivery: Delivery) -> None:
        """`city` is an ApiClient signed in as admin, for as long as the script lasts."""
        self.checks: list[Check] = []
        self._script, self._city, self._stage, self._delivery = script, city, stage, delivery
        self._now = ""
        self._findings: dict[str, str] = {}
        self._items: dict[str, list[str]] = {}
        self._days: dict[str, VehicleDay] = {}
        self._units: dict[str, OnboardUnit] = {}
        self._withheld: dict[str, list[Record]] = {}
        self._clerk = Clerk(city, twice=delivery.twice)
        self._hotline = Hotline(script, city, self._check_at)
        self._steps: dict[str, Callable[[Step], Awaitable[None]]] = {
            "draw": self._draw,
            "inspect": self._inspect,
            "mend": self._mend,
            "survey": self._survey,
            "complain": self._hotline.complain,
            "work": self._hotline.work,
            "timetable": self._timetable,
            "drive": self._drive,
            "weigh": self._weigh,
            "late_batch": self._late_batch,
            "appeal": self._appeal,
            "decide": self._decide,
            "close": self._close,
        }

    async def run(self) -> list[Check]:
        await self._turn(self._script.begins_at)
        await self._furnish()
        for step in self._script.steps:
            await self._turn(step["at"])
            await self._steps[step["do"]](step)
        self._check("upload", "nothing was refused", [], self._clerk.refused)
        await self._follow()
        return self.checks

    async def _turn(self, moment: str) -> None:
        if moment == self._now:
            return
        self._now = moment
        await self._stage.turn(self._script.moment(moment))
        await self._send()
        await self._stage.settled()

    def _check(self, what: str, of: str, expected: Any, actual: Any) -> None:
        self._check_at(what, of, self._now, expected, actual)

    def _check_at(self, what: str, of: str, at: str, expected: Any, actual: Any) -> None:
        self.checks.append(Check(what, of, at, expected, actual))

    async def _told(self, path: str, body: Any) -> Any:
        """Sent again, as by a client that lost the answer, where that is how things arrive; the first answer counts."""
        answer = await self._city.post(path, body)
        if self._delivery.twice:
            await self._city.post(path, body)
        return answer

    # --- what is there

    async def _furnish(self) -> None:
        script, city = self._script, self._city
        for area_id, area in script.areas.items():
            await city.put(f"/v1/areas/{area_id}", area)
        await city.post("/v1/vehicle-imports", script.vehicle_import())
        for contract_id, contract in script.contracts.items():
            await city.put(f"/v1/contracts/{contract_id}", contract)
        for place_id, place in script.place_bodies():
            await city.put(f"/v1/places/{place_id}", place)
        for station_id, station in script.stations.items():
            await city.put(f"/v1/stations/{station_id}", station)
        checklists = (await city.get("/v1/checklists"))["checklists"]
        self._items = {name: [item["code"] for item in checklists[name]["items"]] for name in CHECKLIST.values()}

    # --- inspectors and residents

    async def _draw(self, step: Step) -> None:
        drawn = await self._city.put(f"/v1/inspection-plans/{self._script.period}", self._script.plan)
        self._check("plan", "places drawn", step["places"], sorted(item["place_id"] for item in drawn["items"]))

    async def _inspect(self, step: Step) -> None:
        at = self._script.moment(step["at"]).isoformat()
        bodies = [self._seen(place_id, failed, at) for place_id, failed in step["seen"].items()]
        if self._delivery.shuffled:
            bodies.reverse()
        answer = await self._told("/v1/inspection-batches", {"person": PERSON, "inspections": bodies})
        self._check("upload", "inspections stored", len(bodies), answer["stored"])
        async for finding in pages(self._city, "/v1/findings-of-inspections"):
            self._findings[f"{finding['place_id']} {finding['item']}"] = finding["finding_id"]
        if "photo" in step:
            await self._city.post(f"/v1/finding-photos?finding_id={self._findings[step['photo']]}", _picture())

    def _seen(self, place_id: str, failed: list[str], at: str) -> dict[str, Any]:
        checklist = CHECKLIST[place_id.split("-")[2][0]]
        answers = {code: "fail" if code in failed else "pass" for code in self._items[checklist]}
        return {
            "client_id": f"{place_id}-{self._script.period}",
            "place_id": place_id,
            "plan_id": self._script.period,
            "checklist": checklist,
            "at": at,
            "answers": answers,
        }

    async def _mend(self, step: Step) -> None:
        """Told when somebody found the time; it counts at the time on the street. A re-check follows at once."""
        address = f"/v1/findings-of-inspections/{self._findings[step['finding']]}"
        mended_at = self._script.moment(step["mended_at"]).isoformat()
        await self._city.post(f"{address}/mend", {"person": "演练班长", "at": mended_at})
        at = self._script.moment(step["at"]).isoformat()
        await self._city.post(f"{address}/check", {"person": PERSON, "at": at, "passed": True})

    async def _survey(self, step: Step) -> None:
        answers = [{"answer_id": str(n), "score": score} for n, score in enumerate(step["scores"])]
        body = {"area_id": step["area"], "at": self._script.moment(step["at"]).isoformat(), "answers": answers}
        for _ in range(1 + self._delivery.twice):
            await self._city.put(f"/v1/surveys/EM-{step['area']}", body)

    # --- trucks and scales

    async def _timetable(self, _: Step) -> None:
        report = await self._city.post("/v1/timetable-imports", self._script.timetable_import())
        self._check("run", "rejected rows of the timetable", [], report["rejected"])

    async def _drive(self, _: Step) -> None:
        script, tokens = self._script, DeviceTokens(self._city, 30 * 86_400)
        for vehicle_id, runs in by_vehicle(await runs_of(self._city, script.service_day)).items():
            disturbance = script.disturbance(vehicle_id, {run["route_id"]: run["run_id"] for run in runs})
            day = drive_day(vehicle_id, runs, seed=SEED, disturbance=disturbance, end_s=script.second(PARKED_AT))
            self._days[vehicle_id] = day
            repeats = 1 if self._delivery.twice else None
            self._units[vehicle_id] = unit = OnboardUnit(vehicle_id, self._city, tokens.issue, repeats=repeats, seed=SEED)
            hidden = _around(day, script.withheld.get(vehicle_id))
            records = day.records(INTERVAL_SECONDS)
            if self._delivery.shuffled:
                Random(f"{SEED}:{vehicle_id}").shuffle(records)
            self._withheld[vehicle_id] = [record for record in records if epoch_s(record["at"]) in hidden]
            unit.note([record for record in records if epoch_s(record["at"]) not in hidden])

    async def _send(self) -> None:
        """Trucks send the day when it is over: the city's clock must not be behind theirs."""
        if self._now > f"{self._script.service_day} {PARKED_AT}":
            for unit in self._units.values():
                await unit.flush()

    async def _late_batch(self, _: Step) -> None:
        for vehicle_id, records in self._withheld.items():
            self._units[vehicle_id].note(records)
            await self._units[vehicle_id].flush()
        await self._stage.settled()

    async def _weigh(self, step: Step) -> None:
        at = self._script.moment(step["at"]).isoformat()
        now_s, name, vehicle_id = epoch_s(at), f"{step['vehicle_id']}-1", step["vehicle_id"]
        plate = next(one["plate"] for one in self._script.vehicles if one["vehicle_id"] == vehicle_id)
        scale = {
            "client_id": name,
            "number": name,
            "plate": plate,
            "stream": step["stream"],
            "scale_id": "1",
            "gross_kg": step["gross_kg"],
            "at": at,
        }
        self._clerk.begin(
            [
                Chain(
                    name,
                    [
                        Act(now_s, f"/v1/stations/{step['station']}/weigh-ins", scale, ("ticket_id", name)),
                        Act(now_s, f"/v1/tickets/{{{name}}}/bay", {"bay_id": step["bay_id"], "at": at}),
                        Act(now_s, f"/v1/tickets/{{{name}}}/weigh-out", {"tare_kg": step["tare_kg"], "at": at, "scale_id": "1"}),
                    ],
                )
            ]
        )
        await self._clerk.act_until(now_s)

    # --- contractors and the office

    async def _appeal(self, step: Step) -> None:
        """By the contractor's own account."""
        contractor_id = self._script.contracts[step["contract"]]["contractor_id"]
        token = await self._token("dispatcher", contractor_ids=[contractor_id])
        address = f"/v1/deductions/{await self._deduction(step)}/appeal"
        await self._city.post(address, {"reason": step["reason"]}, token=token)

    async def _decide(self, step: Step) -> None:
        body = {"accept": step["accept"], "reason": step["reason"]}
        await self._city.post(f"/v1/deductions/{await self._deduction(step)}/decision", body)

    async def _deduction(self, step: Step) -> str:
        """The one that stands of this contract and rule."""
        actual = [
            one["deduction_id"]
            async for one in pages(self._city, "/v1/deductions", contract_id=step["contract"])
            if one["rule"] == step["rule"] and one["status"] != "withdrawn"
        ]
        self._check("deduction", f"one {step['rule']} of {step['contract']}", 1, len(actual))
        return str(actual[0])

    async def _token(self, role: str, **scope: list[str]) -> str:
        answer = await self._city.post("/v1/credentials", {"role": role, "ttl_seconds": 30 * 86_400, **scope})
        return str(answer["token"])

    async def _close(self, step: Step) -> None:
        """The month is published and settled, and is what the truth says; closed again at once nothing changes."""
        truth, body = self._script.truth[step["truth"]], {name: step[name] for name in ("reason",) if name in step}
        for level in ("subdistrict", "district"):
            address = f"/v1/index-publications/{self._script.period}/{level}"
            made = await self._city.post(address, body)
            self._check("index", f"{level}, published again", made, await self._city.post(address, body))
            self._check("index", f"revision by {level}", truth["revision"], made["revision"])
            self._check("index", f"reason by {level}", step.get("reason"), made["reason"])
            await self._compare_index(level, truth["index"])
        for contract_id, expected in truth["statements"].items():
            address = f"/v1/contracts/{contract_id}/statements/{self._script.period}"
            settled = await self._city.post(address, body)
            self._check("statement", f"{contract_id} settled again", settled, await self._city.post(address, body))
            self._check("statement", f"{contract_id} revision", truth["revision"], settled["revision"])
            self._check("statement", contract_id, expected, _figures(settled, expected))
        await self._compare_credit(truth["credit"])
        await self._compare_card(truth["card"])

    async def _compare_index(self, level: str, truths: Mapping[str, Mapping[str, Any]]) -> None:
        page = await self._city.get("/v1/cleanliness-index", {"period": self._script.period, "level": level})
        for row in page["items"]:
            expected = truths[row["area_id"]]
            self._check("index", row["area_id"], expected, {name: row[name] for name in expected})

    async def _compare_credit(self, truths: Mapping[str, Mapping[str, int]]) -> None:
        for contractor_id, expected in truths.items():
            record = await self._city.get(f"/v1/contractors/{contractor_id}/credit-record")
            actual = [{"points_e2": one["mean_points_e2"], "deducted_fen": one["deducted_fen"]} for one in record["years"]]
            self._check("credit", contractor_id, [expected], actual)

    async def _compare_card(self, truth: Mapping[str, int]) -> None:
        """Collections and kilograms of the estate's service points: what its truck lifted there, as far as the city knows."""
        for place_id, points in self._script.estate_points.items():
            card = await self._city.get(f"/v1/places/{place_id}/record-card")
            [stream] = card["streams"]
            expected = {**truth, "net_kg": truth["collected"] and sum(_lifted_kg(day, points) for day in self._days.values())}
            self._check("card", place_id, expected, {name: stream[name] for name in expected})
            self._check(
                "card",
                f"{place_id} complaints",
                [("bin_overflow", True)],
                [(one["category"], one["overdue"]) for one in card["complaints"]],
            )

    async def _follow(self) -> None:
        """By the quality office's account: from every figure of a statement and of an index to what was seen."""
        token, period = await self._token("auditor"), self._script.period
        for contract_id in self._script.contracts:
            self.checks += await follow_statement(self._city, token, contract_id, period, self._now)
        for area_id in self._script.areas:
            self.checks += await follow_index(self._city, token, area_id, period, self._now)


def _around(day: VehicleDay, stop: str | None) -> range:
    """Seconds whose records come late."""
    for visit in day.visits:
        if stop and any(planned.stop_id.endswith(f":{stop}") for planned in visit.stops):
            return range(visit.arrive_s - HIDDEN_SECONDS, visit.depart_s + HIDDEN_SECONDS)
    return range(0)


def _lifted_kg(day: VehicleDay, points: Collection[str]) -> int:
    """Where the truck stood for these service points."""
    there = [
        range(visit.arrive_s, visit.depart_s + 1)
        for visit in day.visits
        if any(stop.service_point_id in points for stop in visit.stops)
    ]
    lifts = [(at_s, record) for at_s, record in day.occasions if record["kind"] == "bin_lift"]
    return sum(record["net_kg"] for at_s, record in lifts if any(at_s in span for span in there))


def _figures(statement: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    lines = sorted([line["rule"], line["counted_e2"], line["fen"], line["status"]] for line in statement["lines"])
    return {name: statement[name] for name in expected} | {"lines": lines}


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "grey").save(file, "JPEG")
    return file.getvalue()
