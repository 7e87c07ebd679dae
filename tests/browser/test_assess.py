"""The assessment view: index and rank by subdistrict, what a figure rests on, contracts and their statements."""

import pytest
from playwright.sync_api import Page, expect

from shared.vocabulary import Role
from tests.browser.conftest import PLAIN, Demo, Open
from tests.browser.test_looks import PHONE, violations

SUBDISTRICTS = 12


def at_assessment(page: Page, name: str = "考核评价") -> Page:
    page.get_by_role("button", name=name).click()
    expect(page.locator("[data-index]")).to_have_attribute("data-index", str(SUBDISTRICTS), timeout=15_000)
    expect(page.locator("[data-contracts]")).to_have_attribute("data-contracts", "4")
    return page


def opened(page: Page) -> Page:
    """The best subdistrict's figure and the first contract's statement."""
    page.locator("[data-index] tbody button").first.click()
    expect(page.locator("[data-area]")).not_to_have_attribute("data-area", "")
    page.locator("[data-contracts] tbody button").first.click()
    expect(page.locator("[data-statement]")).to_have_attribute("data-statement", "DEMO-K1")
    return page


def test_a_figure_is_followed_down_to_its_observations(open_page: Open, demo: Demo) -> None:
    with demo.client(Role.DISPATCHER) as client:
        told = client.get("/v1/city/cleanliness").json()
        best = told["areas"][0]
        path = f"/v1/cleanliness-index/{told['period'][:7]}/areas/{best['area_id']}"
        observations = client.get(path, params={"limit": 1000}).json()["observations"]
    page = opened(at_assessment(open_page(PLAIN)))
    row = page.locator("[data-index] tbody tr").first
    expect(row).to_contain_text(best["index"])
    panel = page.locator("[data-area]")
    expect(panel).to_contain_text(best["index"])
    expect(panel).to_contain_text("公共厕所")
    expect(panel.locator(".observations li")).to_have_count(min(50, len(observations)))


def test_a_month_without_a_publication_says_so(open_page: Open) -> None:
    page = at_assessment(open_page(PLAIN, locale="en-US"), "Assessment")
    months = page.get_by_label("Month")
    months.select_option(index=3)
    expect(page.locator("[data-index]")).to_contain_text("No index is published of that month")


def test_a_statement_shows_every_line_and_is_taken_away_as_pdf(open_page: Open, demo: Demo) -> None:
    page = opened(at_assessment(open_page(PLAIN)))
    month = page.get_by_label("月份").input_value()
    with demo.client(Role.DISPATCHER) as client:
        statement = client.get(f"/v1/contracts/DEMO-K1/statements/{month}").json()
    expect(page.locator("[data-statement] tbody tr")).to_have_count(len(statement["lines"]))
    with page.expect_download() as taken:
        page.locator("[data-statement]").get_by_role("button", name="PDF").click()
    assert taken.value.suggested_filename == f"statement-DEMO-K1-{month}.pdf"
    assert taken.value.path().read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_assessment_wide_and_on_a_phone(scheme: str, open_page: Open) -> None:
    for looks in ({}, PHONE):
        page = opened(at_assessment(open_page(PLAIN, color_scheme=scheme, **looks)))
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
