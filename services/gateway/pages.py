"""The console, the inspectors' page and the API pages, out of files inside the package (`make console` builds them)."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from shared.errors import problem

DIST = Path(__file__).parent / "console" / "dist"
ASYNCAPI = Path(__file__).parent / "data" / "asyncapi.json"
SOURCES = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "worker-src": "'self' blob:",  # the map reads its shapes in workers
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{what} {whence}" for what, whence in SOURCES.items())
GUARDS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
ALWAYS_ASK = {"Cache-Control": "no-cache"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""The names of assets change with what is in them."""


class Page:
    """One file of the built console that keeps its name; a problem that says what to do while nobody has built it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._file.is_file():
            answer: Response = FileResponse(self._file, headers=GUARDS | ALWAYS_ASK)
        else:
            answer = problem(503, "console_not_built", "the console is not built in this checkout; run `make console`")
        await answer(scope, receive, send)


class Assets(StaticFiles):
    def file_response(self, *args: object, **more: object) -> Response:
        answer = super().file_response(*args, **more)  # type: ignore[arg-type]
        answer.headers.update(FOREVER)
        return answer


async def events_document(_: Request) -> Response:
    return FileResponse(ASYNCAPI, media_type="application/json")


def pages(dist: Path = DIST) -> list[BaseRoute]:
    return [
        Route("/", Page(dist / "index.html"), methods=["GET"]),
        Route("/docs", Page(dist / "docs.html"), methods=["GET"]),
        Route("/inspect", Page(dist / "inspect.html"), methods=["GET"]),
        Route("/inspect-worker.js", Page(dist / "inspect-worker.js"), methods=["GET"]),
        Route("/gateway/asyncapi.json", events_document, methods=["GET"]),
        Mount("/assets", Assets(directory=dist / "assets", check_dir=False)),
    ]
