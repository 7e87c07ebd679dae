"""Every route of every service and the guard it declares."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.auth import Allow

PUBLIC = "public"


def routes(app: FastAPI) -> Iterator[tuple[str, list[str] | str]]:
    """`GET /v1/city` and the roles its guard lets in, sorted; `public` without a guard."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
            guards = list(_guards(getattr(route, "dependant", None)))
            roles = frozenset.intersection(*(guard.roles for guard in guards)) if guards else None
            yield f"{method} {route.path}", PUBLIC if roles is None else sorted(role.value for role in roles)


def _guards(dependant: Any) -> Iterator[Allow]:
    for inner in dependant.dependencies if dependant is not None else ():
        if isinstance(inner.call, Allow):
            yield inner.call
        yield from _guards(inner)
