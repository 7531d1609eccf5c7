"""What may be typed, and what a search costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from members.models import User
from newsletter.models import Article, SearchEntry, Section
from newsletter.search import index, search
from newsletter.search.query import MAX_CHARACTERS, MAX_PHRASES, understand
from tests.search.texts import issue_of, publish

pytestmark = pytest.mark.django_db
SYNTAX = ['"', "'", "*", "^", ":", "(", ")", "AND", "OR", "NOT", "NEAR(税 收)", "terms:税", "税*",
          "\\", "%", "_", "|", ";--", "“", "”", "「", "&", "!", "<->", "{", "}", "@>", "\0",
          "\ud7ff", "😀", "\u0300", "\ufeff", "NULL", "%s", "%(a)s", "{}", "税", "收"]  # fmt: skip


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.text(), st.lists(st.sampled_from(SYNTAX)).map(" ".join)))
@example('"')
@example('税"收')
@example("“税 收")
@example('""""')
@example("«»「」")
@example("\0")
def test_nothing_that_is_typed_breaks_the_search(member: User, typed: str) -> None:
    if not Article.objects.exists():
        publish("<p>税收</p>")

    results = search(typed, user=member, source=typed, issue=typed, section=typed)

    assert results.total in (0, 1)
    assert search(typed, user=member).total in (0, 1)


@pytest.mark.parametrize("typed", ["", "  ", "　"])
def test_nothing_asked_is_no_problem(typed: str, member: User) -> None:
    results = search(typed, user=member)

    assert (results.query, results.total, results.problem) == ("", 0, "")


@pytest.mark.parametrize("typed", ["。，！", "“”", "😀", "——", "%"])
def test_punctuation_alone_is_answered_with_a_sentence(typed: str, member: User) -> None:
    assert "标点" in search(typed, user=member).problem


def test_what_is_too_long_or_too_much_is_answered_with_a_sentence(member: User) -> None:
    assert not understand("税" * MAX_CHARACTERS).problem
    assert "太长" in search("税" * (MAX_CHARACTERS + 1), user=member).problem
    words = [f"甲{number}" for number in range(MAX_PHRASES)]
    assert not understand(" ".join(words)).problem
    assert "最多" in search(" ".join([*words, "乙"]), user=member).problem
    assert "最多" in search("，".join("一二三四五六七八九十"), user=member).problem


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("减税 降费", ["减税", "降费"]),
        ("“减税 降费” 退税", ["“减税 降费”", "退税"]),
        ("减税“降费”退税", ["减税", "“降费”", "退税"]),
        ('"减税" "降费"', ["“减税”", "“降费”"]),
        ("“减税 降费", ["“减税", "降费"]),
        ("减税”", ["减税”"]),
        ("“” 减税", ["减税"]),
    ],
)
def test_a_query_is_understood_as_its_words(typed: str, words: list[str]) -> None:
    assert [str(word) for word in understand(typed).words] == words


def test_a_search_takes_the_same_few_queries_however_large_the_archive(member: User) -> None:
    def fill(year: int) -> None:
        issue = issue_of(year, 1)
        made = Article.objects.bulk_create(
            Article(
                issue=issue,
                section=Section.objects.order_by("order")[number % 4],
                order=number + 1,
                title=f"{year}之{number}",
                source=f"来源{number % 5}",
                body=f'<h2 id="b{number}hhhh">税收</h2><p id="b{number}pppp">税收减免</p>',
            )
            for number in range(40)
        )
        index.refresh([article.pk for article in made])

    def asked(query: str, **filters: object) -> int:
        reader = User.objects.with_access().get(pk=member.pk)
        with CaptureQueriesContext(connection) as captured:
            assert search(query, user=reader, **filters).total  # type: ignore[arg-type]
        return len(captured.captured_queries)

    fill(2001)
    searches: list[tuple[str, dict[str, object]]] = [
        ("税收", {}),
        ("税收减免", {"section": "policy"}),
        ("税收 减免", {"source": "来源1", "section": "policy", "newest_first": True}),
        ("税收", {"page": 2}),
    ]
    few = [asked(query, **filters) for query, filters in searches]
    for year in range(2002, 2008):
        fill(year)

    assert [asked(query, **filters) for query, filters in searches] == few
    assert max(few) <= 6
    assert SearchEntry.objects.count() == 280


def test_an_empty_result_takes_a_bounded_number_of_queries(member: User) -> None:
    publish("<p>" + "，".join(f"{a}{b}" for a in "甲乙丙丁" for b in "戊己庚辛") + "</p>")
    reader = User.objects.with_access().get(pk=member.pk)

    for query in ("甲戊甲己甲庚乙戊乙己乙庚丙戊" * 3, "甲戊 乙己 丙庚 丁辛 无一 无二 无三"):
        with CaptureQueriesContext(connection) as captured:
            assert search(query, user=reader, year=2000).total == 0
        assert len(captured.captured_queries) <= 40
