"""The hotline on a scripted day: citizens call, a desk leads their cases to an end, and evidence and clocks are held against
the script and what the trucks did. Everybody knows the public API only."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.simulator.devices.day import VehicleDay, epoch_s, rfc3339
from services.simulator.devices.fleet import City
from services.simulator.scenarios.script import DISTRICT, Script, Step
from shared.client import ApiError

Checker = Callable[[str, str, str, Any, Any], None]


class Hotline:
    """Cases by the names that the script gives them; one of several alike is `<name> <number>`."""

    def __init__(self, script: Script, city: City, check: Checker) -> None:
        self._script, self._city, self._check = script, city, check
        self._ids: dict[str, str] = {}
        self._calls: dict[str, Step] = {}

    async def complain(self, step: Step) -> None:
        """`times`: so many people say the same, a minute apart from each other in what they say happened."""
        for number in range(1, step.get("times", 1) + 1):
            name = step["case"] if "times" not in step else f"{step['case']} {number}"
            case = await self._city.post("/v1/complaints", self._body(name, step))
            self._ids[name], self._calls[name] = case["case_id"], step

    def _body(self, name: str, step: Step) -> dict[str, Any]:
        lon, lat = self._script.place(step["stop"]) if "stop" in step else (step["lon"], step["lat"])
        contact = {"name": f"演练市民 {name}", "phone": f"139{abs(hash_of(name)) % 10**8:08}"}
        body = {
            "client_id": f"rehearsal-{name.replace(' ', '-')}",
            "channel": step.get("channel", "hotline"),
            "category": step["category"],
            "description": step["says"],
            "lon": lon,
            "lat": lat,
            "district_id": step.get("district_id", DISTRICT),
            "requested_at": self._script.moment(step["at"]).isoformat(),
        }
        body |= {"urgency": step["urgency"]} if "urgency" in step else {}
        return body | ({} if step.get("anonymous") else {"contact": contact})

    async def work(self, step: Step) -> None:
        """The desk's steps, for a case or for all alike; `refused`: with this code, because the workflow does not allow them.
        `by: "another"`: a second clerk does them, as who asks for more time does not approve it."""
        token = await self._second_clerk() if step.get("by") == "another" else None
        for name in self._named(step["case"]):
            steps = [self._step_body(one) for one in step["steps"]]
            code: str | None = None
            try:
                await self._city.post(f"/v1/complaints/{self._ids[name]}/steps", {"steps": steps}, token=token)
            except ApiError as error:
                code = str(error.status)
            if step.get("refused") or code:
                self._check("case", f"{name} is refused", step["at"], step.get("refused"), code)

    async def _second_clerk(self) -> str:
        token: str = (await self._city.post("/v1/credentials", {"role": "dispatcher"}))["token"]
        return token

    def _named(self, case: str) -> Iterable[str]:
        return [case] if case in self._ids else [name for name in self._ids if name.rpartition(" ")[0] == case]

    def _step_body(self, step: str | Step) -> dict[str, Any]:
        body = {"step": step} if isinstance(step, str) else dict(step)
        return body | {"main_id": self._ids[body.pop("main")]} if "main" in body else body

    async def look(self, step: Step) -> None:
        """How cases stand on the way: status, colour of the clock, what the city knows."""
        for name in self._named(step["case"]):
            case = await self._case(name)
            self._check("case", name, step["at"], step["expect"], _standing(case, step["expect"]))

    async def compare(self, days: Sequence[VehicleDay]) -> None:
        """Every case's end: status, evidence, and each clock to the second."""
        script = self._script
        for name, call in self._calls.items():
            case, ends = await self._case(name), call["ends"]
            plain = {key: value for key, value in ends.items() if key not in {"clocks", "served"}}
            self._check("case", name, script.ends_at, plain, _standing(case, plain))
            expected = {key: self._moments(clock) for key, clock in ends.get("clocks", {}).items()}
            clocks = {f"{clock['kind']} {clock['round']}": clock for clock in case["clocks"]}
            actual = {
                key: {part: _second(clocks[key][f"{part}_at"]) for part in expected[key]} if key in clocks else None
                for key in expected
            }
            self._check("clock", name, script.ends_at, expected, actual)
            if ends.get("served"):
                self._compare_evidence(name, ends["served"], case, days)

    def _moments(self, clock: Step) -> dict[str, str | None]:
        return {part: said and rfc3339(int(self._script.moment(said).timestamp())) for part, said in clock.items()}

    def _compare_evidence(self, name: str, stop: str, case: dict[str, Any], days: Sequence[VehicleDay]) -> None:
        """Served, when and with how many kg, as the truck that served it weighed its bins; the citizen is told so."""
        served_s, kg = next(served for served in (_served(day, stop) for day in days) if served is not None)
        evidence = case["evidence"] or {"stops": [], "sentence_zh": ""}
        evident: dict[str, Any] = next(iter(evidence["stops"]), {"net_kg": None, "served_at": None})
        near = evident["served_at"] is not None and abs(epoch_s(evident["served_at"]) - served_s) <= NEAR_SECONDS
        actual = {"kg": evident["net_kg"], "at": near, "said": f"{kg}公斤" in evidence["sentence_zh"]}
        self._check("evidence", f"{name} was served", self._script.ends_at, {"kg": kg, "at": True, "said": True}, actual)

    async def _case(self, name: str) -> dict[str, Any]:
        case: dict[str, Any] = await self._city.get(f"/v1/complaints/{self._ids[name]}")
        return case


NEAR_SECONDS = 180
"""Evidence tells when the first bin was lifted, the truth when the truck came to stand."""


def hash_of(name: str) -> int:
    """The same in every process."""
    return int.from_bytes(name.encode()[-6:], "big")


def _standing(case: dict[str, Any], expected: Step) -> dict[str, Any]:
    evidence = case["evidence"] or {}
    outcomes = [entry["changed"]["outcome"] for entry in case["history"] if entry["step"] == "evidence"]
    known = case | {
        "outcome": evidence.get("outcome"),
        "outcomes": outcomes,
        "missed": len(case["missed_stop_ids"]),
        "joined": len(case["joined_ids"]),
        "looked_after": case["history"][-1]["responsible"],
    }
    return {name: known.get(name) for name in expected}


def _second(text: str | None) -> str | None:
    return text and rfc3339(epoch_s(text))


def _served(day: VehicleDay, stop: str) -> tuple[int, int] | None:
    """When this truck came to this stop, and the kilograms that it lifted there; None where it did not."""
    for visit in day.visits:
        if any(planned.stop_id.endswith(f":{stop}") for planned in visit.stops):
            there = range(visit.arrive_s, visit.depart_s + 1)
            weighed = [record["net_kg"] for at, record in day.occasions if at in there and record.get("kind") == "bin_lift"]
            return (visit.arrive_s, sum(weighed)) if weighed else None
    return None
