"""Terms on PostgreSQL: arrays of numbers with a GIN index.

Not `tsvector`: measured, its terms take three times the space, and a phrase there makes the
server unpack the vector of every candidate (`docs/performance.md`).

A term is a number of 32 bits. Two characters of Unicode's first plane are two times 16 bits; one
is 16 bits with nothing above. Whatever else there is (a word, a rare character, a pair with one)
is hashed into the numbers between these, which are no pair's: no character lies so low.

What the index finds for one character or two is so. Any other phrase is looked for in the texts
of the entries that hold all its pairs, written in units as `segment` says, the newest first.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from newsletter.models import SearchEntry, SearchText
from newsletter.search.engine import READABLE, Matches, Place, Within
from newsletter.search.rows import Row, read
from newsletter.search.segment import Phrase, bigrams, runs

# No character that is a unit by itself lies lower.
LOWEST = 0x2100
# Texts that are looked into at first for a long phrase (10 µs each), and after which a phrase
# that was found often enough is not looked for in older ones.
_FIRST, _ENOUGH = 2_000, 10_000
_OFTEN = 100
_BATCH = 50
_INDEXED = {
    "newsletter_searchentry": ["terms"],
    "newsletter_search_places": ["titles", "headings"],
}
_PLACES = """
CREATE TABLE newsletter_search_places (
    key bigint PRIMARY KEY REFERENCES newsletter_searchentry ON DELETE CASCADE,
    titles integer[] NOT NULL,
    headings integer[] NOT NULL,
    title_units text NOT NULL,
    heading_units text NOT NULL
)"""
_SET_TERMS = "UPDATE newsletter_searchentry SET terms = %s::integer[] WHERE key = %s"
_SET_PLACES = """
INSERT INTO newsletter_search_places VALUES (%s, %s::integer[], %s::integer[], %s, %s)
ON CONFLICT (key) DO UPDATE SET titles = excluded.titles, headings = excluded.headings,
    title_units = excluded.title_units, heading_units = excluded.heading_units
