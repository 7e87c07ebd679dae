"""The live stream: a snapshot, then what changed, coalesced to a few messages a second for each console.

Every changed row carries the number of its change, so a console that lost its connection says the last number it has
(`Last-Event-ID`) and gets what it missed, from any replica.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import in_box
from services.gateway.metrics import GatewayMetrics
from services.gateway.rulebooks import CITY_RULES
from services.gateway.schemas.city import AlertRow, Changes, StopRow, VehicleRow
from services.gateway.service.view import city
from services.gateway.store import alerts, stops, vehicles
from services.gateway.store import city as clock
from shared.app import Resources
from shared.auth import Principal
from shared.clock import monotonic, now, service_day
from shared.errors import BadRequest, TooBusy
from shared.scope import Scope

T = TypeVar("T")
Box = tuple[float, float, float, float]
EVERY_SECONDS = 0.4
BUILT_AT_ONCE = 2
QUIET_SECONDS = 10.0


class Streams:
    """The live streams of a process: how many there may be, and how many build their next message at once."""

    def __init__(self, most: int) -> None:
        self._most, self._open = most, 0
        self._builders = asyncio.Semaphore(BUILT_AT_ONCE)

    def require_room(self) -> None:
        """TooBusy when this process serves as many streams as it may."""
        if self._open >= self._most:
            raise TooBusy("this server shows the live city to as many consoles as it can; come again in a moment")

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def build(self, building: Coroutine[Any, Any, T]) -> T:
        """`building` to its end: a console that goes away in the middle must not take the database's connection with it.

        Few are built at once, so that however many consoles follow, a connection is left for whoever asks something else.
        """
        return await asyncio.shield(asyncio.create_task(self._when_there_is_room(building)))

    async def _when_there_is_room(self, building: Coroutine[Any, Any, T]) -> T:
        async with self._builders:
            return await building


@dataclass(slots=True)
class Console:
    """One open stream: what it asked for, how far it is, and the vehicles it may have on its map."""

    scope: Scope
    box: Box | None
    stops: bool
    seq: int
    shown: set[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a stream. `changes`: as JSON, which takes a tenth of the memory of what it is made of."""

    event: str
    seq: int
    changes: str


def read_box(text: str | None) -> Box | None:
    """`west,south,east,north` in degrees."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequest("box is west,south,east,north in degrees") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
        raise BadRequest("box is west,south,east,north in degrees, west before east and south before north")
    return west, south, east, north


async def follow(resources: Resources, streams: Streams, principal: Principal, console: Console) -> AsyncIterator[Step]:
    """Steps until the service stops or the token expires.

    When nothing changes the counts are said now and then all the same: a part turns stale by silence, a truck goes offline
    by it, and a dead connection is noticed.
    """
    with cast("GatewayMetrics", resources.metrics).consoles.track_inprogress(), streams.one_more():
        async for step in _steps(resources, streams, principal, console):
            yield step
            del step  # or every console would hold the whole city until something changes


async def _steps(resources: Resources, streams: Streams, principal: Principal, console: Console) -> AsyncIterator[Step]:
    zone = resources.settings.zone
    yield await streams.build(_first(resources, console, zone))
    said_at = monotonic()
    while principal.expires_at > now():
        try:
            await asyncio.wait_for(resources.stopping.wait(), EVERY_SECONDS)
        except TimeoutError:
            step = await streams.build(_next(resources, console, zone, quiet=monotonic() - said_at > QUIET_SECONDS))
            if step is not None:
                said_at = monotonic()
                yield step
                del step
        else:
            return


async def _first(resources: Resources, console: Console, zone: ZoneInfo) -> Step:
    async with resources.database.read() as session:
        seq = await clock.current_seq(session)
        resumes = 0 < console.seq <= seq
        if resumes and console.box:  # where they were when the connection broke, nobody knows
            fleet = await vehicles.vehicles_now(session, console.scope, 0, now(), CITY_RULES.at(now()))
            console.shown = {vehicle.vehicle_id for vehicle in fleet}
        changes = await _changes(session, console, zone, console.seq if resumes else 0)
        console.seq = seq
        return Step("change" if resumes else "snapshot", seq, changes.model_dump_json())


async def _next(resources: Resources, console: Console, zone: ZoneInfo, *, quiet: bool) -> Step | None:
    async with resources.database.read() as session:
        seq = await clock.current_seq(session)
        if seq == console.seq:
            if not quiet:
                return None
            return Step("change", seq, Changes(city=await city(session, console.scope, zone)).model_dump_json())
        changes = await _changes(session, console, zone, console.seq)
        console.seq = seq
        return Step("change", seq, changes.model_dump_json())


async def _changes(session: AsyncSession, console: Console, zone: ZoneInfo, since: int) -> Changes:
    at = now()
    changed = await vehicles.vehicles_now(session, console.scope, since, at, CITY_RULES.at(at))
    inside = [vehicle for vehicle in changed if in_box(vehicle.lon, vehicle.lat, console.box)]
    here = {vehicle.vehicle_id for vehicle in inside}
    elsewhere = await vehicles.changed_vehicles(session, since) if since and console.shown - here else set()
    gone = (console.shown & elsewhere) - here
    console.shown = (console.shown | here) - gone
    planned = await stops.stops_now(session, console.scope, since, service_day(at, zone)) if console.stops else []
    changed_alerts = await alerts.changed_alerts(session, console.scope, since)
    return Changes(
        city=await city(session, console.scope, zone),
        vehicles=[VehicleRow.model_validate(vehicle) for vehicle in inside],
        stops=[StopRow.model_validate(stop) for stop in planned if in_box(stop.lon, stop.lat, console.box)],
        alerts=[AlertRow.model_validate(alert) for alert in changed_alerts],
        gone=sorted(gone),
    )
