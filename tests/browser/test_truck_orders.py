"""A dispatcher tells a truck what to do from its panel, and sees what becomes of it."""

from playwright.sync_api import Page, expect

from shared.vocabulary import Role
from tests.browser.conftest import MARKUP, PLAIN, Demo, Open


def opened(page: Page) -> str:
    page.locator("button[data-status=driving]").click()
    page.locator("#truck-list [data-vehicle^='DEMO-0']").first.click()
    return page.locator("[data-panel]").get_attribute("data-panel") or ""


def test_a_message_goes_out_with_the_next_report_and_can_be_taken_back(open_page: Open) -> None:
    page = open_page(PLAIN)
    opened(page)
    orders = page.locator("[data-orders]")
    give = orders.get_by_role("button", name="下达指令")
    expect(give).to_be_disabled()
    orders.get_by_role("textbox", name="说明").fill(MARKUP)
    give.click()
    row = orders.locator("[data-order]").first
    expect(row).to_contain_text(f"消息: {MARKUP}")
    expect(row).to_have_attribute("data-order", "delivered", timeout=30_000)
    expect(row).to_contain_text("已送达")
    orders.get_by_role("button", name="取消指令").first.click()
    expect(row).to_have_attribute("data-order", "cancelled")
    assert page.locator("img").count() == 0


def unlike(demo: Demo, vehicle_id: str) -> str:
    """A truck that carries none of what this one does."""
    with demo.client(Role.ADMIN) as admin:
        streams = {one["vehicle_id"]: set(one["waste_streams"]) for one in admin.get("/v1/vehicles?limit=200").json()["items"]}
    return next(i for i, carried in sorted(streams.items()) if carried and not carried & streams[vehicle_id])


def test_the_rest_of_a_run_is_handed_over_or_the_reason_is_told(open_page: Open, demo: Demo) -> None:
    page = open_page(PLAIN, locale="en-US", allowed=("409",))
    vehicle_id = opened(page)
    orders = page.locator("[data-orders]")
    orders.get_by_label("Kind of order").select_option("take_over")
    orders.get_by_label("Choose a run").select_option(index=1)
    orders.get_by_label("Truck that takes over").fill("nobody")
    expect(orders.get_by_role("button", name="Give order")).to_be_disabled()
    orders.get_by_label("Truck that takes over").fill(unlike(demo, vehicle_id))
    orders.get_by_role("button", name="Give order").click()
    expect(orders.get_by_role("status")).to_contain_text("may not carry")
