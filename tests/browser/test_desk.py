"""The complaints' desk: cases by their clocks, the record of the trucks beside them, and steps that others see at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.vocabulary import Role
from tests.browser.conftest import PLAIN, Demo, Open
from tests.browser.test_looks import PHONE, violations

WORDS = "窗台下的桶 满溢三天"


@pytest.fixture
def case(demo: Demo) -> Iterator[dict[str, Any]]:
    """A complaint that nobody has touched; void afterwards."""
    body = {
        "category": "bin_overflow",
        "description": WORDS,
        "lon": 121.437,
        "lat": 31.185,
        "district_id": "310104014",
        "contact": {"name": "王小明", "phone": "13912345678"},
        "requested_at": datetime.now(UTC).isoformat(),
    }
    with demo.client(Role.DISPATCHER) as desk:
        filed = desk.post("/v1/complaints", json=body).json()
        yield filed
        desk.post(f"/v1/complaints/{filed['case_id']}/steps", json={"steps": [{"step": "void", "note": "试验结束"}]})


def at_desk(page: Page, name: str = "市民诉求") -> Page:
    page.get_by_role("button", name=name).click()
    expect(page.locator("[data-cases]")).not_to_have_attribute("data-cases", "")
    return page


def opened(page: Page, case: dict[str, Any]) -> Page:
    page.get_by_role("searchbox").fill(WORDS)
    page.locator(f"[data-case='{case['case_id']}']").get_by_role("button").click()
    expect(page.locator("[data-open-case]")).to_have_attribute("data-open-case", case["case_id"])
    return page


def step(page: Page, name: str, **said: str) -> None:
    form = page.get_by_role("form", name="办理环节")
    form.get_by_label("办理环节").select_option(name)
    for label, text in said.items():
        form.get_by_label(label).fill(text)
    form.get_by_role("button", name="办理", exact=True).click()


def test_a_case_is_found_by_its_words_and_led_on(open_page: Open, demo: Demo, case: dict[str, Any]) -> None:
    page = opened(at_desk(open_page(PLAIN)), case)
    panel = page.locator("[data-open-case]")
    expect(panel).to_contain_text("139****5678")
    expect(panel).not_to_contain_text("13912345678")
    expect(panel.locator("[data-evidence]")).to_contain_text("150米内", timeout=20_000)
    step(page, "受理")
    expect(panel.locator("[data-status]")).to_have_attribute("data-status", "accepted")
    step(page, "立案")
    expect(panel.locator("[data-status]")).to_have_attribute("data-status", "filed")
    expect(panel.get_by_role("button", name="办理", exact=True)).to_be_disabled()
    step(page, "派遣", 作业企业代码="DEMO-C1")
    expect(page.locator(f"[data-case='{case['case_id']}']")).to_contain_text("DEMO-C1")
    with demo.client(Role.DISPATCHER) as desk:
        held = desk.get(f"/v1/complaints/{case['case_id']}").json()
    assert (held["status"], held["contractor_id"]) == ("dispatched", "DEMO-C1")


def test_whoever_comes_second_is_told_and_sees_what_the_first_did(open_page: Open, demo: Demo, case: dict[str, Any]) -> None:
    page = opened(at_desk(open_page(PLAIN, allowed=("409",))), case)
    expect(page.locator("[data-evidence]")).to_be_visible(timeout=20_000)
    page.route(f"**/v1/complaints/{case['case_id']}", lambda _: None)  # it is not read again meanwhile
    with demo.client(Role.DISPATCHER) as desk:
        said = {"steps": [{"step": "accept"}]}
        assert desk.post(f"/v1/complaints/{case['case_id']}/steps", json=said).status_code == 200
    form = page.get_by_role("form", name="办理环节")
    form.get_by_label("办理环节").select_option("不予受理")
    form.get_by_label("说明").fill("不属于受理范围")
    page.unroute_all(behavior="ignoreErrors")
    form.get_by_role("button", name="办理", exact=True).click()
    expect(page.locator("[data-open-case]").get_by_role("status")).to_contain_text("刚刚有变化")
    expect(page.locator("[data-open-case] [data-status]")).to_have_attribute("data-status", "accepted")


def test_the_month_s_figures_are_taken_away_as_a_spreadsheet(open_page: Open, case: dict[str, Any]) -> None:
    page = at_desk(open_page(PLAIN, locale="en-US"), "Complaints")
    expect(page.locator("[data-figures]")).to_contain_text("Xujiahui Subdistrict")
    with page.expect_download() as taken:
        page.locator("[data-figures]").get_by_role("button", name="XLSX").click()
    assert taken.value.suggested_filename.startswith("complaints-")
    assert taken.value.path().read_bytes().startswith(b"PK")
    assert case["status"] == "received"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_desk_wide_and_on_a_phone(scheme: str, open_page: Open, case: dict[str, Any]) -> None:
    for looks in ({}, PHONE):
        page = at_desk(open_page(PLAIN, color_scheme=scheme, **looks))
        assert violations(page) == []
        opened(page, case)
        expect(page.locator("[data-open-case]")).to_be_in_viewport()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
