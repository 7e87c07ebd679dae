"""The pages of the gateway: what they may load, how long they are kept, and what is said when nobody has built them."""

import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from services.gateway.pages import pages


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>the console</title>")
    (tmp_path / "docs.html").write_text("<!doctype html><title>the documents</title>")
    (tmp_path / "inspect.html").write_text("<!doctype html><title>the inspectors</title>")
    (tmp_path / "inspect-worker.js").write_text("export {}")
    (tmp_path / "assets" / "index-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("not for the world")
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "index.html").write_text("<!doctype html><title>the guide</title><script>let a = 1</script>")
    (tmp_path / "guide" / "style.css").write_text("p {}")
    return tmp_path


async def get(dist: Path, path: str, method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=pages(dist, dist / "guide")))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(("path", "title"), [("/", "the console"), ("/docs", "the documents"), ("/inspect", "the inspectors")])
async def test_a_page_is_asked_for_anew_and_loads_from_here_only(dist: Path, path: str, title: str) -> None:
    answer = await get(dist, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert title in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "script-src" not in policy, "scripts are what default-src says"


async def test_the_worker_that_keeps_the_inspectors_page_is_a_script_asked_for_anew(dist: Path) -> None:
    answer = await get(dist, "/inspect-worker.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_an_asset_is_kept_for_good_and_a_missing_one_is_not_there(dist: Path) -> None:
    answer = await get(dist, "/assets/index-1a2b.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (await get(dist, "/assets/gone.js")).status_code == 404


@pytest.mark.parametrize("path", ["/assets/../secret.txt", "/assets/..%2fsecret.txt", "/assets/%2e%2e/secret.txt", "/secret.txt"])
async def test_nothing_beside_the_assets_is_given_away(dist: Path, path: str) -> None:
    assert (await get(dist, path)).status_code == 404


async def test_a_page_is_read_and_not_written(dist: Path) -> None:
    assert (await get(dist, "/", "POST")).status_code == 405


async def test_a_checkout_without_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    answer = await get(tmp_path, "/")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "console_not_built"
    assert "make console" in answer.json()["detail"]


async def test_the_document_of_the_events_is_served(tmp_path: Path) -> None:
    answer = await get(tmp_path, "/gateway/asyncapi.json")
    assert json.loads(answer.content)["asyncapi"] == "3.0.0"


async def test_the_guide_may_run_its_own_script_and_no_other(dist: Path) -> None:
    answer = await get(dist, "/guide/")
    assert (answer.status_code, "the guide" in answer.text, answer.headers["cache-control"]) == (200, True, "no-cache")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self' 'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='"
    assert policy["default-src"] == "'self'"
    assert (await get(dist, "/guide/style.css")).headers["content-type"].startswith("text/css")
    assert (await get(dist, "/guide")).headers["location"].endswith("/guide/")


async def test_a_page_that_the_guide_does_not_have_is_a_problem(dist: Path) -> None:
    answer = await get(dist, "/guide/gone.html")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/guide/../secret.txt", "/guide/..%2fsecret.txt", "/guide/%2e%2e/secret.txt"])
async def test_nothing_beside_the_guide_is_given_away(dist: Path, path: str) -> None:
    assert (await get(dist, path)).status_code == 404


async def test_a_checkout_without_the_guide_says_how_to_build_it(tmp_path: Path) -> None:
    answer = await get(tmp_path, "/guide/")
    assert (answer.status_code, answer.json()["code"]) == (503, "guide_not_built")
    assert "make docs" in answer.json()["detail"]
