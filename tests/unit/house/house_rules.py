"""Who may import what (DESIGN, "Who may import what"), as data: each rule with the reason it is there.

Patterns are regular expressions on full dotted names. `{service}` in a pattern about mentions is the service of the module
that is looked at.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reading_imports import Module

STANDARD_LIBRARY = r"(?:" + "|".join(sorted(map(re.escape, sys.stdlib_module_names))) + r")"


@dataclass(frozen=True)
class Rule:
    """Modules that match `where` (and not `but`) mention nothing that matches `never`, except what matches `only`."""

    name: str
    reason: str
    where: str
    never: str
    but: str = r"(?!)"
    only: str = r"(?!)"
    bad: tuple[str, str] = ("", "")
    """A module's name and source that this rule must catch: the proof that it can."""

    def broken_by(self, module: Module) -> Iterator[str]:
        found = _matches(self.where, module.name)
        if found is None or _matches(self.but, module.name):
            return
        service = found.groupdict().get("service", "")
        never, only = (pattern.replace("{service}", service) for pattern in (self.never, self.only))
        for mentioned, line in module.mentions.items():
            if _matches(never, mentioned) and not _matches(only, mentioned):
                yield f"{module.name}:{line} mentions {mentioned}. {self.name}: {self.reason}"


def _matches(pattern: str, name: str) -> re.Match[str] | None:
    """A pattern stands for the name it matches and all that lies within."""
    return re.fullmatch(rf"(?:{pattern})(?:\..*)?", name)


def broken(rules: Iterable[Rule], modules: Iterable[Module]) -> list[str]:
    return [message for module in modules for rule in rules for message in rule.broken_by(module)]


HTTP_SERVICE = r"services\.(?!cli\b|simulator\b)(?P<service>\w+)"

