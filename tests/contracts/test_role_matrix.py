"""Who may call what, bound by what: `role_matrix.json` is the list, the guards declare it, and real requests are answered by it.

A new route fails here until somebody has written down who may use it, and by which bindings of a token it narrows.
"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from promises import HOME, apps
from routes import PUBLIC, Rule, routes

from shared import testing
from shared.auth import TokenSigner, allow, make_keys
from shared.scope import BINDINGS, HONOURED
from shared.settings import SERVICES, Settings
from shared.testing import City
from shared.vocabulary import Role

MATRIX: dict[str, Rule] = json.loads((HOME / "role_matrix.json").read_text("utf-8"))
GUARDED = {route: rule for route, rule in MATRIX.items() if isinstance(rule, dict)}
CALLERS = [role.value for role in Role]
REFUSED = {401, 403}
ENDED_AFTER_THE_GUARD = {"GET /v1/city/live": {"box": "nowhere"}}
"""An endless answer ends at once when its box is wrong, which is looked at after the guard."""


@cache
def declared() -> dict[str, Rule]:
    with apps() as built:
        return {route: roles for app in built.values() for route, roles in routes(app)}


def test_every_route_is_listed_and_every_listed_route_exists() -> None:
    known = declared()
    assert sorted(known.keys() - MATRIX.keys()) == [], "write down in role_matrix.json who may use these"
    assert sorted(MATRIX.keys() - known.keys()) == [], "these are gone; take them out of role_matrix.json"


@pytest.mark.parametrize("route", MATRIX)
def test_the_guard_declares_what_is_listed(route: str) -> None:
    assert declared()[route] == MATRIX[route]


OPEN311 = " /open311/"


def test_only_operation_documents_and_open311_are_public() -> None:
    """Health, metrics, documents and the empty pages are for whoever reaches the port, and what GeoReport v2 gives to citizens
    (filing takes an `api_key` in the form); everything else of the city needs a token."""
    assert {route.rpartition("/")[2] for route, roles in MATRIX.items() if roles == PUBLIC and OPEN311 not in route} == {
        "live",
        "ready",
        "metrics",
        "openapi.json",
        "asyncapi.json",
        "docs",
        "inspect",
        "inspect-worker.js",
        "",
    }
    assert all(roles == PUBLIC or Role.ADMIN in roles for roles in MATRIX.values()), "an admin may do whatever anybody may"


def test_an_evaluator_reaches_nothing_but_the_evaluators_api() -> None:
    """No complaint's text, no plate, no person: what a third party needs to work the index out anew, and its own batches."""
    assert {route for route, roles in MATRIX.items() if Role.EVALUATOR in roles} == {
        "GET /v1/cleanliness-index",
        "GET /v1/cleanliness-index/{period}/document",
        "GET /v1/cleanliness-index/{period}/areas/{area_id}",
        "GET /v1/index-history/{area_id}",
        "GET /v1/index-changes",
        "GET /v1/index-methodology",
        "GET /v1/evaluator-checklists",
        "POST /v1/evaluator-batches",
    }


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    factories = [import_module(f"services.{name}.app").create_app for name in SERVICES]
    async with testing.city(Settings(data_dir=tmp_path_factory.mktemp("matrix")), factories) as city:
        yield city


@pytest.fixture(scope="module")
async def anybody(whole: City) -> AsyncIterator[httpx.AsyncClient]:
    async with whole.client() as client:
        yield client


