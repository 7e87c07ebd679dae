"""Every operation of every OpenAPI document, with data that fits it and data that does not: the answer is what the document
says, and never a 5xx.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from loop_thread import InThread, running
from promises import documents
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from shared.settings import SERVICES, Settings
from shared.testing import City
from shared.vocabulary import Role

EXAMPLES = 20
ENDLESS = {"GET /v1/city/live": "an answer without an end; tests/service/gateway/test_live_stream.py reads it"}
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
pytestmark = pytest.mark.slow
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]
TRUCK = {"vehicle_id": "T-1", "plate": "沪A12345", "kind": "compactor", "capacity_kg": 8000, "district_id": "310104003"}
RING = [[121.43, 31.17], [121.44, 31.17], [121.44, 31.19], [121.43, 31.19], [121.43, 31.17]]
FENCE = {"name_zh": "禁行区", "name_en": "Keep out", "rule": "inside", "polygon": [RING], "valid_from": "2026-01-01T00:00:00Z"}
WHEN = {"from": "2026-11-16T00:00:00Z", "to": "2026-11-17T00:00:00Z", "service_day": "2026-11-16"}
STATION = {
    "name_zh": "徐浦中转站",
    "name_en": "Xupu",
    "lon": 121.4,
    "lat": 31.2,
    "capacity_kg": {"residual": 20000},
    "bays": [{"bay_id": "B1", "streams": ["residual"]}],
}
TIMETABLE = """route_id,seq,stop_id,name,time,lon,lat,weekdays,district_id,vehicle_id
L-1,1,L-1-S1,康平路1号,18:00,121.43,31.18,每日,310104003,T-1
L-1,2,L-1-S2,康平路9号,18:30,121.44,31.19,每日,310104003,T-1
"""


def operations() -> Iterator[Any]:
    # Tokens are the role matrix's; here every request has an admin's.
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    for service in SERVICES:
        schema = schemathesis.openapi.from_dict(json.loads(documents()[f"openapi/{service}.json"]), config=config)
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.label not in ENDLESS:
                yield pytest.param(operation, id=f"{service} {operation.label}")


OPERATIONS = list(operations())


def refusal(context: Any, response: Any, case: Any) -> bool | None:
    """What does not fit is refused: as a whole, or record by record with 207."""
    if case.operation.label == "POST /v1/telemetry" and response.status_code == httpx.codes.MULTI_STATUS:
        assert response.json()["rejected"] > 0
        return None
    return checks.negative_data_rejection(context, response, case)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    factories = [import_module(f"services.{name}.app").create_app for name in SERVICES]
    with running(Settings(data_dir=tmp_path_factory.mktemp("schemathesis")), factories) as city:
        yield city


@pytest.fixture(scope="module")
def known(whole: InThread) -> dict[str, str]:
    """Ids of things that are there, by the name of the parameter that asks for them."""
    return whole.run(_furnish)


async def _furnish(city: City) -> dict[str, str]:
    async with city.client(Role.ADMIN) as admin:
        fixes = [
            {"kind": "position", "at": f"2026-11-16T02:00:{s:02}Z", "lon": 121.43, "lat": 31.18, "speed_kmh": 75}
            for s in range(0, 60, 5)
        ]
        await _post(admin, "/v1/vehicle-imports", {"vehicles": [TRUCK]})
        await _post(admin, "/v1/telemetry", {"vehicle_id": "T-1", "records": fixes})
        assert (await admin.put("/v1/geofences/F-1", json=FENCE)).status_code == 200
        [alert] = (await admin.get("/v1/alerts")).json()["items"]
        found = {"vehicle_id": "T-1", "fence_id": "F-1", "alert_id": alert["alert_id"]}
        await _post(admin, "/v1/timetable-imports", {"format": "csv", "content": TIMETABLE, "dry_run": False})
        await _post(admin, "/v1/runs/plans", {"service_day": "2026-11-16"})
        [run] = (await admin.get("/v1/runs", params={"service_day": "2026-11-16"})).json()["items"]
        stops = (await admin.get(f"/v1/runs/{run['run_id']}")).json()["stops"]
        found |= {"route_id": "L-1", "run_id": run["run_id"], "stop_id": stops[0]["stop_id"]}
        order = await admin.post("/v1/orders", json={"kind": "message", "vehicle_id": "T-1", "text": "回场"})
        found |= {"order_id": order.json()["order_id"]}
        found |= await _furnish_station(admin)
        found |= await _furnish_complaint(admin)
        await city.settle()
        return found


async def _furnish_station(admin: httpx.AsyncClient) -> dict[str, str]:
    assert (await admin.put("/v1/stations/S-1", json=STATION)).status_code == 200
    weighed = {"client_id": "1", "number": "1", "plate": "沪A12345", "stream": "residual", "gross_kg": 9000, "at": WHEN["from"]}
    ticket = (await admin.post("/v1/stations/S-1/weigh-ins", json=weighed)).json()
    await _post(admin, "/v1/stations/S-1/containers/C-1/seal", {"seal_number": "F-1", "stream": "residual", "at": WHEN["from"]})
    leaves = {"station_id": "S-1", "container_id": "C-1", "seal_number": "F-1", "destination_plant_id": "P-1", "net_kg": 900}
    haul = (await admin.post("/v1/hauls", json=leaves | {"left_at": WHEN["to"]})).json()
    return {"station_id": "S-1", "container_id": "C-1", "ticket_id": ticket["ticket_id"], "haul_id": haul["haul_id"]}


async def _furnish_complaint(admin: httpx.AsyncClient) -> dict[str, str]:
    said = {"category": "bin_overflow", "description": "满溢", "lon": 121.4, "lat": 31.2, "contact": {"phone": "13900000000"}}
    case = (await admin.post("/v1/complaints", json=said | {"steps": [{"step": "accept"}]})).json()
    return {"case_id": case["case_id"], "name": f"{case['case_id']}.json"}


async def _post(admin: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await admin.post(path, json=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does not fit"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_what_the_document_says(
    whole: InThread, known: dict[str, str], operation: Any, mode: GenerationMode
) -> None:
    expected = [*CHECKS, refusal] if mode is GenerationMode.NEGATIVE else CHECKS
    if mode is GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
        pytest.skip("nothing to get wrong: no parameters, no body")

    @given(case=operation.as_strategy(generation_mode=mode), there=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=SLOW_IS_FINE,
        phases=[Phase.explicit, Phase.generate],
    )
    def each(case: Any, there: bool) -> None:
        if there and mode is GenerationMode.POSITIVE:
            case.path_parameters = _meant(case.path_parameters, known)
            case.query = _meant(case.query, known | WHEN)
        case.validate_response(whole.run(lambda city: _send(city, case)), checks=expected)

    each()


def _meant(parameters: Any, known: dict[str, str]) -> dict[str, Any]:
    """The same parameters, about things that are there."""
    return {name: known.get(name, value) for name, value in dict(parameters or {}).items()}


async def _send(city: City, case: Any) -> httpx.Response:
    asked = case.as_transport_kwargs(base_url="http://city.test")
    headers = {str(name): str(value) for name, value in asked.get("headers", {}).items() if name.lower() != "authorization"}
    body = {name: asked[name] for name in ("json", "files") if asked.get(name) is not None}
    if isinstance(asked.get("data"), bytes | str):
        body["content"] = asked["data"]
    async with city.client(Role.ADMIN) as admin:
        admin.cookies.update(asked.get("cookies") or {})
        return await admin.request(asked["method"], asked["url"], params=asked.get("params"), headers=headers, **body)


def test_the_walk_reaches_every_service_and_leaves_out_only_what_is_named() -> None:
    labels = {param.values[0].label for param in OPERATIONS}
    assert {"POST /v1/telemetry", "GET /v1/city", "GET /health/ready"} <= labels
    assert not labels & ENDLESS.keys()
