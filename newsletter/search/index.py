"""The index kept true: what an article gives it, and when.

Every function here belongs inside the transaction that changed the article or its issue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Q

from newsletter.models import Article, Issue, SearchEntry, SearchText
from newsletter.models.search import first_key, key_of
from newsletter.search.engine import engine
from newsletter.search.rows import read, rows_of, written
from newsletter.search.segment import tidy

_FIELDS = (
    "pk",
    "issue_id",
    "section_id",
    "order",
    "title",
    "contents_title",
    "kicker",
    "subtitle",
    "lead",
    "source",
    "document_number",
    "body",
    "issue__year",
    "issue__number",
)
# An entry and the text that goes with it.
Prepared = tuple[SearchEntry, str]


def refresh(pks: Sequence[int]) -> int:
    """Make the index say of these articles what is true now.

    Args:
        pks: of articles, readable or not.

    Returns:
        How many entries were taken out or put in.
    """
    gone, new = _changes(pks)
    _remove(gone)
    _add(new.values())
    return len(gone | set(new))


def differences(pks: Sequence[int]) -> int:
    """How many entries `refresh` would take out or put in."""
    gone, new = _changes(pks)
    return len(gone | set(new))


def refresh_issue(issue: Issue) -> None:
    """The same for every article of an issue."""
    pks = list(issue.articles.order_by().values_list("pk", flat=True))
    # An article that has left the issue is no longer among its articles.
    left = SearchEntry.objects.filter(issue=issue, article__isnull=False)
    refresh([*pks, *left.values_list("article", flat=True)])


def renumber(issue: Issue) -> None:
    """Move the entries of an issue whose year or number was changed."""
    first = first_key(issue.year, issue.number)
    end = first_key(issue.year, issue.number + 1)
    if SearchEntry.objects.filter(issue=issue).exclude(key__gte=first, key__lt=end).exists():
        refresh_issue(issue)


def forget(pks: Iterable[int]) -> None:
    """Take articles out of the index, for instance because they are about to be deleted."""
    _remove(SearchEntry.objects.filter(article__in=pks).values_list("key", flat=True))


def forget_issue(issue: Issue) -> None:
    """Take out every article of an issue, which is about to be deleted."""
    _remove(SearchEntry.objects.filter(issue=issue).values_list("key", flat=True))


def forget_orphans() -> int:
    """Take out the entries of articles that are no more; how many there were."""
    return _remove(SearchEntry.objects.filter(article__isnull=True).values_list("key", flat=True))


def fill(apps: Any) -> None:
    """Index what a database of an earlier version holds, inside the migration."""
    entries, texts, articles = (
        apps.get_model("newsletter", name).objects
        for name in ("SearchEntry", "SearchText", "Article")
    )
    readable = articles.filter(issue__status="published", withdrawn_at__isnull=True, online="full")
    for article in readable.values(*_FIELDS).iterator(20):
        entry, text = _prepared(article)
        fields = entry._meta.concrete_fields
        entries.create(**{field.attname: getattr(entry, field.attname) for field in fields})
        texts.create(entry_id=entry.key, rows=text)
        engine().add({entry.key: read(text)})


def _changes(pks: Sequence[int]) -> tuple[set[int], dict[int, Prepared]]:
    """The keys to be taken out, and what is to be put in, by its key."""
    articles = Article.objects.searchable().filter(pk__in=pks).values(*_FIELDS)
    wanted = {entry.key: (entry, text) for entry, text in map(_prepared, articles)}
    known = SearchEntry.objects.filter(Q(article__in=pks) | Q(key__in=list(wanted)))
    gone: set[int] = set()
    for old in known.select_related("text"):
        new = wanted.get(old.key)
        kept = getattr(old, "text", None)  # what a damaged database may lack
        if new and kept and _values(old) == _values(new[0]) and kept.rows == new[1]:
            del wanted[old.key]
        else:
            gone.add(old.key)
    return gone, wanted


def _prepared(article: dict[str, Any]) -> Prepared:
    entry = SearchEntry(
        key=key_of(article["issue__year"], article["issue__number"], article["order"]),
        article_id=article["pk"],
        issue_id=article["issue_id"],
        section_id=article["section_id"],
        source=tidy(article["source"]),
    )
    return entry, written(rows_of(article))


def _values(entry: SearchEntry) -> tuple[object, ...]:
    return entry.article_id, entry.issue_id, entry.section_id, entry.source


def _add(prepared: Collection[Prepared]) -> None:
    SearchEntry.objects.bulk_create([entry for entry, _ in prepared])
    SearchText.objects.bulk_create(
        [SearchText(entry_id=entry.key, rows=text) for entry, text in prepared]
    )
    engine().add({entry.key: read(text) for entry, text in prepared})


def _remove(found: Iterable[int]) -> int:
    keys = list(found)
    if keys:
        texts = SearchText.objects.filter(pk__in=keys).values_list("pk", "rows")
        engine().remove({key: read(text) for key, text in texts})
        SearchEntry.objects.filter(key__in=keys).delete()
    return len(keys)
