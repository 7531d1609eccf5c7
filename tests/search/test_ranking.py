"""The order of hits, and the pages they come in."""

from __future__ import annotations

import pytest

from members.models import User
from newsletter.models import Article, Issue
from newsletter.search import A_PAGE, articles, search
from tests import factories
from tests.search.texts import found, issue_of, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def ranked(member: User) -> list[Article]:
    """A word in every place of old and new articles, in the order in which they should come."""
    old, new = issue_of(2020, 4), issue_of(2021, 1)

    def article(issue: Issue, **fields: str) -> Article:
        fields = {"title": "无", "body": "<p>无</p>"} | fields
        return factories.create_article(issue, **fields)

    in_title = [
        article(new, title="说税收"),
        article(new, kicker="税收谈"),
        article(old, title="税收"),
    ]
    in_heading = [
        article(new, body="<h3>谈税收</h3>"),
        article(old, body="<h2>税收</h2><p>税收</p>"),
    ]
    anywhere = [
        article(new, body="<p>税收</p>"),
        article(new, source="税收处"),
        article(old, lead="税收" * 9, body="<p>税收税收税收税收</p>"),
    ]
    return in_title + in_heading + anywhere


def test_title_comes_before_heading_before_the_rest_and_the_newer_before_the_older(
    ranked: list[Article], member: User
) -> None:
    assert found("税收", member) == ranked


@pytest.mark.parametrize("query", ["收", "税", "税收"])
def test_a_single_character_is_ranked_as_a_word_is(
    ranked: list[Article], member: User, query: str
) -> None:
    assert found(query, member) == ranked


def test_newest_first_goes_by_issue_and_place_alone(ranked: list[Article], member: User) -> None:
    expected = sorted(ranked, key=lambda one: (-one.issue.year, one.order))

    assert found("税收", member, newest_first=True) == expected


def test_two_words_count_as_in_the_title_only_when_both_are(member: User) -> None:
    one, both = publish("<p>减税</p>", "<p>无</p>", title="降费")
    both.title = "降费与减税"
    both.save()

    assert found("减税 降费", member) == [both, one]


def test_pages_follow_each_other_without_a_hit_lost_or_shown_twice(member: User) -> None:
    made = publish(*["<p>税收</p>"] * (2 * A_PAGE + 1))

    pages = [search("税收", user=member, page=page) for page in (1, 2, 3)]

    assert [hit.article for page in pages for hit in page.hits] == made
    assert [(page.page, page.num_pages, page.total) for page in pages] == [
        (number, 3, 2 * A_PAGE + 1) for number in (1, 2, 3)
    ]
    assert [page.has_previous for page in pages] == [False, True, True]
    assert [page.has_next for page in pages] == [True, True, False]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (3, 2), (10**9, 2)])
def test_a_page_that_is_not_there_is_the_nearest_one(asked: int, given: int, member: User) -> None:
    publish(*["<p>税收</p>"] * (A_PAGE + 1))

    assert search("税收", user=member, page=asked).page == given


def test_beyond_the_limit_the_newest_are_counted_and_the_rest_is_said(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "LIMIT", 5)
    oldest = factories.create_article(issue_of(1999, 1), title="税收", body="<p>无</p>")
    made = publish(*["<p>税收</p>"] * 7, source="甲")
    made[6].source = "乙"
    made[6].save()

    results = search("税收", user=member)
    assert (results.total, results.capped) == (5, True)
    # A title counts for more than a date, wherever it stands.
    assert [hit.article for hit in results.hits] == [oldest, *made[:4]]
    assert [hit.article for hit in search("税收", user=member, newest_first=True).hits] == made[:5]
    # With a filter that leaves fewer, all of those are counted, however old.
    narrowed = search("税收", user=member, source="乙")
    assert (narrowed.total, narrowed.capped) == (1, False)
    assert [hit.article for hit in narrowed.hits] == [made[6]]
    assert search("税收", user=member, year=1999).total == 1
    exactly = search("无", user=member)
    assert (exactly.total, exactly.capped) == (1, False)
