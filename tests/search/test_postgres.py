"""What PostgreSQL alone does: long phrases are looked for in texts, not in the index."""

from __future__ import annotations

import pytest
from django.db import connection

from members.models import User
from newsletter.search import postgres, search
from tests.search.texts import found, publish

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def test_a_phrase_in_the_oldest_article_is_found_behind_any_number_that_hold_its_pairs(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_FIRST", 1)
    *_, oldest = publish(*["<p>新税，税收</p>"] * 6, "<p>新税收</p>")

    results = search("新税收", user=member)

    assert [hit.article for hit in results.hits] == [oldest]
    assert (results.total, results.capped) == (1, False)


def test_what_is_found_often_enough_is_not_looked_for_in_older_articles(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_FIRST", 2)
    monkeypatch.setattr(postgres, "_OFTEN", 2)
    made = publish(*["<p>新税收</p>"] * 3)

    results = search("新税收", user=member)

    assert (results.total, results.capped) == (2, True)
    assert [hit.article for hit in results.hits] == made[:2]


def test_phrases_with_words_and_numbers_are_exact_however_many_hold_their_pairs(
    member: User,
) -> None:
    one, *_ = publish("<p>支持5G网络</p>", *["<p>支持5G，5G网络，持5G网</p>"] * 5)
    two, *_ = publish("<p>2022年第3期</p>", *["<p>2022年，年第3，第3期</p>"] * 5)

    assert found("支持5G网络", member) == [one]
    assert found("2022年第3期", member) == [two]
    assert search("2022年第3期", user=member).total == 1


def test_a_hit_of_the_index_that_the_text_does_not_bear_out_is_not_shown(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two words that share a number: one in six hundred million, here made to."""
    monkeypatch.setattr(postgres, "number_of", lambda term: 7)
    publish("<p>supply</p>")

    assert found("demand", member) == []


def test_runs_without_a_word_are_kept_once_as_rows_and_with_one_in_units_too(member: User) -> None:
    held, *_ = publish("<p>税收新政，第3期税收新政策</p>", "<p>第3期，税收新政策</p>")

    assert found("第3期税收新政", member) == [held]
    assert len(found("税收新政策", member)) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT units FROM newsletter_searchtext ORDER BY entry_id DESC LIMIT 1")
        *_, last = cursor.fetchone()[0].splitlines()
    assert last == "第_3_期税收新政策"
