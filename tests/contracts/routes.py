"""Every route of every service and the guard it declares."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.auth import Allow

PUBLIC = "public"


Rule = dict[str, list[str]] | str
"""Role: the bindings by which the route narrows for it; `public` without a guard."""


def routes(app: FastAPI) -> Iterator[tuple[str, Rule]]:
    """`GET /v1/city` and whom its guard lets in, bound by what."""
    for route in iter_route_contexts(app.routes):
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
            guards = list(_guards(getattr(route, "dependant", None)))
            yield f"{method} {route.path}", _rule(guards) if guards else PUBLIC


def _rule(guards: list[Allow]) -> dict[str, list[str]]:
    """What every guard lets in."""
    roles = frozenset.intersection(*(guard.roles for guard in guards))
    return {role.value: sorted(frozenset.intersection(*(guard.narrowed_by(role) for guard in guards))) for role in sorted(roles)}


def _guards(dependant: Any) -> Iterator[Allow]:
    for inner in dependant.dependencies if dependant is not None else ():
        if isinstance(inner.call, Allow):
            yield inner.call
        yield from _guards(inner)
