"""The documentation, as the gateway serves it: it keeps its policy, and both languages can be searched."""

import pytest
from playwright.sync_api import expect

from services.gateway.pages import GUIDE
from tests.browser.conftest import Open

if not (GUIDE / "index.html").exists():
    pytest.fail("the guide is not built: make docs", pytrace=False)


def test_the_guide_opens_with_its_pictures_and_leads_to_the_other_language(open_page: Open) -> None:
    page = open_page("/guide/", signed_in=False)
    page.get_by_role("link", name="verdicts", exact=True).first.click()
    expect(page.get_by_role("heading", name="Verdicts")).to_be_visible()
    picture = page.get_by_role("img", name="How a stop gets its verdict")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    page.locator(".sidebar-drawer").get_by_role("link", name="中文", exact=True).first.click()
    expect(page.get_by_role("heading", name="环卫作业管理系统：文档")).to_be_visible()
    expect(page.get_by_role("link", name="English", exact=True).first).to_be_visible()


@pytest.mark.parametrize(("words", "title"), [("late data", "Late data"), ("申诉", "作业企业能看到什么"), ("漏收", "诉求办理")])
def test_a_search_finds_the_page(words: str, title: str, open_page: Open) -> None:
    page = open_page("/guide/", signed_in=False)
    search = page.get_by_role("textbox").first
    search.fill(words)
    search.press("Enter")
    expect(page.locator("#search-results").get_by_role("link", name=title).first).to_be_visible()
