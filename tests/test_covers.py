"""Covers are drawn from what an issue holds, and a year shows the numbers that it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import User
from newsletter import covers, reading
from newsletter.models import Article, Issue, Section
from newsletter.models.article import Online
from newsletter.models.issue import Frequency
from tests import factories

SignIn = Callable[[User], Client]
STROKE = re.compile(r"M([\d.]+) [\d.]+v([\d.]+)")


def make_issue(pages: list[int | None], sections: list[int] | None = None, **fields: Any) -> Issue:
    """An issue whose articles begin on these pages, each in the section of that order."""
    issue = factories.create_issue(**fields)
    kinds = list(Section.objects.order_by("order"))
    for number, page in enumerate(pages):
        section = kinds[sections[number] if sections else 0]
        factories.create_article(issue, section=section, printed_page=page)
    return issue


def cover_of(issue: Issue, reader: User) -> covers.Cover:
    listed = covers.with_articles(Issue.objects.filter(pk=issue.pk), reader=reader)
    return covers.drawn(listed)[0][1]


def strokes_of(cover: covers.Cover) -> list[tuple[float, float]]:
    """Where each stroke hangs, and how long it is."""
    return [(float(x), float(length)) for x, length in STROKE.findall(cover.strokes)]


def test_a_stroke_is_as_long_as_its_article_has_pages(member: User) -> None:
    cover = cover_of(make_issue([2, 4, 14]), member)

    lengths = [length for _, length in strokes_of(cover)]
    # Two pages, ten, and the last one of unknown end: as long as these on average.
    assert lengths == pytest.approx([covers.LONGEST * part for part in (0.2, 1, 0.6)], abs=0.06)


def test_strokes_are_read_from_the_right_and_stay_on_the_cover(member: User) -> None:
    for count in (1, 2, 13, 60):
        cover = cover_of(make_issue(list(range(2, 2 + count))), member)
        places = [x for x, _ in strokes_of(cover)]

        assert len(places) == count
        assert places == sorted(places, reverse=True)
        assert min(places) - cover.thickness / 2 >= covers.LEFT
        assert max(places) + cover.thickness / 2 <= covers.RIGHT


def test_a_dot_stands_above_the_first_article_of_each_section(member: User) -> None:
    cover = cover_of(make_issue([2, 5, 9, 11], [0, 0, 2, 2]), member)

    places = [f"{x:.1f}" for x, _ in strokes_of(cover)]
    assert re.findall(r"M([\d.]+)", cover.heads) == [places[0], places[2]]
    # A wider white between two sections than between two articles.
    first, second, third, _ = (x for x, _ in strokes_of(cover))
    assert second - third > 1.5 * (first - second)


@pytest.mark.parametrize("pages", [[None, None], [2, None, 9], [9, 2, 4], [3, 3, 3], [2]])
def test_pages_that_are_missing_or_in_disorder_still_make_a_cover(
    member: User, pages: list[int | None]
) -> None:
    lengths = [length for _, length in strokes_of(cover_of(make_issue(pages), member))]

    assert len(lengths) == len(pages)
    assert max(lengths) == covers.LONGEST
    assert min(lengths) > 0


def test_a_cover_draws_no_article_that_was_withdrawn_but_one_that_is_only_listed(
    member: User,
) -> None:
    issue = make_issue([2, 4, 6])
    first, second, _ = issue.articles.order_by("order")
    Article.objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
    Article.objects.filter(pk=second.pk).update(online=Online.LISTED)

    assert len(strokes_of(cover_of(issue, member))) == 2


def test_an_issue_without_articles_has_a_bare_cover(member: User) -> None:
    cover = cover_of(factories.create_issue(), member)

    assert (cover.strokes, cover.heads) == ("", "")
    assert cover.slip_height > 0


def test_the_slip_holds_a_long_name_too(member: User) -> None:
    long = cover_of(factories.create_issue(periodical="中小企业财税政策动态参考"), member)
    usual = cover_of(factories.create_issue(), member)

    assert long.slip_height <= covers.SLIP_ROOM + 7
    assert long.size < usual.size
    assert len(long.places.split()) == 12


def test_a_year_shows_the_numbers_that_it_lacks(member: User) -> None:
    for number in (3, 2):
        factories.create_issue(year=2030, number=number)
    issues = covers.with_articles(Issue.objects.filter(year=2030), reader=member)

    row = covers.year_row(issues)

    assert [(slot.number, slot.issue is not None) for slot in row] == [
        *((1, False), (2, True), (3, True), (4, False))
    ]


def test_an_irregular_year_has_no_gaps(member: User) -> None:
    for number in (2, 7):
        factories.create_issue(year=2030, number=number, frequency=Frequency.IRREGULAR)
    issues = covers.with_articles(Issue.objects.filter(year=2030), reader=member)

    assert [slot.number for slot in covers.year_row(issues)] == [2, 7]


def test_no_year_of_the_archive_is_cut_in_two(member: User, signed_in: SignIn) -> None:
    for serial in range(1, 49):
        factories.create_issue(year=2030 + serial // 4, number=serial % 4 + 1, serial=serial)
    client = signed_in(member)

    pages = [client.get(f"/issues/?page={number}").content.decode() for number in (1, 2)]

    years = [re.findall(r'id="y(\d+)"', page) for page in pages]
    assert len(years[0]) == 10
    assert not set(years[0]) & set(years[1])
    assert "第1期暂无" not in re.sub(r"<[^>]+>|\s", "", pages[0])


def test_covers_tell_what_is_unread(member: User, signed_in: SignIn) -> None:
    issue = make_issue([2, 5], year=2030, number=1, serial=93)
    client = signed_in(member)
    label = f"{issue}，总第93期，"

    assert f'aria-label="{label}2篇未读"' in client.get("/issues/").content.decode()
    for article in issue.articles.all():
        reading.set_finished(article, reader=member, on=True)
    assert f'aria-label="{label}已读完"' in client.get("/issues/").content.decode()
