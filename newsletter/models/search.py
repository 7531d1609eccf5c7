"""What the search keeps of an article. All of it can be rebuilt by `manage.py reindex`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models

from newsletter.models.article import Article
from newsletter.models.issue import Issue
from newsletter.models.section import Section

_ORDER_BITS = _NUMBER_BITS = 15  # what a PositiveSmallIntegerField may hold


class SearchEntry(models.Model):
    """An article in the index: what ranks, filters and counts, and nothing else.

    `key` is recency itself (the year, the number in it, the place in the issue), so that the
    index, read backwards, gives the newest first. The terms lie in tables of the engine, by
    the same key. An article that is deleted leaves its entry without one: it finds nothing, and
    what was indexed under its key can still be taken back.
    """

    # An automatic field is SQLite's own row number: no second index. It is always given.
    key = models.BigAutoField(primary_key=True)
    article = models.OneToOneField(Article, null=True, on_delete=models.SET_NULL, related_name="+")
    issue = models.ForeignKey(Issue, null=True, on_delete=models.SET_NULL, related_name="+")
    section = models.ForeignKey(
        Section, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"

    def __str__(self) -> str:
        return str(self.key)


class SearchText(models.Model):
    """The text that was indexed, a row a line: block, tab, kind, tab, text."""

    entry = models.OneToOneField(
        SearchEntry, primary_key=True, on_delete=models.CASCADE, related_name="text"
    )
    rows = models.TextField()

    class Meta:
        verbose_name = "检索原文"
        verbose_name_plural = "检索原文"

    def __str__(self) -> str:
        return str(self.pk)


def key_of(year: int, number: int, order: int) -> int:
    """The later, the larger; in one issue the first article is the largest."""
    in_issue = (1 << _ORDER_BITS) - 1 - order
    return first_key(year, number) | in_issue


def first_key(year: int, number: int = 0) -> int:
    """No article of this issue, or of this year, has a smaller key."""
    return (year << _NUMBER_BITS | number) << _ORDER_BITS


def issues_of(keys: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Year and number of the issue that each key belongs to."""
    number = (1 << _NUMBER_BITS) - 1
    for issue in [key >> _ORDER_BITS for key in keys]:
        yield issue >> _NUMBER_BITS, issue & number