async def ask(client: httpx.AsyncClient, route: str, token: str | None) -> httpx.Response:
    method, _, path = route.partition(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    filled = "/".join("T-1" if part.startswith("{") else part for part in path.split("/"))
    body = {} if method in {"POST", "PUT", "PATCH"} else None
    return await client.request(method, filled, headers=headers, json=body, params=ENDED_AFTER_THE_GUARD.get(route))


@pytest.fixture(scope="module")
def tokens(whole: City) -> dict[tuple[str, str], str]:
    """Of every role with every binding and without one, as nobody would issue them: by role and binding."""
    signer, hour = TokenSigner(whole.settings.signing_key), timedelta(hours=1)
    cases = [(role, binding) for role in Role for binding in ("", *BINDINGS)]
    return {(role.value, one): signer.sign(role, hour, **({one: ["T-1"]} if one else {}))[0] for role, one in cases}


@pytest.mark.parametrize("role", CALLERS)
@pytest.mark.parametrize("route", GUARDED)
async def test_a_role_is_let_in_exactly_where_it_is_listed_and_bound_only_where_that_narrows(
    anybody: httpx.AsyncClient, tokens: dict[tuple[str, str], str], route: str, role: str
) -> None:
    for binding in ("", *BINDINGS):
        answer = await ask(anybody, route, tokens[role, binding])
        assert answer.status_code < 500, (binding, answer.text)
        listed = role in GUARDED[route] and binding in ("", *GUARDED[route][role])
        if listed and not (role == Role.DEVICE and not binding):
            assert answer.status_code not in REFUSED or answer.json()["code"] != "forbidden", (binding, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (binding, answer.text)
            assert role not in GUARDED[route] or "ask for" in answer.json()["detail"]


def test_a_role_is_narrowed_only_by_what_it_honours() -> None:
    for route, rule in GUARDED.items():
        for role, bindings in rule.items():
            assert set(bindings) <= HONOURED[Role(role)], route


@pytest.fixture(scope="module")
def bad_tokens(whole: City, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    expired = TokenSigner(whole.settings.signing_key).issue(Role.ADMIN, timedelta(seconds=-1))[0]
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    make_keys(elsewhere / "signing.pem", elsewhere / "verify.pem")
    forged = TokenSigner(elsewhere / "signing.pem").issue(Role.ADMIN, timedelta(hours=1))[0]
    return {"no token": None, "an expired token": expired, "a forged token": forged, "no token at all but words": "let me in"}


@pytest.mark.parametrize("bearer", ["no token", "an expired token", "a forged token", "no token at all but words"])
@pytest.mark.parametrize("route", GUARDED)
async def test_nobody_comes_in_without_a_token_that_holds(
    anybody: httpx.AsyncClient, bad_tokens: dict[str, str | None], route: str, bearer: str
) -> None:
    answer = await ask(anybody, route, bad_tokens[bearer])
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", [route for route, roles in MATRIX.items() if roles == PUBLIC])
async def test_what_is_public_needs_no_token(anybody: httpx.AsyncClient, route: str) -> None:
    answer = await ask(anybody, route, None)
    if OPEN311 in route:
        assert answer.status_code == (403 if route.startswith("POST") else 404 if "{" in route else 200)
        return
    assert answer.status_code == 200 or answer.json()["code"] == "console_not_built"


def test_a_route_without_a_guard_would_be_noticed() -> None:
    from fastapi import APIRouter, FastAPI

    router = APIRouter()

    @router.get("/v1/open")
    async def unguarded() -> None: ...

    @router.get("/v1/shut", dependencies=[allow(Role.EVALUATOR)])
    async def guarded() -> None: ...

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    assert dict(routes(app)) == {"GET /v1/open": PUBLIC, "GET /v1/shut": {"admin": [], "evaluator": []}}


@pytest.mark.parametrize("route", [route for route in MATRIX if not route.startswith("GET ")])
async def test_nothing_is_done_for_a_request_that_did_not_arrive_whole(whole: City, route: str) -> None:
    """Whatever the route reads, and wherever its sender went away: nobody is answered, so nothing was done."""
    method, _, path = route.partition(" ")
    filled = "/".join("T-1" if part.startswith("{") else part for part in path.split("/"))
    body = b'{"api_key": "x"}\n'
    for content_type in ("application/json", "text/csv", "image/jpeg"):
        for cut in range(len(body) + 1):
            assert await whole.post_cut_off(filled, body, cut, content_type, method=method) == []
