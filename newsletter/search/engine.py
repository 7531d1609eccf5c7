"""Which engine holds the terms, the database's own, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import compress
from typing import Any, Protocol

from django.db import connection

from newsletter.search.rows import Row
from newsletter.search.segment import Phrase

# That an entry `e` may be shown, whatever the index holds: what `ArticleQuerySet.searchable` says,
# asked of the few that may not be, by an index that holds no others. Asking it of the article of
# every hit would read every article.
READABLE = """
e.article_id IS NOT NULL AND e.issue_id IS NOT NULL
AND e.issue_id NOT IN (SELECT id FROM newsletter_issue WHERE NOT (status = 'published'))
AND e.article_id NOT IN (
    SELECT id FROM newsletter_article WHERE (NOT (online = 'full') OR withdrawn_at IS NOT NULL)
)"""


class Place(StrEnum):
    """Where a word counts for more than elsewhere, the best first; headings include the title."""

    TITLE = "title"
    HEADING = "heading"


@dataclass(frozen=True)
class Within:
    """What the hits must lie in; keys from `first` on and below `end`."""

    section_id: int | None = None
    source: str = ""
    first: int = 0
    end: int = 1 << 62

    def conditions(self) -> tuple[str, list[Any]]:
        """As SQL about the entry `e`, and its values; the keys are the engine's affair."""
        parts, values = [""], list[Any]()
        if self.section_id is not None:
            parts.append("e.section_id = %s")
            values.append(self.section_id)
        if self.source:
            parts.append("e.source = %s")
            values.append(self.source)
        return " AND ".join(parts), values


@dataclass(frozen=True)
class Matches:
    """Entries that hold all the phrases, newest first, as columns of equal length.

    Columns, because thousands of rows as objects take longer than all the rest of a search.
    When there may be more than these, these are the newest, and `capped` is set.
    """

    keys: list[int] = field(default_factory=list)
    sections: list[int | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    capped: bool = False

    def narrowed(self, within: Within) -> Matches:
        """Those of them that lie within."""
        columns = zip(self.keys, self.sections, self.sources, strict=True)
        kept = [
            within.first <= key < within.end
            and (within.section_id is None or section == within.section_id)
            and (not within.source or source == within.source)
            for key, section, source in columns
        ]
        return self.among(set(compress(self.keys, kept)))

    def among(self, keys: Collection[int]) -> Matches:
        """Those of them with these keys."""
        kept = [key in keys for key in self.keys]
        return Matches(
            list(compress(self.keys, kept)),
            list(compress(self.sections, kept)),
            list(compress(self.sources, kept)),
            self.capped,
        )


class Engine(Protocol):
    def create(self, schema_editor: Any) -> None:
        """Make the tables of terms."""

    def drop(self, schema_editor: Any) -> None: ...

    def add(self, entries: Mapping[int, Sequence[Row]]) -> None: ...

    def remove(self, entries: Mapping[int, Sequence[Row]]) -> None:
        """Take out what `add` was given before, by the same rows."""

    def rebuild(self, told: Callable[[int], None]) -> None:
        """Write all terms anew from the texts that are kept; searches go on meanwhile.

        Args:
            told: called with how many entries have been written.
        """

    def differences(self) -> int:
        """How many entries have other terms than their texts give; nothing is changed."""

    def find(self, phrases: Sequence[Phrase], within: Within, limit: int) -> Matches:
        """Entries of articles that members may read and that hold all the phrases.

        Args:
            phrases: one at least.
            within: what they must lie in.
            limit: how many at most, the newest.
        """

    def better(
        self, place: Place, phrases: Sequence[Phrase], within: Within, limit: int
    ) -> list[int]:
        """The keys of those that hold all of them in this place, newest first."""


def engine() -> Engine:
    return engine_of(connection)


def engine_of(database: Any) -> Engine:
    """The engine of a connection; `database` is one, or the one of a schema editor."""
    from newsletter.search import postgres, sqlite

    found: Any = postgres if database.vendor == "postgresql" else sqlite
    return found  # type: ignore[no-any-return]