RULES = (
    Rule(
        "services do not know each other",
        "a service is replaced, deployed and understood alone; they meet in events and HTTP",
        where=HTTP_SERVICE,
        never=r"services\.\w+",
        only=r"services\.{service}",
        bad=("services.gateway.service.view", "from services.vehicle.store.telemetry import track"),
    ),
    Rule(
        "the simulator is an onboard unit",
        "it knows the public HTTP API only, or it would test what no truck can do",
        where=r"services\.simulator",
        never=r"services\.\w+",
        only=r"services\.simulator",
        bad=("services.simulator.scenarios.replay", "import services.vehicle.schemas.telemetry"),
    ),
    Rule(
        "a device knows no scenario",
        "what a truck or a furnace does must not depend on the story that is told with it",
        where=r"services\.simulator\.devices",
        never=r"services\.simulator",
        only=r"services\.simulator\.devices",
        bad=("services.simulator.devices.driving", "from services.simulator.scenarios.truth import truth_of"),
    ),
    Rule(
        "the demo city knows no scenario",
        "scenarios are played in it; it stands without them",
        where=r"services\.simulator\.demo",
        never=r"services\.simulator",
        only=r"services\.simulator\.(?:demo|devices)",
        bad=("services.simulator.demo.seeding", "from services.simulator.scenarios.script import Script"),
    ),
    Rule(
        "shared knows no service",
        "what everybody stands on must not lean on one of them",
        where=r"shared",
        never=r"services",
        bad=("shared.app", "from importlib import import_module\nimport_module('services.vehicle.app')"),
    ),
    Rule(
        "nothing that runs leans on tests or on deployment",
        "both are left out of an installed suite",
        where=r"services|shared",
        but=r"services\.cli",
        never=r"tests|deploy",
        bad=("shared.testing", "from deploy.local.ports import free_port"),
    ),
    Rule(
        "the domain is pure",
        "values in, values out: the standard library, and what in shared/ is pure as well",
        where=r"services\.(?P<service>\w+)\.domain",
        never=r".+",
        only=rf"services\.{{service}}\.domain|shared\.(?:assessment|calendar|districts|domain_errors|geo|versions|vocabulary|weighbridge|tables_in\.(?:cells|coordinates|decimals|table|times))|{STANDARD_LIBRARY}",
        bad=("services.route.domain.judging.verdicts", "from shared.clock import now"),
    ),
    Rule(
        "what the domain leans on is pure as well",
        "a rule must not reach HTTP or a database through what it shares with others",
        where=r"shared\.(?:domain_errors|weighbridge)",
        never=r".+",
        only=rf"shared\.(?:domain_errors|vocabulary)|{STANDARD_LIBRARY}",
        bad=("shared.weighbridge", "from shared.errors import Invalid"),
    ),
    Rule(
        "the domain touches nothing",
        "a rule that reads a file, a socket or a log gives another answer tomorrow",
        where=r"services\.\w+\.domain",
        never=r"asyncio|logging|os|pathlib|shutil|socket|sqlite3|subprocess|tempfile|threading|urllib",
        bad=("services.vehicle.domain.limits", "from pathlib import Path"),
    ),
    Rule(
        "endpoints and consumers only call the service",
        "what happens stands in service/, also for the next way in",
        where=r"services\.(?P<service>\w+)\.(?:api|consumers)",
        never=r"services\.{service}\.(?:store|tables|app)",
        bad=("services.route.api.runs", "from services.route.store import plan"),
    ),
    Rule(
        "a use case does not know who calls it",
        "api and consumers → service, never back",
        where=r"services\.(?P<service>\w+)\.service",
        never=r"services\.{service}\.(?:api|consumers|app)",
        bad=("services.route.service.judgements", "from ..consumers import make_consumers"),
    ),
    Rule(
        "queries know nothing above them",
        "service → store → tables, never back",
        where=r"services\.(?P<service>\w+)\.store",
        never=r"services\.{service}\.(?:api|service|consumers|app)",
        bad=("services.route.store.plan", "from services.route.service import run_plans"),
    ),
    Rule(
        "tables know nothing",
        "a table is a shape; migrations and queries read it",
        where=r"services\.(?P<service>\w+)\.tables",
        never=r"services\.{service}",
        only=r"services\.{service}\.tables",
        bad=("services.vehicle.tables.vehicles", "from services.vehicle.schemas.vehicles import VehicleEntry"),
    ),
    Rule(
        "bodies know no storage",
        "what goes over the wire must not change because a column does",
        where=r"services\.(?P<service>\w+)\.schemas",
        never=r"services\.{service}\.(?:api|service|store|tables|consumers|app)",
        bad=("services.vehicle.schemas.vehicles", "from services.vehicle.tables.vehicles import Vehicle"),
    ),
    Rule(
        "the machinery knows no event but their base",
        "bus, outbox, inbox and database carry every event and read none",
        where=r"shared",
        but=r"shared\.events",
        never=r"shared\.events\.\w+",
        only=r"shared\.events\.base",
        bad=("shared.outbox", "from shared.events.vehicle import BinLifted"),
    ),
    Rule(
        "fastapi only where HTTP is",
        "a use case must run from a consumer as well",
        where=r"services|shared",
        but=r"services\.cli|services\.\w+\.(?:app|api)|shared\.(?:app|auth|db|errors|edge|endpoints|testing|tables_in\.request)",
        never=r"fastapi",
        bad=("services.vehicle.service.ingest", "from fastapi import HTTPException"),
    ),
    Rule(
        "starlette only where HTTP is",
        "the same, and pages and shared.web, which stand below FastAPI",
        where=r"services|shared",
        but=r"services\.cli|services\.\w+\.(?:app|api|pages)|shared\.(?:app|auth|db|errors|edge|inspection|testing|web)",
        never=r"starlette",
        bad=("services.gateway.service.live", "import starlette.requests"),
    ),
    Rule(
        "one file speaks AMQP",
        "everything else speaks to the Bus protocol, which the in-process bus obeys too",
        where=r"services|shared",
        but=r"shared\.rabbit_bus",
        never=r"aio_pika|aiormq|pika",
        bad=("shared.outbox", "import aio_pika.abc"),
    ),
    Rule(
        "HTTP calls go through shared.client",
        "timeouts, problems and retries are read in one place",
        where=r"services|shared",
        but=r"shared\.(?:client|testing)|services\.(?:gateway|cli)",
        never=r"httpx|requests|aiohttp|urllib\.request|http\.client",
        bad=("services.simulator.devices.onboard_unit", "import httpx"),
    ),
    Rule(
        "one file reads the clock",
        "tests freeze it, and a rule gets its time as a value",
        where=r"services|shared",
        but=r"shared\.(?:clock|ids)",
        never=r"datetime\.(?:datetime|date)\.(?:now|utcnow|today)|time\.(?:time|time_ns|monotonic|perf_counter)",
        bad=("services.vehicle.tasks", "import datetime as d\nd.datetime.now()"),
    ),
    Rule(
        "one file makes identifiers",
        "an id made elsewhere is neither sortable nor repeatable",
        where=r"services|shared",
        but=r"shared\.(?:clock|ids)",
        never=r"uuid\.(?:uuid1|uuid4|uuid7)|random|secrets|os\.urandom",
        only=r"random\.Random",
        bad=("services.route.service.run_plans", "from uuid import uuid4 as fresh\nfresh()"),
    ),
    Rule(
        "chance belongs to the simulator",
        "random.Random(seed) makes a simulated city the same one every time; the suite itself leaves nothing to chance",
        where=r"services|shared",
        but=r"services\.simulator|services\.cli|shared\.(?:clock|ids)",
        never=r"random",
        bad=("shared.outbox", "from random import Random"),
    ),
)
