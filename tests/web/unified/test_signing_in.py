"""统一身份认证: who comes in by it, how far, and as whom."""

from __future__ import annotations

from tests.web.unified.conftest import KEPT, County, sign_in


def test_whoever_is_linked_comes_in_and_goes_on_to_where_they_wanted(county: County) -> None:
    county.person("teacher1", "sub-1")
    with county.browser() as browser:
        page = browser.get("/signin?next=%2Faccount").text
        assert 'href="/signin/unified?next=/account"' in page
        assert "用统一身份认证登录" in page
        answer = sign_in(browser, county.provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert KEPT not in browser.cookies
        assert "teacher1" in browser.get("/account").text
    assert county.outcomes()[-1] == "unified_ok"
