"""sanitation rehearse: a scripted day through a fresh city in this process, all that it says held against the truth."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer
import uvicorn

from services.cli.connect import free_port
from services.cli.processes import factory
from services.complaint.service import escalations
from services.complaint.service import evidence as complaint_evidence
from services.evaluation.service import rectifications
from services.gateway.service import balance
from services.incinerator.store import emissions
from services.route.service import judgements
from services.simulator.scenarios.evaluated_month import EvaluatedMonth
from services.simulator.scenarios.evaluated_script import shipped_evaluated_script
from services.simulator.scenarios.rehearsal import Check, Delivery, Rehearsal
from services.simulator.scenarios.script import Script, shipped_script
from services.simulator.scenarios.weighed_day import WeighedDay
from services.simulator.scenarios.weighed_script import shipped_weighed_script
from services.transfer_station.store import stock
from shared.auth import TokenSigner
from shared.bus import Bus
from shared.client import ApiClient
from shared.clock import frozen, monotonic
from shared.db import Database
from shared.setting_aside import SetAside
from shared.settings import SERVICES, Settings
from shared.testing import City, city
from shared.vocabulary import Role

PATIENCE_SECONDS = 120
TOKEN_LIFE = timedelta(days=60)
"""Longer than any script."""
IN_PROCESS_PAUSE_SECONDS, BROKER_PAUSE_SECONDS = 0.02, 0.2
"""Longer than consumers gather what comes together; what a broker holds nobody here can count."""
QUIET_ROUNDS = 3
"""What is judged is told, and may be judged again."""
SHUFFLED_AND_TWICE = Delivery(shuffled=True, twice=True, late={"RH-01": ("05:05", "09:35")})
"""What a bad day on the mobile network does to the same records."""
WEIGHED_SHUFFLED_AND_TWICE = Delivery(
    shuffled=True,
    twice=True,
    late={"WD-01": ("06:10", "12:20"), "WD-04": ("05:10", "10:10")},
    late_tickets={"WD-02": "16:00", "WD-05": "18:10"},
)
"""The same for the weighed day; two trucks' tickets are entered in the evening."""


EVALUATED_SHUFFLED_AND_TWICE = Delivery(shuffled=True, twice=True)


class OwnClock:
    """A city in this process, whose clock says what the script says."""

    def __init__(self, opened: City, clock: ExitStack, pause_seconds: float) -> None:
        self._city, self._clock, self._pause_seconds = opened, clock, pause_seconds

    async def turn(self, at: datetime) -> None:
        self._clock.close()
        self._clock.enter_context(frozen(at))

    async def settled(self) -> None:
        async with self._database("gateway").transaction() as session:
            await balance.watch(session)  # what it does each minute: here hours pass in a moment
        for service, pass_time in (("complaint", escalations.escalate), ("evaluation", rectifications.judge_due)):
            async with self._database(service).transaction() as session:
                await pass_time(session, self._city.settings.zone, SetAside("rehearsal"))
        deadline, quiet = monotonic() + PATIENCE_SECONDS, 0
        while quiet < QUIET_ROUNDS:
            await self._city.settle(PATIENCE_SECONDS)
            quiet = quiet + 1 if await self._is_judged() else 0
            if not quiet:
                self._hurry()
            if monotonic() > deadline:
                raise TimeoutError("the city does not come to rest")
            await asyncio.sleep(self._pause_seconds)

    def _hurry(self) -> None:
        for service in SERVICES:
            self._database(service).hurry()

    async def _is_judged(self) -> bool:
        async with self._database("complaint").read() as session:
            if await complaint_evidence.wanted(session, 1):
                return False
        async with self._database("route").read() as session:
            if not await judgements.at_rest(session):
                return False
        async with self._database("incinerator").read() as session:
            if await emissions.anything_due(session):
                return False
        async with self._database("transfer_station").read() as session:
            if await stock.stations_to_tell(session):
                return False
        async with self._database("gateway").read() as session:
            return await balance.at_rest(session)

    def _database(self, service: str) -> Database:
        database: Database = self._city.apps[service].state.resources.database
        return database


