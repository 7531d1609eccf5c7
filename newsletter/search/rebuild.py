"""The index compared with what it should be, mended, and made anew while people search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.db import transaction

from newsletter.models import Article, SearchEntry
from newsletter.search import index
from newsletter.search.engine import engine

# Articles a transaction: a second at most, in which nobody else may write to SQLite.
BATCH = 50
# Between two of them, so that those who wait for SQLite's one writer have their turn (seconds).
BREATH = 0.1

Progress = Callable[[int], None]


def differences() -> int:
    """In how many places the index is wrong; nothing is changed.

    An entry counts once if it says of its article what is not so, or nothing, and once if its
    terms are not those of the text that it keeps.
    """
    orphans = SearchEntry.objects.filter(article__isnull=True).count()
    # Twice: what was published between two of its questions is no difference.
    said = sum(index.differences(pks) and index.differences(pks) for pks in _batches())
    return orphans + said + engine().differences()


def mend(told: Progress) -> int:
    """Make every entry what it should be, a few at a time.

    Args:
        told: called with how many articles have been looked at.

    Returns:
        How many entries were taken out or put in.
    """
    with transaction.atomic():
        changed = index.forget_orphans()
    done = 0
    for pks in _batches():
        with transaction.atomic():
            # Nobody changes one between its being read and its entry being written.
            list(Article.objects.select_for_update().filter(pk__in=pks).values_list("pk"))
            changed += index.refresh(pks)
        done += len(pks)
        told(done)
        time.sleep(BREATH)
    return changed


def rebuild(told: Progress) -> int:
    """Mend the entries, then write all the terms anew: the old ones answer until that is done.

    Args:
        told: called with how many articles have been looked at, twice over.

    Returns:
        How many articles are in the index.
    """
    mend(told)
    engine().rebuild(told)
    return SearchEntry.objects.count()


def _batches() -> Iterator[list[int]]:
    """All articles, also those that are not to be found: they may have been once."""
    last = 0
    while pks := list(
        Article.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield pks
        last = pks[-1]
