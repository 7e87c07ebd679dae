"""An inspector on a phone: what was drawn, a checklist filed where there is no network, and what becomes of it."""

import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from shared.vocabulary import Role
from tests.browser.conftest import Demo, Open, early_zone
from tests.browser.test_looks import violations

AREA, NAME = "310104014", "王巡查"
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "geolocation": {"longitude": 121.44, "latitude": 31.18},
    "permissions": ["geolocation"],
    "allowed": ("ERR_INTERNET_DISCONNECTED",),
}


def asked(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def place(kind: str = "road") -> dict[str, Any]:
    return {"area_id": AREA, "place_type": kind, "name": "漕溪北路", "lon": 121.44, "lat": 31.18}


def opened(demo: Demo, open_page: Open, plan_id: str, **options: Any) -> Page:
    """Signed in at a phone, with a place of its own to look at, and the page kept on the phone."""
    with demo.client(Role.ADMIN) as admin:
        for held in asked(admin.get("/v1/places"))["items"]:
            asked(admin.put(f"/v1/places/{held.pop('place_id')}", json=held | {"active": False}))
        asked(admin.put(f"/v1/places/{plan_id}-road", json=place()))
        period = f"{datetime.now(ZoneInfo(early_zone())):%Y-%m}"
        wish = {"period": period, "seed": "1", "per_type": {"road": 1}, "inspectors": [NAME]}
        asked(admin.put(f"/v1/inspection-plans/{plan_id}", json=wish))
    page = open_page("/inspect", signed_in=False, **PHONE | options)
    page.get_by_label("姓名").fill(NAME)
    page.get_by_label("密钥").fill(demo.token(Role.INSPECTOR))
    page.get_by_role("button", name="登录").click()
    expect(page.locator(f"[data-place={plan_id}-road]")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def without_network(page: Page) -> None:
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("离线")


def file(page: Page, place_id: str) -> None:
    """Litter, with a photo and a note; everything else is in order. The page is closed in between."""
    page.locator(f"[data-place={place_id}]").click()
    expect(page.get_by_text("31.18000, 121.44000")).to_be_visible()
    for item in page.locator("[data-item]").all():
        answer = "不合格" if item.get_attribute("data-item") == "litter" else "合格"
        item.get_by_label(answer, exact=True).check()
    page.reload()
    page.locator(f"[data-place={place_id}]").click()
    page.get_by_role("button", name="保存并上传").click()
    expect(page.get_by_role("alert")).to_contain_text("没有照片")
    picture = io.BytesIO()
    Image.new("RGB", (2400, 1200), "brown").save(picture, "PNG")
    litter = page.locator("[data-item=litter]")
    litter.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    expect(litter.get_by_text("(1)")).to_be_visible()
    litter.get_by_label("说明").fill("路口有纸屑")
    page.get_by_role("button", name="保存并上传").click()
    expect(page.locator(f"[data-place={place_id}]")).to_have_attribute("data-done", "true")


def test_what_is_filed_without_a_network_waits_on_the_phone_and_arrives_whole(demo: Demo, open_page: Open) -> None:
    page = opened(demo, open_page, "OFFLINE")
    without_network(page)
    file(page, "OFFLINE-road")
    page.reload()
    expect(page.get_by_role("status")).to_have_attribute("data-waiting", "1")
    with demo.client(Role.AUDITOR) as office:
        seen = "/v1/findings-of-inspections?place_id=OFFLINE-road"
        assert asked(office.get(seen))["items"] == []
        page.context.set_offline(False)
        expect(page.get_by_role("status")).to_have_attribute("data-waiting", "0", timeout=20_000)
        [found] = asked(office.get(seen))["items"]
        [photo_id] = asked(office.get(f"/v1/findings-of-inspections/{found['finding_id']}"))["photo_ids"]
        photo = Image.open(io.BytesIO(office.get(f"/v1/finding-photos/{found['finding_id']}/{photo_id}").content))
        inspection = asked(office.get(f"/v1/inspections/{found['inspection_id']}"))
    assert (found["item"], found["note"], photo.size) == ("litter", "路口有纸屑", (1600, 800))
    told = [inspection[name] for name in ("person", "plan_id", "lon", "lat")]
    assert told == [NAME, "OFFLINE", 121.44, 31.18]
    page.reload()
    expect(page.locator("[data-place=OFFLINE-road]")).to_contain_text("已巡查")


def test_what_is_refused_stays_with_its_reason_until_somebody_deletes_it(demo: Demo, open_page: Open) -> None:
    page = opened(demo, open_page, "REFUSED")
    without_network(page)
    file(page, "REFUSED-road")
    with demo.client(Role.ADMIN) as admin:
        asked(admin.put("/v1/places/REFUSED-road", json=place("estate")))
    page.context.set_offline(False)
    refused = page.locator("[data-state=refused]")
    expect(refused).to_contain_text("this checklist is for road, the place is of type estate", timeout=20_000)
    page.on("dialog", lambda dialog: dialog.accept())
    refused.get_by_role("button", name="删除").click()
    expect(page.get_by_role("status")).to_have_attribute("data-waiting", "0")


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.EVALUATOR])
def test_a_token_of_another_role_is_told_so(demo: Demo, open_page: Open, role: Role) -> None:
    page = open_page("/inspect", signed_in=False, **PHONE | {"allowed": ("403",), "locale": "en-US"})
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("Token").fill(demo.token(role))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not the token of an inspector")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_inspectors_page(demo: Demo, open_page: Open, scheme: str) -> None:
    page = opened(demo, open_page, f"AXE-{scheme}", color_scheme=scheme)
    assert violations(page) == []
    page.locator(f"[data-place=AXE-{scheme}-road]").click()
    page.locator("[data-item=litter]").get_by_label("不合格", exact=True).check()
    assert violations(page) == []
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("姓名")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('inspect'))") == []
