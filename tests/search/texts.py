"""What the tests of the search share: articles, and texts to draw from."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from members.models import User
from newsletter.models import Article, Issue
from newsletter.search import search
from tests import factories

# Few characters, so that they meet again; with rare ones, kana and marks of iteration.
CHARACTERS = "税收财政策减免年度々〇カげ𠮷𬺈豈"
BREAKS = "，。、；：！（）《》\n　"
CHINESE = st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=8)
PIECES = st.one_of(
    CHINESE,
    st.sampled_from(BREAKS),
    st.sampled_from(["5G", "R&D", "9.4%", "220号", "〔2022〕88号", "１２", "1,234", " ", "-"]),
    st.sampled_from(["CO₂", "10³", "m²"]),
)
TEXTS = st.lists(PIECES, min_size=1, max_size=25).map("".join)


def publish(*bodies: str, **fields: Any) -> list[Article]:
    """One published issue with an article a body; a body without tags is one paragraph."""
    issue = factories.create_issue()
    return [
        factories.create_article(
            issue, **{"body": body if body.startswith("<") else f"<p>{body}</p>"} | fields
        )
        for body in bodies
    ]


def found(query: str, user: User, **asked: Any) -> list[Article]:
    """All hits, in their order, page after page."""
    results = search(query, user=user, **asked)
    hits = [hit.article for hit in results.hits]
    for page in range(2, results.num_pages + 1):
        hits += [hit.article for hit in search(query, user=user, page=page, **asked).hits]
    assert len(hits) == results.total
    return hits


def issue_of(year: int, number: int, **fields: Any) -> Issue:
    return factories.create_issue(year=year, number=number, serial=year * 10 + number, **fields)
