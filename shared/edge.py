"""The all-in-one edge: one ASGI app that hands each request to the service whose path it is."""

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from shared.app import readiness, running
from shared.bus import Bus
from shared.errors import DomainError, problem
from shared.inspection import may_inspect, require_inspector
from shared.metrics import CONTENT_TYPE, text_of_all

HERE = frozenset({"/health/live", "/health/ready", "/metrics"})


class Edge:
    def __init__(self, apps: Sequence[FastAPI], fallback: FastAPI, bus: Bus) -> None:
        self._apps, self._fallback, self._bus = apps, fallback, bus
        self._by_prefix = {prefix: app for app in apps for prefix in prefixes(app)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["path"] in HERE and scope["method"] == "GET":
            request = Request({**scope, "app": self._fallback})
            return await (await self._about_all(request))(scope, receive, send)
        app = self._by_prefix.get("/".join(scope["path"].split("/", 3)[:3]), self._fallback)
        await app(scope, receive, send)

    async def _about_all(self, request: Request) -> Response:
        if request.url.path == "/metrics":
            try:
                await require_inspector(request, local_only=True)
            except DomainError as error:
                return problem(error.status, error.code, error.detail)
            metrics = {app.state.service.name: app.state.resources.metrics for app in self._apps}
            return Response(text_of_all(metrics), media_type=CONTENT_TYPE)
        if request.url.path == "/health/live":
            return JSONResponse({"status": "live"})
        states = {app.state.service.name: await readiness(app) for app in self._apps}
        worst = max((state["status"] for state in states.values()), key=("ready", "degraded", "not ready").index)
        details = {"services": states} if await may_inspect(request, local_only=True) else {}
        return JSONResponse({"status": worst, **details}, 503 if worst == "not ready" else 200)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with running(self._apps, self._bus):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def prefixes(app: FastAPI) -> set[str]:
    """`/v1/runs` for `/v1/runs/{run_id}`: the first two segments of every path of a service, and its own name's."""
    paths = {route.path for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema}
    own = {"/".join(path.split("/", 3)[:3]) for path in paths} - HERE
    return own | {f"/{app.state.service.name}/openapi.json"}
