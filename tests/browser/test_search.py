"""A member looks for something: asks, narrows, turns pages, and stands before the paragraph."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown, sign_in
from tests.browser.places import FIGURES, MEMBER
from tests.browser.server import Portal
from tests.conftest import SEED

pytestmark = pytest.mark.browser

WAYS = pytest.mark.parametrize(
    ("size", "script"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, True, id="desk"),
        pytest.param(PHONE, False, id="phone-no-script"),
        pytest.param(DESK, False, id="desk-no-script"),
    ],
)

# The filters and their names in the address. A single year is no choice beside the results.
SAMPLE_FILTERS = {"issue": "期", "section": "栏目", "source": "来源"}
ALL_FILTERS = {"year": "年份"} | SAMPLE_FILTERS


def ask(page: Page, words: str) -> None:
    """From the home page, by its field or, where the bar is narrow, by the link to one."""
    page.goto("/")
    field = page.get_by_role("search").get_by_role("searchbox")
    if not field.is_visible():
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="检索").tap()
        page.wait_for_url("**/search/")
    field.fill(words)
    field.press("Enter")
    page.wait_for_url("**/search/?q=*")


def hits(page: Page) -> Locator:
    return page.locator(".hit")


def titles(page: Page) -> list[str]:
    return hits(page).locator("h3").all_inner_texts()


def total(page: Page) -> int:
    """How many the page says it found."""
    said = page.locator("#results").inner_text()
    found = re.fullmatch(r"“.+”共(\d+)篇", said)
    assert found, said
    return int(found[1])


def asked(page: Page) -> dict[str, str]:
    """What the address asks for; what a form sends empty is not asked for."""
    return dict(parse_qsl(urlsplit(page.url).query))


def offered(page: Page, label: str) -> list[tuple[str, int, Locator | str]]:
    """What a filter may be set to: its name, the count beside it, the link or option."""
    beside = page.get_by_role("navigation", name="限定范围")
    if beside.is_visible():
        group = beside.locator("div", has=page.get_by_role("heading", name=label, exact=True))
        links = group.locator("ul").first.get_by_role("link").all()
        counts = [int(link.locator("small").inner_text().removesuffix("篇")) for link in links]
        names = [link.locator("span").first.inner_text() for link in links]
        return list(zip(names, counts, links, strict=True))
    found: list[tuple[str, int, Locator | str]] = []
    for option in page.get_by_label(label, exact=True).locator("option").all():
        named = re.fullmatch(r"(.+)（(\d+)）", option.text_content() or "")
        if named:
            found.append((named[1], int(named[2]), option.get_attribute("value") or ""))
    return found


def narrow(page: Page, label: str) -> tuple[str, int]:
    """Choose the value of a filter that leaves most; its name, and how many it promised."""
    if not page.get_by_role("navigation", name="限定范围").is_visible():
        page.get_by_text("限定范围与排序").tap()
    name, count, way = max(offered(page, label), key=lambda value: value[1])
    with page.expect_navigation():
        if isinstance(way, str):
            page.get_by_label(label, exact=True).select_option(way)
            page.get_by_role("button", name="按此检索").tap()
        else:
            way.click()
    return name, count


@WAYS
def test_a_phrase_is_found_counted_marked_and_followed_to_its_paragraph(
    sit_down: SitDown, size: tuple[int, int], script: bool
) -> None:
    page = sit_down(MEMBER, size=size, script=script)
    ask(page, "物流")
    expect(page).to_have_title(re.compile("“物流”的检索结果"))
    assert 1 < total(page) == hits(page).count()
    assert sum(count for _, count, _ in offered(page, "栏目")) == total(page)
    for hit in hits(page).all():
        assert set(hit.locator("mark").all_inner_texts()) == {"物流"}

    hit = hits(page).filter(has=page.get_by_role("link", name=FIGURES.title))
    passage = hit.locator(".passages a").filter(has_not_text="小标题").last
    block = (passage.get_attribute("href") or "").partition("#")[2]
    passage.click()
    page.wait_for_url(f"**/articles/*/#{block}")
    expect(page.get_by_role("heading", level=1)).to_have_text(FIGURES.title)
    expect(page.locator(":target")).to_have_id(block)
    expect(page.locator(":target")).to_be_in_viewport()
    expect(page.locator(":target")).to_contain_text("物流")

    page.go_back()
    expect(hits(page).first.locator("mark").first).to_have_text("物流")


@WAYS
def test_every_filter_leaves_what_its_count_promised_and_is_taken_off_again(
    sit_down: SitDown, size: tuple[int, int], script: bool
) -> None:
    page = sit_down(MEMBER, size=size, script=script)
    ask(page, "企业")
    filters = ALL_FILTERS if SEED.is_file() or size == PHONE else SAMPLE_FILTERS
    before = [total(page)]
    chosen: dict[str, str] = {}
    for name, label in filters.items():
        chosen[name], promised = narrow(page, label)
        assert total(page) == promised <= before[-1]
        assert set(asked(page)) == {"q", *chosen}
        for hit in hits(page).all():
            for field in {"year", "issue", "section"} & set(chosen):
                expect(hit.locator(".hit-where")).to_contain_text(chosen[field])
        before.append(promised)
    assert before[-1] < before[0]

    found = titles(page)
    page.reload()
    assert titles(page) == found
    expect(page.get_by_role("searchbox")).to_have_value("企业")

    on = page.get_by_role("list", name="已限定").get_by_role("link")
    texts = [f"取消限定 {filters[name]}：{chosen[name]}" for name in ALL_FILTERS if name in chosen]
    assert sorted(text.strip() for text in on.all_text_contents()) == sorted(texts)
    while chosen:
        name, value = chosen.popitem()
        before.pop()
        on.filter(has_text=f"{filters[name]}：{value}").click()
        expect(on).to_have_count(len(chosen))
        assert total(page) == before[-1]
        assert set(asked(page)) == {"q", *chosen}


def read_all(page: Page) -> list[tuple[str, str]]:
    """Issue and title of every hit, from the page that is open to the last."""
    found: list[tuple[str, str]] = []
    following = page.get_by_role("link", name="下一页")
    for number in range(1, 20):
        said = page.get_by_role("navigation", name="分页")
        expect(said).to_contain_text(f"第{number}页")
        issues = hits(page).locator(".hit-where > :first-child").all_inner_texts()
        found += zip(issues, titles(page), strict=True)
        if not following.count():
            break
        following.click()
        page.wait_for_url(f"**page={number + 1}*")
    return found


@WAYS
def test_pages_hold_every_hit_once_whether_the_best_or_the_newest_come_first(
    sit_down: SitDown, size: tuple[int, int], script: bool
) -> None:
    page = sit_down(MEMBER, size=size, script=script)
    ask(page, "企业")
    expected = total(page)
    best = read_all(page)
    assert len(set(best)) == len(best) == expected > 10

    order = page.get_by_role("group", name="排序")
    expect(order.locator("[aria-current]")).to_have_text("最相关在前")
    order.get_by_role("link", name="最新在前").click()
    expect(order.locator("[aria-current]")).to_have_text("最新在前")
    assert asked(page) == {"q": "企业", "order": "newest"}, "from the first page again"
    newest = read_all(page)
    dates = [tuple(map(int, re.findall(r"\d+", issue))) for issue, _ in newest]
    assert dates == sorted(dates, reverse=True)
    assert sorted(newest) == sorted(best)

    # And back: the page before the last.
    number = (expected - 1) // 10
    page.get_by_role("link", name="上一页").click()
    expect(page.get_by_role("navigation", name="分页")).to_contain_text(f"第{number}页")
    assert asked(page) == {"q": "企业", "order": "newest", "page": str(number)}
    start = (number - 1) * 10
    assert titles(page) == [title for _, title in newest[start : start + 10]]


@WAYS
def test_who_finds_nothing_is_told_what_to_try_and_finds_something_by_it(
    sit_down: SitDown, size: tuple[int, int], script: bool
) -> None:
    page = sit_down(MEMBER, size=size, script=script)
    ask(page, "物流 子虚乌有")
    expect(page.get_by_role("heading", level=2)).to_have_text("没有找到“物流 子虚乌有”")
    expect(page.get_by_text("可以试试这样找")).to_be_visible()
    near = page.locator(".suggestions li").first
    expect(near).to_contain_text("少一个词")
    promised = int(re.findall(r"(\d+)篇", near.inner_text())[0])

    near.get_by_role("link", name="物流").click()
    expect(page.get_by_role("searchbox")).to_have_value("物流")
    assert total(page) == hits(page).count() == promised > 0


@pytest.mark.parametrize("script", [True, False], ids=["", "no-script"])
def test_a_stranger_signs_in_first_and_then_has_the_results_asked_for(
    portal: Portal, sit_down: SitDown, script: bool
) -> None:
    page = sit_down(size=PHONE, script=script)
    address = "/search/?q=物流成本&section=hot-topics"
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("会员登录")
    seen = page.content()
    assert FIGURES.title not in seen
    assert "<mark>" not in seen
    assert not re.search(r"共\d+篇", seen)

    sign_in(page, MEMBER, portal.password)
    page.wait_for_url("**/search/?*")
    assert asked(page) == {"q": "物流成本", "section": "hot-topics"}
    expect(hits(page).get_by_role("link", name=FIGURES.title)).to_be_visible()
    expect(hits(page).locator("mark").first).to_have_text("物流成本")
