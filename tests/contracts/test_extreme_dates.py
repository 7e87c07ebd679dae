"""Every date, month, week and time that a route takes is bounded: whatever is asked, no answer is an error of ours."""

import re
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
from promises import apps

from shared import testing
from shared.settings import SERVICES, Settings
from shared.testing import City
from shared.vocabulary import Role

EXTREMES = (
    "0001-01-01",
    "9999-12-31",
    "1969-12-31",
    "1970-01-01",
    "1970-01-02",
    "2199-12-30",
    "2199-12-31",
    "2200-01-01",
    "1999-12-31",
    "2000-01-01",
    "2100-12-31",
    "2101-01-01",
    "0000-00-00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "1970-01-01T00:00:00Z",
    "2199-12-31T23:59:59Z",
    "0001-01",
    "0000-01",
    "2026-00",
    "2026-13",
    "2000-01",
    "2199-12",
    "9999-12",
    "0001-W01",
    "9999-W53",
    "2000-W01",
    "2199-W53",
    "2026-W00",
    "2026-W60",
    "99999999999999999999",
    "-1",
    "1e308",
    "",
)
NAMED = re.compile(r"(^|_)(from|to|at|day|days|month|period|week|year|date|since|until|after|before)($|_)")
SAMPLES = {"date": "2026-11-16", "date-time": "2026-11-16T02:00:00Z"}
ENDLESS = "/v1/city/live"


def is_date_like(parameter: dict[str, Any]) -> bool:
    text = str(parameter.get("schema", {}))
    return "'date" in text or r"\d{2}" in text or NAMED.search(parameter["name"]) is not None


def sample(parameter: dict[str, Any]) -> str:
    """A value that the parameter may take."""
    schema = parameter["schema"]
    for one in [schema, *schema.get("anyOf", [])]:
        if one.get("enum"):
            return str(one["enum"][0])
        if one.get("format") in SAMPLES:
            return SAMPLES[one["format"]]
        if "W" in one.get("pattern", ""):
            return "2026-W47"
        if r"\d{2}-" in one.get("pattern", ""):
            return "2026-11"
        if one.get("type") in {"integer", "number"}:
            return "1"
    return {"box": "121,31,122,32"}.get(parameter["name"], "310104")


def asked() -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """method, path, parameters of every route that takes something like a date."""
    with apps() as built:
        for app in built.values():
            for path, operations in app.openapi()["paths"].items():
                for method, operation in operations.items():
                    parameters = operation.get("parameters", [])
                    if any(map(is_date_like, parameters)) and path != ENDLESS:
                        yield method, path, parameters


ASKED = list(asked())


@pytest.fixture(scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    factories = [import_module(f"services.{name}.app").create_app for name in SERVICES]
    async with testing.city(Settings(data_dir=tmp_path_factory.mktemp("extremes")), factories) as city:
        yield city


def requests(path: str, parameters: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Paths and queries with one or all of the dates at an extreme."""
    dates = [parameter["name"] for parameter in parameters if is_date_like(parameter)]
    for extreme in EXTREMES:
        for wrong in [[name] for name in dates] + ([dates] if len(dates) > 1 else []):
            values = {p["name"]: sample(p) for p in parameters if p.get("required") or p["name"] in wrong}
            values |= dict.fromkeys(wrong, extreme)
            in_path = {p["name"] for p in parameters if p["in"] == "path"}
            filled = re.sub(r"\{(\w+)\}", lambda found, values=values: values[found[1]] or "-", path)  # type: ignore[misc]
            yield filled, {name: value for name, value in values.items() if name not in in_path}


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ASKED])
async def test_no_date_is_an_error_of_ours(whole: City, method: str, path: str) -> None:
    [parameters] = [found for of, at, found in ASKED if (of, at) == (method, path)]
    async with whole.client(Role.ADMIN) as admin:
        for filled, query in requests(path, parameters):
            answer: httpx.Response = await admin.request(method, filled, params=query)
            assert answer.status_code < 500, (method, filled, query, answer.text)


@pytest.mark.parametrize("window", [{"from": "0001-01-01", "to": "2026-01-01"}, {"from": "2026-01-01", "to": "9999-12-31"}])
async def test_a_day_out_of_bounds_is_refused_by_name(whole: City, window: dict[str, str]) -> None:
    async with whole.client(Role.ADMIN) as admin:
        for path in ("/v1/flows", "/v1/complaint-figures"):
            answer = await admin.get(path, params=window)
            assert answer.status_code == 422
            [error] = answer.json()["errors"]
            assert "1970-01-02 to 2199-12-30" in error["detail"]


def test_routes_with_dates_are_found() -> None:
    assert len(ASKED) > 20
