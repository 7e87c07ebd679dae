"""One page with the documents of all services, which needs nothing from elsewhere."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open


@pytest.mark.parametrize(
    ("service", "path"), [("vehicle", "/v1/telemetry"), ("route", "/v1/timetable-imports"), ("gateway", "/v1/city/live")]
)
def test_the_endpoints_of_a_service_are_listed(service: str, path: str, open_page: Open) -> None:
    page = open_page(f"/docs#{service}", signed_in=False)
    box = page.locator(f"[data-openapi={service}][data-ready=true]")
    expect(box).to_be_visible()
    expect(box.locator(f"[data-path='{path}']")).to_be_visible()


def test_events_are_listed_with_who_says_and_who_hears_them(open_page: Open) -> None:
    page = open_page("/docs", signed_in=False, locale="en-US")
    page.get_by_role("link", name="Events").click()
    expect(page.locator("[data-events]")).to_be_visible()
    lifted = page.locator("section", has=page.get_by_role("heading", name="vehicle.bin_lifted.v1"))
    expect(lifted).to_contain_text("Sent by vehicle · Taken by gateway, route", use_inner_text=True)
    expect(lifted.get_by_text("net_kg", exact=True)).to_be_visible()