"""
_SET_UNITS = "UPDATE newsletter_searchtext SET units = %s WHERE entry_id = %s"
# "+ 0", and the fence around it: no index but that of terms is of use. Any other way reads the
# arrays themselves, whose size the planner does not know. One row comes back, of arrays:
# thousands of rows would take longer to fetch than to find.
_FIND = """
WITH c AS MATERIALIZED (
    SELECT e.key, e.article_id, e.issue_id, e.section_id, e.source
    FROM newsletter_searchentry e {join}
    WHERE {place} @> %s::integer[] AND e.key + 0 >= %s AND e.key + 0 < %s {condition}
    ORDER BY e.key + 0 DESC LIMIT %s
)
SELECT {columns}, (SELECT count(*) FROM c), (SELECT min(c.key) FROM c)
FROM c e WHERE {readable} AND {holds}
"""
# By place: its terms, and where the text in units is that a long phrase is looked for in.
_PLACES_OF = {
    "": ("e.terms", "units FROM newsletter_searchtext u WHERE u.entry_id = e.key"),
    "title": ("p.titles", "title_units FROM newsletter_search_places u WHERE u.key = e.key"),
    "heading": ("p.headings", "heading_units FROM newsletter_search_places u WHERE u.key = e.key"),
}


def create(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_searchentry ADD COLUMN terms integer[]")
        cursor.execute(_PLACES)
        cursor.execute("ALTER TABLE newsletter_searchtext ADD COLUMN units text")
        # Numbers do not shrink, and texts that are looked into must not be unpacked first.
        cursor.execute("ALTER TABLE newsletter_searchentry ALTER terms SET STORAGE EXTERNAL")
        cursor.execute("ALTER TABLE newsletter_searchtext ALTER units SET STORAGE EXTERNAL")
        for table, columns in _INDEXED.items():
            for column in columns:
                # With statistics the planner would know common terms for common, and read all
                # the arrays rather than the index.
                cursor.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0")
                cursor.execute(
                    f"CREATE INDEX newsletter_search_{column} ON {table} USING gin ({column})"
                    " WITH (gin_pending_list_limit = 1024)"
                )


def drop(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS newsletter_search_places")
        cursor.execute("ALTER TABLE newsletter_searchentry DROP COLUMN IF EXISTS terms")
        cursor.execute("ALTER TABLE newsletter_searchtext DROP COLUMN IF EXISTS units")


def add(entries: Mapping[int, Sequence[Row]]) -> None:
    with connection.cursor() as cursor:
        for key, rows in entries.items():
            titles = [row for row in rows if row.is_title]
            better = [row for row in rows if row.is_title or row.is_heading]
            cursor.execute(_SET_TERMS, [_array(rows), key])
            places = [_array(titles), _array(better), _units(titles), _units(better)]
            cursor.execute(_SET_PLACES, [key, *places])
            cursor.execute(_SET_UNITS, [_units(rows), key])


def remove(entries: Mapping[int, Sequence[Row]]) -> None:
    """Nothing is left to do: the terms go with the entry."""


def find(phrases: Sequence[Phrase], within: Within, limit: int) -> Matches:
    (keys, sections, sources), capped = _search(
        "", ("key", "section_id", "source"), phrases, within, limit
    )
    return Matches(keys, sections, sources, capped)


def better(place: Place, phrases: Sequence[Phrase], within: Within, limit: int) -> list[int]:
    ((keys,), _) = _search(place, ("key",), phrases, within, limit)
    return keys


def rebuild(told: Callable[[int], None]) -> None:
    last, done = 0, 0
    while True:
        with transaction.atomic():
            entries = SearchEntry.objects.select_for_update().filter(key__gt=last)
            keys = list(entries.order_by("key").values_list("key", flat=True)[:_BATCH])
            if not keys:
                return
            texts = SearchText.objects.filter(pk__in=keys).values_list("pk", "rows")
            add({key: read(text) for key, text in texts})
        last = keys[-1]
        done += len(keys)
        told(done)
        time.sleep(0.1)  # others have their turn to write


def _is_told_by_terms(phrase: Phrase) -> bool:
    """Whether its one number says all of it, hashed from nothing."""
    return len(phrase) <= 2 and all(
        len(unit) == 1 and LOWEST <= ord(unit) < 0x10000 for unit in phrase
    )


def number_of(term: str) -> int:
    """A term, of one unit or two, as a signed number of 32 bits."""
    codes = [ord(character) for character in term]
    if len(codes) <= 2 and all(LOWEST <= code < 0x10000 for code in codes):
        number = codes[0] if len(codes) == 1 else codes[0] << 16 | codes[1]
    else:
        number = 0x10000 + zlib.crc32(term.encode()) % ((LOWEST - 1) << 16)
    return number - (1 << 32) if number >> 31 else number


def _array(rows: Iterable[Row]) -> str:
    terms: set[str] = set()
    for row in rows:
        for run in runs(row.text):
            terms.update(run, bigrams(run))
    return f"{{{','.join(map(str, sorted(map(number_of, terms))))}}}"


def _units(rows: Iterable[Row]) -> str:
    """The text as units are written, a run a line: a phrase stands in it as it stands there."""
    return "\n".join("".join(run) for row in rows for run in runs(row.text))


def _search(
    place: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, limit: int
) -> tuple[list[list[Any]], bool]:
    """The columns of what is found, newest first, and whether there may be more.

    A phrase that the terms do not tell is looked for further and further back, until it is found
    often enough: one that stands in a single article is found, however many hold its pairs.
    """
    told = all(map(_is_told_by_terms, phrases))
    most = limit + 1 if told else _FIRST
    found: list[list[Any]] = [[] for _ in columns]
    seen = 0
    while True:
        more, looked_at, lowest = _find(place, columns, phrases, within, most)
        for column, values in zip(found, more, strict=True):
            column += values
        seen += looked_at
        enough = len(found[0]) > limit or (seen >= _ENOUGH and len(found[0]) >= _OFTEN)
        if looked_at < most or enough or told:
            capped = len(found[0]) > limit or looked_at == most
            return [column[:limit] for column in found], capped
        within = replace(within, end=lowest)
        most *= 4


def _find(
    place: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, most: int
) -> tuple[list[list[Any]], int, int]:
    """The columns of what is found; how many were looked at, `most` of them, and the last key."""
    condition, values = within.conditions()
    long = ["".join(phrase) for phrase in phrases if not _is_told_by_terms(phrase)]
    terms, units = _PLACES_OF[place]
    holds = "".join(f" AND (SELECT strpos({units.replace(' ', ', %s) > 0 ', 1)})" for _ in long)
    statement = _FIND.format(
        place=terms,
        columns=", ".join(f"array_agg(e.{column} ORDER BY e.key DESC)" for column in columns),
        join="JOIN newsletter_search_places p ON p.key = e.key" if place else "",
        condition=condition,
        readable=READABLE,
        holds=f"true{holds}",
    )
    with connection.cursor() as cursor:
        asked = [_terms_of(phrases), within.first, within.end, *values, most, *long]
        cursor.execute(statement, asked)
        *found, looked_at, lowest = cursor.fetchone()
    return [column or [] for column in found], looked_at, lowest or 0


def _terms_of(phrases: Sequence[Phrase]) -> list[int]:
    terms = (
        term for phrase in phrases for term in (bigrams(phrase) if len(phrase) > 1 else phrase)
    )
    return sorted(set(map(number_of, terms)))
