"""Coming in, staying out, going out."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from shared.vocabulary import Role
from tests.browser.conftest import PLAIN, Demo, Open


def test_the_link_that_make_run_prints_signs_in_and_leaves_no_trace_in_the_address(demo: Demo, open_page: Open) -> None:
    page = open_page(PLAIN, signed_in=False)
    page.goto(demo.link)
    expect(page.locator("[data-ready=true]")).to_be_visible()
    assert page.url == f"{demo.url}/"
    page.reload()
    expect(page.locator("[data-ready=true]")).to_be_visible()


def test_the_form_signs_in_and_signing_out_forgets(demo: Demo, open_page: Open) -> None:
    page = open_page(PLAIN, signed_in=False)
    page.get_by_label("密钥").fill(demo.token(Role.DISPATCHER))
    page.get_by_role("button", name="登录").click()
    expect(page.locator("[data-connection=live]")).to_have_text("实时")
    page.get_by_role("button", name="退出").click()
    page.reload()
    expect(page.get_by_role("heading", name="登录控制台")).to_be_visible()
    assert page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)") == "{}{}"


@pytest.mark.parametrize("case", ["forged", "expired", "of a device", "empty"])
def test_a_token_that_does_not_open_the_city_is_refused_in_words(case: str, demo: Demo, open_page: Open) -> None:
    tokens = {
        "forged": "eyJhbGciOiJFZERTQSJ9.e30.x",
        "expired": demo.token(Role.DISPATCHER, timedelta(seconds=-5)),
        "of a device": demo.token(Role.DEVICE, vehicle_ids=["DEMO-001"]),
        "empty": "",
    }
    words = {"forged": "无效或已过期", "expired": "无效或已过期", "of a device": "无权查看", "empty": "请先填写"}
    page = open_page(PLAIN, signed_in=False, allowed=("401", "403"))
    page.get_by_label("密钥").fill(tokens[case])
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text(words[case])


def test_a_token_that_runs_out_while_one_looks_is_said_so(demo: Demo, open_page: Open) -> None:
    page = open_page(PLAIN, signed_in=False, allowed=("401",))
    page.goto(f"{demo.url}{PLAIN}#token={demo.token(Role.DISPATCHER, timedelta(seconds=4))}")
    expect(page.locator("[data-ready=true]")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("登录已过期", timeout=20_000)
