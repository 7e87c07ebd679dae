"""The app factory: what all services have, so that a service's own `app.py` is wiring only.

Stopping, in this order: not ready → HTTP ends → consumers finish what they hold → relay sends what is left → close.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared import errors
from shared.auth import TokenVerifier
from shared.bus import Bus
from shared.clock import now, set_city_zone
from shared.consumers import Consumers
from shared.db import Database
from shared.event_processing.processor import EventProcessor
from shared.events.base import Heartbeat
from shared.health import Health
from shared.inspection import may_inspect, require_inspector
from shared.metrics import CONTENT_TYPE, Metrics
from shared.outbox import Relay, publish
from shared.settings import Settings
from shared.snapshots import Snapshot
from shared.web import RequestMiddleware

log = logging.getLogger(__name__)
ALIVE_SECONDS = 3.0
TASK_FAILED = "task failed; it starts again"
RESTART_SECONDS = 1.0
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own would ask for its providers at every request; `shared.metrics` and `shared.tracing` do this here."""


@dataclass(slots=True)
class Resources:
    """What a service holds while it runs; at `app.state.resources`."""

    settings: Settings
    database: Database
    bus: Bus
    metrics: Metrics
    verifier: TokenVerifier
    relay: Relay
    processor: EventProcessor
    health: Health
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


Task = Callable[[Resources], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Service:
    """What tells one service from another."""

    name: str
    title: str
    routers: Sequence[APIRouter]
    consumers: Consumers
    tasks: Sequence[Task] = ()
    body_limits: dict[str, int] = field(default_factory=dict)
    metrics: type[Metrics] = Metrics
    read_by_hand: Sequence[type[BaseModel]] = ()
    """Bodies that an endpoint validates itself; its document would not hold them otherwise."""
    heartbeat: type[Heartbeat] | None = None
    """What a publishing service says every few seconds."""
    snapshots: Sequence[Snapshot] = ()
    """What it holds, for a consumer that has lost its own copy."""


def build(service: Service, settings: Settings, bus: Bus) -> FastAPI:
    app = FastAPI(
        title=service.title,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"/{service.name}/openapi.json",
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=_lifespan,
    )
    set_city_zone(settings.zone)
    database, metrics = Database(settings, service.name), service.metrics()
    processor = EventProcessor(service.consumers, database, metrics.registry)
    metrics.bus_blocked.set_function(bus.blocked_seconds)
    app.state.service = service
    app.state.resources = Resources(
        settings=settings,
        database=database,
        bus=bus,
        metrics=metrics,
        verifier=TokenVerifier(settings.verify_key),
        relay=Relay(database, bus, metrics.registry),
        processor=processor,
        health=Health(database, bus, processor, metrics.registry),
    )
    errors.install(app, metrics.rejected)
    app.add_middleware(RequestMiddleware, metrics=metrics, max_body_bytes=settings.max_body_bytes, larger=service.body_limits)
    # Not include_router: its indirection costs a small request a tenth of its time.
    app.router.routes.extend(route for router in service.routers for route in router.routes)
    app.include_router(OPERATIONS)
    _describe(app, service.read_by_hand)
    return app


def _describe(app: FastAPI, models: Sequence[type[BaseModel]]) -> None:
    """Add these bodies, and what they are made of, to the OpenAPI document."""
    made = app.openapi
    inputs = [(model, "validation") for model in models]

    @cache
    def openapi() -> dict[str, Any]:
        document = made()
        _, schemas = models_json_schema(inputs, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        document["components"]["schemas"] = schemas.get("$defs", {}) | document["components"]["schemas"]
        return document

    app.openapi = openapi  # type: ignore[method-assign]


OPERATIONS = APIRouter(tags=["operation"], responses=errors.PROBLEMS)


@OPERATIONS.get("/health/live", summary="The process runs")
async def live() -> dict[str, str]:
    return {"status": "live"}


@OPERATIONS.get("/health/ready", summary="The service can do its work", responses={503: {"description": "not now"}})
async def ready(request: Request) -> JSONResponse:
    state = await readiness(request.app)
    status = 503 if state["status"] == "not ready" else 200
    details = {"service": request.app.state.service.name, **state} if await may_inspect(request) else {}
    return JSONResponse({"status": state["status"], **details}, status)


@OPERATIONS.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE: {}}}},
)
async def metrics(request: Request) -> Response:
    """Answered to who asks without a proxy between, or with a token of an auditor or admin."""
    await require_inspector(request)
    return Response(request.app.state.resources.metrics.text(), media_type=CONTENT_TYPE)


