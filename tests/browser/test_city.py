"""What the console shows is what the city says: on the map, in the list, in the headline, of one truck."""

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, Route, expect

from shared.vocabulary import Role
from tests.browser.conftest import MARKED, MARKUP, PLAIN, Demo, Open

STATUSES = ("driving", "idle", "parked", "offline")


def on_map(page: Page) -> dict[str, dict[str, Any]]:
    return {truck["id"]: truck for truck in page.evaluate("window.sanitationMap.trucks()")}


def listed(page: Page) -> int:
    return int(page.locator("[data-count]").get_attribute("data-count") or -1)


def headline(page: Page) -> dict[str, int]:
    return {status: int(page.locator(f"button[data-status={status}] b").inner_text()) for status in STATUSES}


def near(page: Page, x: float, y: float) -> list[list[int]]:
    """The colours around a place of the map, as they were drawn."""
    script = """([x, y]) => {
      const map = document.querySelector('[data-surface] canvas'), copy = document.createElement('canvas');
      const ratio = map.width / map.clientWidth, side = Math.round(40 * ratio);
      copy.width = copy.height = side;
      const pen = copy.getContext('2d');
      pen.drawImage(map, x * ratio - side / 2, y * ratio - side / 2, side, side, 0, 0, side, side);
      const found = new Map();
      for (let d = pen.getImageData(0, 0, side, side).data, i = 0; i < d.length; i += 4) {
        const key = [d[i], d[i + 1], d[i + 2]].map((v) => v >> 4).join();
        found.set(key, (found.get(key) ?? 0) + 1);
      }
      return [...found].map(([key, n]) => [...key.split(',').map(Number), n]);
    }"""
    return page.evaluate(script, [x, y])  # type: ignore[no-any-return]


def reds(page: Page, truck: dict[str, Any]) -> int:
    colours = near(page, truck["screen"]["x"], truck["screen"]["y"])
    return sum(n for r, g, b, n in colours if r >= 11 and g <= 3 and b <= 4)


def test_the_trucks_move_on_the_map(open_page: Open) -> None:
    page = open_page()
    before = on_map(page)
    page.wait_for_function(
        """(before) => window.sanitationMap.trucks().filter((t) => before[t.id] &&
             Math.abs(t.lon - before[t.id].lon) + Math.abs(t.lat - before[t.id].lat) > 2e-5).length >= 3""",
        arg=before,
    )


