"""Where the waste goes: the weighed chain of today, what is missing, who says why, and the furnaces."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from shared.vocabulary import Role
from tests.browser.conftest import PLAIN, Demo, Open
from tests.browser.test_looks import PHONE, violations

TRUCK = "WEIGHED-1"
STATION = {"name_zh": "试验站", "name_en": "Test station", "lon": 121.0, "lat": 31.5, "capacity_kg": {"residual": 100_000}}


@pytest.fixture(scope="module")
def stolen(demo: Demo) -> str:
    """A truck that lifted 900 kg and tipped 500 kg; the id of the finding."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    truck = {"vehicle_id": TRUCK, "plate": "沪W00001", "waste_streams": ["residual"], "district_id": "310104014"}
    lifts = [{"kind": "bin_lift", "net_kg": 300, "at": (at + timedelta(seconds=10 * n)).isoformat()} for n in range(1, 4)]
    with demo.client(Role.ADMIN) as admin:
        assert admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}).status_code == 200
        assert admin.put("/v1/stations/S-TEST", json=STATION).status_code == 200
        for number, net_kg in enumerate((400, 500)):
            come, gone = (at + timedelta(minutes=number, seconds=seconds) for seconds in (0, 5))
            if number:
                assert admin.post("/v1/telemetry", json={"vehicle_id": TRUCK, "records": lifts}).status_code == 200
            came = {
                "client_id": f"w-{number}",
                "number": f"w-{number}",
                "vehicle_id": TRUCK,
                "plate": "沪W00001",
                "stream": "residual",
                "gross_kg": 9_000 + net_kg,
                "at": come.isoformat(),
            }
            ticket = admin.post("/v1/stations/S-TEST/weigh-ins", json=came).json()
            out = {"tare_kg": 9_000, "at": gone.isoformat()}
            assert admin.post(f"/v1/tickets/{ticket['ticket_id']}/weigh-out", json=out).status_code == 200
    return f"trip_difference:{ticket['ticket_id']}"


def at_waste(page: Page, name: str = "垃圾流向") -> Page:
    page.get_by_role("button", name=name).click()
    expect(page.locator("[data-settled]")).to_be_visible()
    expect(page.locator("[data-plants]")).not_to_have_attribute("data-plants", "")
    return page


def test_the_view_is_fetched_when_it_is_opened_and_the_map_comes_back(open_page: Open) -> None:
    page = open_page(PLAIN)
    fetched = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/Waste-')).length"
    assert page.evaluate(fetched) == 0
    at_waste(page)
    assert page.evaluate(fetched) >= 1
    expect(page.locator("[data-surface]")).to_be_hidden()
    page.get_by_role("button", name="地图", exact=True).click()
    expect(page.locator("[data-surface]")).to_be_visible()


def test_a_missing_load_is_a_finding_until_a_person_says_why(open_page: Open, stolen: str, demo: Demo) -> None:
    page = at_waste(open_page(PLAIN))
    row = page.locator("tr", has_text="沪W00001").filter(has_text="-400 千克")
    expect(row).to_be_visible(timeout=30_000)
    assert int(page.locator("[data-stage=lifted] rect.residual").count()) == 1
    row.get_by_role("button").click()
    panel = page.locator(f"[data-finding='{stolen}']")
    expect(panel).to_contain_text("车载秤 900 千克")
    expect(panel).to_contain_text("地磅 500 千克")
    expect(panel.get_by_role("button", name="说明并结案")).to_be_disabled()
    panel.get_by_label("原因").first.select_option("theft")
    panel.get_by_role("textbox", name="说明").fill("夜间在路边卸下一部分")
    panel.get_by_role("button", name="说明并结案").click()
    expect(row).to_have_count(0)
    with demo.client(Role.DISPATCHER) as dispatcher:
        said = dispatcher.get(f"/v1/balance/findings/{stolen}").json()
    assert (said["status"], said["cause"], said["note"]) == ("closed", "theft", "夜间在路边卸下一部分")


def test_the_furnace_board_shows_each_line_against_its_limits(open_page: Open) -> None:
    board = at_waste(open_page(PLAIN)).locator("[data-plants]")
    expect(board.locator("thead")).to_contain_text("氮氧化物")
    expect(board.locator("thead")).to_contain_text("炉膛温度")
    assert board.locator("tbody tr").count() >= 1
    for row in board.locator("tbody tr").all():
        assert row.locator("[data-state]").count() == 6


def test_findings_are_taken_away_as_a_spreadsheet(open_page: Open) -> None:
    page = at_waste(open_page(PLAIN, locale="en-US"), "Waste")
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV").click()
    assert taken.value.suggested_filename == "balance-findings.csv"
    assert taken.value.path().read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_view_wide_and_on_a_phone(scheme: str, open_page: Open) -> None:
    assert violations(at_waste(open_page(PLAIN, color_scheme=scheme))) == []
    page = at_waste(open_page(PLAIN, color_scheme=scheme, **PHONE))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