async def readiness(app: FastAPI) -> dict[str, Any]:
    resources: Resources = app.state.resources
    return await resources.health.state(stopping=resources.stopping.is_set())


@asynccontextmanager
async def running(apps: Sequence[FastAPI], bus: Bus) -> AsyncIterator[None]:
    """Everything that goes on beside HTTP, for the services of one process."""
    background = [_keep_running("messaging", partial(_start_messaging, apps, bus))]
    for app in apps:
        resources: Resources = app.state.resources
        background += [_keep_running(task.__name__, partial(task, resources)) for task in app.state.service.tasks]
        background.append(_keep_running("watch_backlog", resources.relay.watch_backlog))
        background.append(_keep_running("watch_health", resources.health.watch))
        if app.state.service.heartbeat:
            background.append(_keep_running("heartbeat", partial(_send_heartbeats, app)))
    tasks = [asyncio.create_task(work) for work in background]
    try:
        yield
    finally:
        for app in apps:
            app.state.resources.stopping.set()
        await bus.stop_consuming()
        await _end(tasks)
        for app in apps:
            with suppress(Exception):
                await asyncio.wait_for(app.state.resources.relay.drain(), 5)
        await bus.close()
        for app in apps:
            await app.state.resources.database.close()


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: in Python 3.11 `asyncio.wait_for` may swallow a cancellation that meets its own end."""
    running_still = set(tasks)
    while running_still:
        for task in running_still:
            task.cancel()
        _, running_still = await asyncio.wait(running_still, timeout=1)


async def _start_messaging(apps: Sequence[FastAPI], bus: Bus) -> None:
    """All queues exist before the first relay sends, or the first events would miss a consumer."""
    try:
        await bus.open()
        takers = [app for app in apps if app.state.service.consumers.handlers]
        for app in takers:
            await bus.declare(app.state.service.name, sorted(app.state.service.consumers.handlers))
        for app in takers:
            processor: EventProcessor = app.state.resources.processor
            await bus.consume(app.state.service.name, processor.deliver, processor.dead)
    except Exception:
        await bus.close()
        raise
    running_now = [app.state.resources for app in apps]
    await asyncio.gather(
        *(_keep_running("relay", resources.relay.run) for resources in running_now),
        *(_keep_running("retry_parked", resources.processor.retries.run) for resources in running_now),
        *(_keep_running("housekeeping", resources.processor.dead_letters.housekeeping) for resources in running_now),
    )


async def _keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` for as long as the service runs: when it fails or returns it starts again."""
    while True:
        try:
            await work()
            log.warning("task ended; it starts again", extra={"task": name})
        except Exception as error:
            log.warning(TASK_FAILED, exc_info=error, extra={"task": name})
        await asyncio.sleep(RESTART_SECONDS)


async def _send_heartbeats(app: FastAPI) -> None:
    service: Service = app.state.service
    resources: Resources = app.state.resources
    while service.heartbeat is not None:
        try:
            if await resources.bus.ready():  # what cannot be sent now would only pile up
                async with resources.database.transaction() as session:
                    await publish(session, service.heartbeat(service=service.name, at=now()))
        except Exception as error:
            log.warning("cannot say that we live", extra={"error": repr(error)})
        await asyncio.sleep(ALIVE_SECONDS)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with running([app], app.state.resources.bus):
        yield
