"""The console, the inspectors' page, the API pages and the guide, out of files inside the package (`make console docs`)."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import problem

DIST = Path(__file__).parent / "console" / "dist"
GUIDE = Path(__file__).parent / "guide"
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
ALWAYS_ASK = {"Cache-Control": "no-cache"}
NOT_FOUND = 404
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""The names of assets change with what is in them."""


def guards(**more: str) -> dict[str, str]:
    """Headers that say what a page may load; `more`: sources of its own, as `style_src`."""
    sources = SOURCES | {what.replace("_", "-"): whence for what, whence in more.items()}
    policy = "; ".join(f"{what} {whence}" for what, whence in sources.items())
    return {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}


class Page:
    """One file of the built console that keeps its name; a problem that says what to do while nobody has built it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._file.is_file():
            answer: Response = FileResponse(self._file, headers=guards() | ALWAYS_ASK)
        else:
            answer = problem(503, "console_not_built", "the console is not built in this checkout; run `make console`")
        await answer(scope, receive, send)


class Assets(StaticFiles):
    def file_response(self, *args: object, **more: object) -> Response:
        answer = super().file_response(*args, **more)  # type: ignore[arg-type]
        answer.headers.update(FOREVER)
        return answer


class Guide(StaticFiles):
    """The built documentation. Its pages hold styles and one small script, which is known by its digest."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True)
        scripts = re.findall(r"(?s)<script>(.*?)</script>", (directory / "index.html").read_text("utf-8"))
        digests = {f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts}
        self._headers = guards(script_src=" ".join(["'self'", *sorted(digests)]), style_src="'self' 'unsafe-inline'") | ALWAYS_ASK

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            answer = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code == NOT_FOUND:
                return problem(NOT_FOUND, "not_found", "the guide has no such page; it begins at /guide/")
            raise
        answer.headers.update(self._headers)
        return answer


def guide(directory: Path) -> ASGIApp:
    if (directory / "index.html").is_file():
        return Guide(directory)
    return problem(503, "guide_not_built", "the guide is not built in this checkout; run `make docs`")


async def events_document(_: Request) -> Response:
    return FileResponse(ASYNCAPI, media_type="application/json")


def pages(dist: Path = DIST, documentation: Path = GUIDE) -> list[BaseRoute]:
    return [
        Route("/", Page(dist / "index.html"), methods=["GET"]),
        Route("/docs", Page(dist / "docs.html"), methods=["GET"]),
        Route("/inspect", Page(dist / "inspect.html"), methods=["GET"]),
        Route("/inspect-worker.js", Page(dist / "inspect-worker.js"), methods=["GET"]),
        Route("/gateway/asyncapi.json", events_document, methods=["GET"]),
        Mount("/guide", guide(documentation)),
        Mount("/assets", Assets(directory=dist / "assets", check_dir=False)),
    ]
