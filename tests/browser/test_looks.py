"""Two languages, two appearances, wide and narrow, with and without WebGL; for people who see or move differently too."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MARKED, PLAIN, Open

AXE = Path(__file__).parents[2] / "services" / "gateway" / "console" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_whole_page(scheme: str, open_page: Open) -> None:
    page = open_page(color_scheme=scheme)
    assert violations(page) == []
    page.locator("#truck-list [data-vehicle]").first.click()
    expect(page.locator("[data-panel] .chart canvas")).to_be_visible()
    expect(page.locator("[data-orders] form")).to_be_visible()
    page.get_by_role("tab", name="告警").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_sign_in_form_and_on_a_phone(scheme: str, open_page: Open) -> None:
    assert violations(open_page(PLAIN, signed_in=False, color_scheme=scheme)) == []
    assert violations(open_page(PLAIN, color_scheme=scheme, **PHONE)) == []


def test_the_browser_says_which_language_and_a_switch_changes_it_for_good(open_page: Open) -> None:
    page = open_page(PLAIN, locale="en-GB")
    expect(page.get_by_role("tab", name="Vehicles")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("tab", name="车辆")).to_be_visible()
    expect(page.locator("button[data-status=driving]")).to_contain_text("行驶")
    page.reload()
    expect(page.get_by_role("tab", name="车辆")).to_be_visible()


def test_the_system_says_how_bright_and_a_switch_changes_it(open_page: Open) -> None:
    page = open_page(PLAIN, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_label("外观").select_option("light")
    light = page.evaluate(ground)
    brightness = [sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) for colour in (dark, light)]
    assert brightness[0] < 120
    assert brightness[1] > 600


@pytest.mark.parametrize("how", ["by the address", "without WebGL"])
def test_a_plain_canvas_shows_the_same_city(how: str, open_page: Open) -> None:
    page = open_page(PLAIN) if how == "by the address" else open_page(flags=("--disable-3d-apis",))
    assert page.evaluate("window.sanitationMap.kind") == "canvas"
    page.get_by_role("searchbox").fill(MARKED)
    page.wait_for_function("() => window.sanitationMap.trucks().length === 1")
    [truck] = page.evaluate("window.sanitationMap.trucks()")
    box = page.locator("[data-surface]").bounding_box()
    assert box is not None
    page.wait_for_timeout(300)
    pixel = page.evaluate(
        """([x, y]) => { const c = document.querySelector('canvas.plain-map'), k = c.width / c.clientWidth;
           return [...c.getContext('2d').getImageData(x * k, y * k, 1, 1).data]; }""",
        [truck["screen"]["x"], truck["screen"]["y"]],
    )
    assert pixel[0] > 180
    assert pixel[1] < 80
    page.mouse.click(box["x"] + truck["screen"]["x"], box["y"] + truck["screen"]["y"])
    expect(page.locator(f"[data-panel={MARKED}]")).to_be_visible()
    page.get_by_role("button", name="放大").click()
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('canvas.plain-map').getContext('2d').getImageData(9, 9, 1, 1).data[3]") == 255


def test_on_a_phone_map_list_and_alerts_take_turns_and_nothing_sticks_out(open_page: Open) -> None:
    page = open_page(PLAIN, **PHONE)
    overhang = "document.documentElement.scrollWidth - innerWidth"
    expect(page.locator("[data-surface]")).to_be_in_viewport()
    page.get_by_role("tab", name="车辆").click()
    expect(page.locator("#truck-list [data-vehicle]").first).to_be_in_viewport()
    assert page.evaluate(overhang) <= 0
    page.get_by_role("tab", name="告警").click()
    page.locator("button[data-alert]").first.click()
    expect(page.locator("[data-panel]")).to_be_in_viewport()
    assert page.evaluate(overhang) <= 0
    page.get_by_role("button", name="关闭", exact=True).click()
    expect(page.locator("[data-panel]")).to_have_count(0)


def test_who_wants_no_motion_gets_none(open_page: Open) -> None:
    page = open_page(PLAIN, reduced_motion="reduce")
    places = page.evaluate(
        """() => new Promise((done) => {
          const steps = new Map(), from = performance.now();
          const look = () => {
            for (const { id, lon, lat } of window.sanitationMap.trucks())
              steps.set(id, (steps.get(id) ?? new Set()).add(lon + ',' + lat));
            if (performance.now() - from < 1500) requestAnimationFrame(look);
            else done(Math.max(...[...steps.values()].map((places) => places.size)));
          };
          look();
        })"""
    )
    assert places <= 3