class Listener(uvicorn.Server):
    """Leaves the signals to whoever runs this process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(edge: Any, settings: Settings) -> AsyncIterator[None]:
    """Services that ask each other do so over HTTP, here as everywhere."""
    config = uvicorn.Config(edge, host=settings.host, port=settings.port, log_config=None, access_log=False, lifespan="off")
    server = Listener(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def staged(
    settings: Settings, script: Script, bus: Bus | None = None, *, migrated: bool = False
) -> AsyncIterator[tuple[ApiClient, OwnClock]]:
    """A fresh city on the morning of the script's day, and its admin."""
    with ExitStack() as clock:
        clock.enter_context(frozen(script.moment(script.begins_at)))
        settings = settings.model_copy(update={"port": free_port(settings.host)})
        async with (
            city(settings, [factory(name) for name in SERVICES], bus, migrated=migrated) as opened,
            listening(opened.edge, settings),
        ):
            token, _ = TokenSigner(settings.signing_key).issue(Role.ADMIN, TOKEN_LIFE)
            transport = httpx.ASGITransport(opened.edge)
            async with ApiClient("http://city.rehearsal", token, timeout_seconds=300, transport=transport) as client:
                yield client, OwnClock(opened, clock, IN_PROCESS_PAUSE_SECONDS if bus is None else BROKER_PAUSE_SECONDS)


async def rehearse_in(settings: Settings, delivery: Delivery, bus: Bus | None = None, *, migrated: bool = False) -> list[Check]:
    script = shipped_script()
    async with staged(settings, script, bus, migrated=migrated) as (client, clock):
        return await Rehearsal(script, client, clock, delivery).run()


async def weigh_in_city(settings: Settings, delivery: Delivery, bus: Bus | None = None, *, migrated: bool = False) -> list[Check]:
    """The weighed day; data loggers connect to a free port of this machine."""
    script, port = shipped_weighed_script(), free_port(settings.host)
    settings = settings.model_copy(update={"hj212_port": port})
    async with staged(settings, script, bus, migrated=migrated) as (client, clock):
        return await WeighedDay(script, client, clock, delivery, (settings.host, port)).run()


async def evaluate_in_city(
    settings: Settings, delivery: Delivery, bus: Bus | None = None, *, migrated: bool = False
) -> list[Check]:
    script = shipped_evaluated_script()
    async with staged(settings, script, bus, migrated=migrated) as (client, clock):
        return await EvaluatedMonth(script, client, clock, delivery).run()


PLAYS = {
    "day": (rehearse_in, SHUFFLED_AND_TWICE),
    "weighed": (weigh_in_city, WEIGHED_SHUFFLED_AND_TWICE),
    "evaluated": (evaluate_in_city, EVALUATED_SHUFFLED_AND_TWICE),
}


def rehearse(
    shuffled: Annotated[bool, typer.Option("--shuffled", help="telemetry arrives shuffled, twice, and some of it late")] = False,
    weighed: Annotated[bool, typer.Option("--weighed", help="the day of scales, stations, hauls and furnaces instead")] = False,
    evaluated: Annotated[bool, typer.Option("--evaluated", help="a month of inspections and the index instead")] = False,
    truth: Annotated[Path | None, typer.Option(help="write what must be true to this file, a line each")] = None,
) -> None:
    """Play a day with a breakdown, lost signal, blocked stops and mixed waste through a city of its own; or, weighed, one with a
    stolen load, a wrong bay, a drifting scale, a lost haul and a cold furnace; or, evaluated, a month whose published index and
    statements a late batch and an appeal correct."""
    if weighed and evaluated:
        raise typer.BadParameter("choose one of --weighed and --evaluated")
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=None, bus_url=None)
        play, bad_day = PLAYS["weighed" if weighed else "evaluated" if evaluated else "day"]
        checks = asyncio.run(play(settings, bad_day if shuffled else Delivery()))
    if truth:
        truth.write_text("".join(json.dumps(check.truth(), ensure_ascii=False) + "\n" for check in checks), "utf-8")
    typer.echo(told(checks))
    if not all(check.holds for check in checks):
        raise typer.Exit(1)


def told(checks: Iterable[Check]) -> str:
    held, counted = Counter[str](), Counter[str]()
    lines = []
    for check in checks:
        counted[check.what] += 1
        held[check.what] += check.holds
        if not check.holds:
            lines.append(f"  {check.at} {check.what} {check.of}: expected {check.expected}, found {check.found}")
    return "\n".join([f"{what:>10}: {held[what]} of {counted[what]} as the truth has them" for what in counted] + lines)
