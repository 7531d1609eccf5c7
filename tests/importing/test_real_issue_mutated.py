"""The real issue set in other ways must give the same articles."""

import dataclasses
import re
from collections.abc import Callable

import pytest

from newsletter.importing import read
from newsletter.importing.characters import compact
from newsletter.importing.conservation import compare
from newsletter.importing.markup import body_html
from newsletter.importing.outline.model import ArticleOutline, Figure, IssueOutline
from newsletter.importing.read_txt import decode

pytestmark = pytest.mark.pure


def _content(article: ArticleOutline) -> dict[str, object]:
    """All of an article but its place in the file."""
    fields = {f.name: getattr(article, f.name) for f in dataclasses.fields(article)}
    numbers = [e.number for e in article.elements if isinstance(e, Figure)]
    fields["elements"] = body_html(article, figure_ids={n: n for n in numbers})
    del fields["line"]
    return fields


def _leaders(leader: str, page: str = r"\1") -> Callable[[str], str]:
    return lambda text: re.sub(r"-----\t(\d+)", leader + page, text)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "full-width spaces for spaces": lambda t: t.replace(" ", "\u3000"),
    "every paragraph indented by two": lambda t: re.sub(
        r"(?m)^(?=[^\s☆-])(?!\t)", "\u3000\u3000", t
    ),
    "CRLF": lambda t: t.replace("\n", "\r\n"),
    "no blank lines": lambda t: re.sub(r"\n\s*\n", "\n", t),
    "leaders of dots": _leaders("................"),
    "leaders of ellipses": _leaders("………… "),
    "leaders of tabs": _leaders("\t\t"),
    "leaders of full-width dots": _leaders("．．．．"),
    "pages as 第12页": _leaders("……", r"第\1页"),
    "pages in brackets": _leaders(" ", r"（\1）"),
    "☆ glued": lambda t: t.replace("☆ ", "☆"),
    "☆ apart": lambda t: re.sub("☆ ?", "☆　", t),
    "★ for ☆": lambda t: t.replace("☆", "★"),
    "◇ for ☆": lambda t: t.replace("☆", "◇"),
    "※ for ☆": lambda t: t.replace("☆", "※"),
    "no mark at all": lambda t: re.sub("☆ ?", "", t),
    "【】 for ☆": lambda t: re.sub("(?m)^☆ ?(.*)$", r"【\1】", t),
    "the issue's number in words": lambda t: t.replace("2022 年 第 3 期", "二〇二二年第三期"),
    "page numbers printed between": lambda t: t.replace("\n\n", "\n\n- 7 -\n\n", 60),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_another_layout_of_the_real_issue_gives_the_same_articles(
    name: str, seed: IssueOutline, seed_text: str
) -> None:
    text = MUTATIONS[name](seed_text)
    assert text != seed_text
    issue = read(text.encode())
    spaced = [compact(str(_content(a)["elements"])) for a in issue.articles]
    assert spaced == [compact(str(_content(a)["elements"])) for a in seed.articles]
    if "space" not in name:
        assert [_content(a) for a in issue.articles] == [_content(a) for a in seed.articles]
    assert (issue.year, issue.number, issue.serial) == (2022, 3, 62)
    assert issue.sections == seed.sections
    assert [(c.title, c.page, c.article) for c in issue.contents] == [
        (c.title, c.page, c.article) for c in seed.contents
    ]
    assert compare(text, issue).complete


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_of_the_real_issue_gives_the_same_outline(
    encoding: str, seed: IssueOutline, seed_text: str
) -> None:
    data = seed_text.encode(encoding)
    assert decode(data) == seed_text
    assert read(data) == seed


def test_sections_in_another_order_keep_their_articles(seed: IssueOutline, seed_text: str) -> None:
    head, *bodies = re.split("(?m)^(?=☆ )", seed_text)
    assert len(bodies) == 4
    text = head + "\n\n".join([bodies[2], bodies[0], bodies[3], bodies[1]])
    issue = read(text.encode())
    order = [5, 6, 0, 1, 2, 7, 8, 9, 10, 11, 12, 3, 4]
    assert [_content(a) for a in issue.articles] == [_content(seed.articles[n]) for n in order]
    assert issue.sections == ("政策解读", "财经新闻", "热点问题", "新规速递")
    assert compare(text, issue).complete


@pytest.mark.parametrize("number", range(13))
def test_an_article_without_its_source_is_still_an_article(
    number: int, seed: IssueOutline, seed_text: str
) -> None:
    sources = list(re.finditer("(?m)^来源：.*$", seed_text))
    text = seed_text[: sources[number].start()] + seed_text[sources[number].end() :]
    issue = read(text.encode())
    assert [a.title for a in issue.articles] == [a.title for a in seed.articles]
    assert [n for n, a in enumerate(issue.articles) if not a.source] == [number]
    expected = [_content(a) for a in seed.articles]
    expected[number]["source"] = ""
    assert [_content(a) for a in issue.articles] == expected