def test_they_move_smoothly_between_two_words_of_theirs(open_page: Open) -> None:
    """Within half a second a truck is seen at several places, though it speaks every few seconds only."""
    page = open_page()
    seen = page.evaluate(
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
    assert seen > 5


def test_a_truck_in_trouble_is_ringed_in_red_and_stands_first(demo: Demo, open_page: Open) -> None:
    page = open_page("/?keep")
    first = page.locator("#truck-list [data-vehicle]").first
    expect(first).to_contain_text(re.compile("超速|怠速|失联|围栏|称重"))
    trucks = on_map(page)
    troubled = {truck["id"] for truck in trucks.values() if truck["trouble"]}
    assert MARKED in troubled
    assert page.locator("button[data-alert]").count() == demo.city()["alerts"]["open"] >= 1
    page.get_by_role("searchbox").fill(MARKED)
    page.wait_for_function("() => window.sanitationMap.trucks().length === 1")
    page.wait_for_timeout(500)
    assert reds(page, on_map(page)[MARKED]) > 30
    page.get_by_role("searchbox").fill("nobody")
    page.wait_for_function("() => window.sanitationMap.trucks().length === 0")
    page.wait_for_timeout(500)
    assert reds(page, trucks[MARKED]) < 30


def test_list_map_headline_and_the_api_agree(demo: Demo, open_page: Open) -> None:
    page = open_page(PLAIN)
    for _ in range(20):  # the city goes on while one compares
        before, seen, api = headline(page), on_map(page), demo.city()["fleet"]
        shown = {}
        for status in STATUSES:
            page.locator(f"button[data-status={status}]").click()
            shown[status] = listed(page)
            page.locator(f"button[data-status={status}]").click()
        if before == headline(page) == shown == {status: api["by_status"].get(status, 0) for status in STATUSES}:
            break
    assert before == shown
    assert sum(shown.values()) == listed(page) == api["total"]
    placed = sum(truck["status"] != "offline" for truck in seen.values())
    assert placed == sum(before[status] for status in STATUSES if status != "offline")


def test_a_filter_holds_for_list_and_map_alike(open_page: Open) -> None:
    page = open_page(PLAIN)
    whole = listed(page)
    page.get_by_label("街镇").select_option("310104014")
    page.get_by_label("车型").select_option("compactor")
    expect(page.locator("[data-count]")).not_to_have_attribute("data-count", str(whole))
    ids = set(page.locator("#truck-list [data-vehicle]").evaluate_all("rows => rows.map((row) => row.dataset.vehicle)"))
    assert len(ids) == listed(page) > 0
    assert on_map(page).keys() == ids
    page.get_by_role("button", name="清除筛选").click()
    assert listed(page) == whole


def test_a_truck_opens_with_its_runs_stops_load_and_trail(open_page: Open) -> None:
    page = open_page()
    page.locator("button[data-status=driving]").click()
    page.locator("#truck-list [data-vehicle^='DEMO-0']").first.click()
    panel = page.locator("[data-panel]")
    expect(panel.locator("[data-stop]").first).to_be_visible()
    expect(panel.locator(".chart canvas")).to_be_visible()
    expect(panel.locator("meter")).to_be_visible()
    for word in ("行驶", "最近上报", "今日班次", "进行中"):
        expect(panel).to_contain_text(word)
    opened = panel.get_attribute("data-panel") or ""
    page.get_by_role("button", name="清除筛选").click()  # it may stop meanwhile
    page.get_by_role("button", name="跟随").click()
    page.wait_for_timeout(1200)
    truck, box = on_map(page)[opened], page.locator("[data-surface]").bounding_box()
    assert box is not None
    assert abs(truck["screen"]["x"] - box["width"] / 2) < 3
    assert abs(truck["screen"]["y"] - box["height"] / 2) < 3


def test_a_truck_opens_by_a_click_on_the_map(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("searchbox").fill(MARKED)
    page.wait_for_function("() => window.sanitationMap.trucks().length === 1")
    truck, box = on_map(page)[MARKED], page.locator("[data-surface]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + truck["screen"]["x"], box["y"] + truck["screen"]["y"])
    expect(page.get_by_role("tooltip")).to_contain_text("92 km/h")
    page.mouse.click(box["x"] + truck["screen"]["x"], box["y"] + truck["screen"]["y"])
    expect(page.locator(f"[data-panel={MARKED}]")).to_be_visible()


def test_an_alert_says_what_since_when_and_how_much_and_opens_its_truck(open_page: Open) -> None:
    page = open_page(PLAIN, locale="en-US")
    page.get_by_role("tab", name="Alerts").click()
    alert = page.locator("button[data-alert]", has_text="Overspeed").first
    expect(alert).to_contain_text(re.compile(r"since \d\d:\d\d"))
    expect(alert).to_contain_text("measured 92 km/h limit 60 km/h", use_inner_text=True)
    alert.click()
    expect(page.locator(f"[data-panel={MARKED}]")).to_be_visible()


def test_the_keyboard_reaches_everything_in_the_list(open_page: Open) -> None:
    page = open_page(PLAIN)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#truck-list")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    panel = page.locator("[data-panel]")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.locator("#truck-list")).to_be_focused()
    page.keyboard.press("End")
    last = page.locator(f"#truck-list [aria-posinset='{listed(page)}']")
    expect(last).to_be_in_viewport()
    expect(page.locator("#truck-list")).to_have_attribute("aria-activedescendant", last.get_attribute("id") or "")


def test_markup_in_a_plate_is_text(open_page: Open) -> None:
    page = open_page(PLAIN)
    page.get_by_role("searchbox").fill("onerror")
    row = page.locator(f"[data-vehicle={MARKED}]")
    expect(row.locator("b")).to_have_text(MARKUP)
    row.click()
    expect(page.locator("[data-panel] h2")).to_have_text(MARKUP)
    assert page.locator("img").count() == 0


def snapshot(demo: Demo) -> dict[str, Any]:
    with demo.client(Role.DISPATCHER) as client, client.stream("GET", "/v1/city/live") as answer:
        data = next(line for line in answer.iter_lines() if line.startswith("data: "))
    return json.loads(data.removeprefix("data: "))  # type: ignore[no-any-return]


def event(said: dict[str, Any]) -> str:
    return f"event: snapshot\nid: 1\ndata: {json.dumps(said)}\n\n"


def test_a_lost_connection_is_said_and_comes_back(demo: Demo, open_page: Open) -> None:
    """The stream ends after its first word, then nobody answers, then the city is back."""
    first, page, asked = event(snapshot(demo)), open_page(PLAIN, signed_in=False, allowed=("ERR_FAILED",)), []
    away = True

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("last-event-id"))
        if len(asked) == 1:
            route.fulfill(body=first, content_type="text/event-stream")
        elif away:
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/city/live*", answer)
    page.goto(f"{demo.url}{PLAIN}#{demo.token_link}")
    said = re.compile(r"正在重新连接\s*·\s*数据截至\s+\d\d:\d\d:\d\d")
    expect(page.locator("[data-connection=reconnecting]")).to_have_text(said)
    expect(page.locator("#truck-list [data-vehicle]").first).to_be_visible()
    away = False
    expect(page.locator("[data-connection=live]")).to_be_visible()
    assert (asked[0], set(asked[1:])) == (None, {"1"})


def test_a_part_that_is_stale_is_greyed_with_a_word_and_the_others_are_not(demo: Demo, open_page: Open) -> None:
    said = snapshot(demo)
    said["city"]["runs"]["stale"] = True
    page = open_page(PLAIN, signed_in=False)
    page.route("**/v1/city/live*", lambda route: route.fulfill(body=event(said), content_type="text/event-stream"))
    page.goto(f"{demo.url}{PLAIN}#{demo.token_link}")
    expect(page.locator("[data-part=runs]")).to_contain_text("已过时")
    expect(page.locator("[data-part=fleet]")).not_to_contain_text("已过时")


def test_times_are_those_of_the_city_whatever_the_browsers_zone(demo: Demo, open_page: Open) -> None:
    page = open_page(PLAIN, timezone_id="America/New_York")
    hour = datetime.now(ZoneInfo(demo.city()["timezone"])).strftime("%H")
    expect(page.locator("time.clock")).to_have_text(re.compile(rf"^{hour}:"))
