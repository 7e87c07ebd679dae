"""Metrics and the details of health are told to those who watch the suite, not to everybody who can reach it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.gateway.app import create_app
from shared import testing
from shared.settings import Settings
from shared.vocabulary import Role

HERE, ELSEWHERE = ("127.0.0.1", 5), ("203.0.113.9", 5)
PROXIES = [{"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}]


@pytest.fixture
async def city(settings: Settings) -> AsyncIterator[testing.City]:
    async with testing.city(settings, [create_app], migrated=True) as opened:
        yield opened


async def ask(app: Any, path: str, client: tuple[str, int], headers: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test", headers=headers) as asking:
        return await asking.get(path)


async def test_the_all_in_one_tells_this_machine(city: testing.City) -> None:
    assert "sanitation_build_info" in (await ask(city.edge, "/metrics", HERE, {})).text
    assert "services" in (await ask(city.edge, "/health/ready", HERE, {})).json()


@pytest.mark.parametrize("forwarded", PROXIES)
async def test_the_all_in_one_tells_nobody_behind_a_proxy_of_this_machine(city: testing.City, forwarded: dict[str, str]) -> None:
    assert (await ask(city.edge, "/metrics", HERE, forwarded)).status_code == 401
    assert (await ask(city.edge, "/health/ready", HERE, forwarded)).json() == {"status": "ready"}


async def test_the_all_in_one_tells_other_machines_the_status_alone(city: testing.City) -> None:
    refused = await ask(city.edge, "/metrics", ELSEWHERE, {})
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert (await ask(city.edge, "/health/ready", ELSEWHERE, {})).json() == {"status": "ready"}
    assert (await ask(city.edge, "/health/live", ELSEWHERE, {})).json() == {"status": "live"}


@pytest.mark.parametrize("role", Role)
async def test_a_token_opens_metrics_to_auditors_and_admins_only(city: testing.City, role: Role) -> None:
    token = {"authorization": f"Bearer {city.token(role)}"}
    status = 200 if role in {Role.AUDITOR, Role.ADMIN} else 403
    for app, forwarded in ((city.edge, {}), (city.apps["gateway"], PROXIES[0])):
        assert (await ask(app, "/metrics", ELSEWHERE, token | forwarded)).status_code == status
        assert ("bus" in (await ask(app, "/health/ready", ELSEWHERE, token | forwarded)).text) == (status == 200)


async def test_a_service_tells_prometheus_and_probes_of_its_network(city: testing.City) -> None:
    gateway = city.apps["gateway"]
    assert "sanitation_build_info" in (await ask(gateway, "/metrics", ELSEWHERE, {})).text
    assert (await ask(gateway, "/health/ready", ELSEWHERE, {})).json()["service"] == "gateway"


@pytest.mark.parametrize("forwarded", PROXIES)
async def test_a_service_tells_nobody_who_comes_through_an_edge(city: testing.City, forwarded: dict[str, str]) -> None:
    gateway = city.apps["gateway"]
    assert (await ask(gateway, "/metrics", ELSEWHERE, forwarded)).status_code == 401
    assert (await ask(gateway, "/health/ready", ELSEWHERE, forwarded)).json() == {"status": "ready"}
