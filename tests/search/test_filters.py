"""Filters and the counts beside them; what is suggested when nothing is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Count

from members.models import User
from newsletter.models import Article, Section
from newsletter.search import FACETS, articles, search
from tests import factories
from tests.search.texts import issue_of, publish

pytestmark = pytest.mark.django_db
FIELDS = {"section": "section__slug", "year": "issue__year", "source": "source"}


@pytest.fixture
def archive(db: None) -> list[Article]:
    """Articles over sections, years, issues and sources, most of them with 税收."""
    sections = list(Section.objects.order_by("order"))
    issues = [issue_of(2021, 1), issue_of(2021, 2), issue_of(2022, 1)]
    return [
        factories.create_article(
            issues[number % 3],
            section=sections[number % 4],
            source=["国家税务总局", "财政部", ""][number // 3 % 3],
            title=f"第{number}篇",
            body="<p>税收</p>" if number % 7 else "<p>财政</p>",
        )
        for number in range(40)
    ]


def counted(query: str, user: User, **asked: Any) -> dict[str, dict[str, int]]:
    facets = search(query, user=user, **asked).facets
    return {name: {one.value: one.count for one in facets[name]} for name in facets}


CHOICES: list[dict[str, Any]] = [
    {},
    {"section": "policy"},
    {"year": 2021},
    {"issue": "2021-2"},
    {"source": "财政部"},
    {"section": "policy", "year": 2021},
    {"year": 2021, "source": "财政部"},
    {"section": "policy", "issue": "2021-2", "source": "国家税务总局"},
    {"year": 2022, "issue": "2022-1", "section": "hot-topics"},
    {"year": 2022, "issue": "2021-1"},
    {"section": "policy", "year": 1990},
]


@pytest.mark.parametrize("limit", [6_000, 3])
@pytest.mark.parametrize("chosen", CHOICES)
def test_hits_and_counts_are_what_the_database_counts(
    archive: list[Article],
    member: User,
    chosen: dict[str, Any],
    limit: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(articles, "LIMIT", limit)
    holding = Article.objects.filter(body__contains="税收")

    def under(filters: dict[str, Any]) -> Any:
        year, _, number = filters.get("issue", "").partition("-")
        by = {FIELDS[name]: value for name, value in filters.items() if name in FIELDS}
        narrowed = holding.filter(**by)
        return narrowed.filter(issue__year=year, issue__number=number) if year else narrowed

    results = search("税收", user=member, **chosen)
    assert results.total == min(limit, under(chosen).count())
    if limit < 10:
        return  # counts are then of the newest
    for name, field in FIELDS.items():
        others = {other: value for other, value in chosen.items() if other != name}
        expected = under(others).exclude(**{field: ""}) if name == "source" else under(others)
        rows = expected.order_by().values_list(field).annotate(count=Count("pk"))
        counts = counted("税收", member, **chosen)[name]
        there = {str(value): count for value, count in rows}
        # What is chosen can be taken back, though it leaves nothing.
        kept = {str(chosen[name]): 0} if name in chosen else {}
        assert counts == kept | there, name
    assert sum(counted("税收", member)["issue"].values()) == holding.count()


def test_values_come_in_the_order_of_the_archive_and_say_what_is_chosen(
    archive: list[Article], member: User
) -> None:
    facets = search("税收", user=member, year=2021, section="policy").facets

    assert tuple(facets) == FACETS
    assert [one.value for one in facets["year"]] == ["2022", "2021"]
    assert [one.label for one in facets["year"]] == ["2022年", "2021年"]
    assert [one.chosen for one in facets["year"]] == [False, True]
    assert [one.label for one in facets["issue"]] == ["2021年第2期", "2021年第1期"]
    names = list(Section.objects.order_by("order").values_list("name", flat=True))
    assert [one.label for one in facets["section"]] == names
    assert [one.value for one in facets["section"] if one.chosen] == ["policy"]
    counts = [one.count for one in search("税收", user=member).facets["source"]]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    "chosen",
    [
        {"section": "no-such"},
        {"year": 0},
        {"year": -1},
        {"year": 10**9},
        {"issue": "2021"},
        {"issue": "2021-x"},
        {"issue": "-"},
        {"issue": "²-³"},
        {"issue": "99999999999-1"},
        {"issue": "2021-99999999999"},
        {"source": "'; --"},
        {"source": "x" * 10_000},
    ],
)
def test_a_filter_that_is_none_finds_nothing_and_breaks_nothing(
    archive: list[Article], member: User, chosen: dict[str, Any]
) -> None:
    results = search("税收", user=member, **chosen)

    assert results.total == 0
    assert all(one.count == 0 for name in chosen for one in results.facets[name] if one.chosen)
    assert [(one.keeps_filters, one.count) for one in results.suggestions][:1] == [(False, 34)]


def test_without_the_filters_is_suggested_with_its_count(
    archive: list[Article], member: User
) -> None:
    (first, *_) = search("财政", user=member, year=2022, source="无此来源").suggestions

    assert (first.query, first.keeps_filters) == ("财政", False)
    assert first.count == search("财政", user=member).total > 0


def suggested(query: str, user: User) -> dict[str, int]:
    results = search(query, user=user)
    assert results.total == 0
    for one in results.suggestions:
        assert search(one.query, user=user).total == one.count > 0
    return {one.query: one.count for one in results.suggestions}


def test_fewer_words_are_suggested(member: User) -> None:
    publish("<p>减税 降费</p>", "<p>减税 退税</p>")

    assert suggested("减税 降费 退税", member) == {"减税 降费": 1, "减税 退税": 1}


def test_going_without_the_quotes_is_suggested(member: User) -> None:
    publish("<p>降费减税</p>")

    assert suggested("“减税”“费降”", member) == {"“减税”": 1}
    assert suggested("“减税 降费 大礼包”", member) == {}
    publish("<p>减税、降费</p>")
    assert suggested("“减税降费”", member) == {}
    publish("<p>lab open</p>")
    assert suggested("“open lab”", member) == {"open lab": 1}


def test_a_long_word_is_divided_where_its_parts_stand_in_articles(member: User) -> None:
    publish("<p>小微企业可以减税</p>", "<p>减税</p>")

    assert suggested("小微企业减税大礼包", member) == {"小微企业 减税": 1, "小微企业": 1, "减税": 2}
    assert suggested("减税退税补税", member) == {"减税": 2}
    assert suggested("无此一词", member) == {}


def test_there_is_nothing_to_suggest_in_an_empty_archive(member: User) -> None:
    assert suggested("小微企业 减税 “降费”", member) == {}
