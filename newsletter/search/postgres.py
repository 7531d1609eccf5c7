"""Terms on PostgreSQL: arrays of numbers with a GIN index.

Not `tsvector`: measured, its terms take three times the space, and a phrase there makes the
server unpack the vector of every candidate (`docs/performance.md`).

A term is a number of 32 bits. Two characters of Unicode's first plane are two times 16 bits; one
is 16 bits with nothing above. Whatever else there is (a word, a rare character, a pair with one)
is hashed into the numbers between these, which are no pair's: no character lies so low.

What the index finds for one character or two is so. A longer phrase is looked for in the text of
the entries that hold all its pairs, the newest `limit` of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from newsletter.models import SearchEntry, SearchText
from newsletter.search.engine import Matches, Place, Within
from newsletter.search.rows import Row, read
from newsletter.search.segment import Phrase, bigrams, is_plain, runs, spans

# No character that is a unit by itself lies lower.
LOWEST = 0x2100
# So many texts are read here for a phrase with a word in it: 0.2 ms each.
_MOST_READ = 300
_BATCH = 50
_INDEXED = {
    "newsletter_searchentry": ["terms"],
    "newsletter_search_places": ["titles", "headings"],
}
_PLACES = """
CREATE TABLE newsletter_search_places (
    key bigint PRIMARY KEY REFERENCES newsletter_searchentry ON DELETE CASCADE,
    titles integer[] NOT NULL,
    headings integer[] NOT NULL
)"""
_SET_TERMS = "UPDATE newsletter_searchentry SET terms = %s::integer[] WHERE key = %s"
_SET_PLACES = """
INSERT INTO newsletter_search_places VALUES (%s, %s::integer[], %s::integer[])
ON CONFLICT (key) DO UPDATE SET titles = excluded.titles, headings = excluded.headings
"""
# "+ 0", and the fence around it: no index but that of terms is of use. Any other way reads the
# arrays themselves, whose size the planner does not know. One row comes back, of arrays:
# thousands of rows would take longer to fetch than to find.
_FIND = """
WITH c AS MATERIALIZED (
    SELECT e.key, e.section_id, e.source
    FROM newsletter_searchentry e {join}
    WHERE {place} @> %s::integer[] AND e.key + 0 >= %s AND e.key + 0 < %s AND {condition}
    ORDER BY e.key + 0 DESC LIMIT %s
)
SELECT {columns}, (SELECT count(*) FROM c) FROM c {text}
"""


def create(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_searchentry ADD COLUMN terms integer[]")
        cursor.execute(_PLACES)
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


def add(entries: Mapping[int, Sequence[Row]]) -> None:
    with connection.cursor() as cursor:
        for key, rows in entries.items():
            titles = [row for row in rows if row.is_title]
            better = [row for row in rows if row.is_title or row.is_heading]
            cursor.execute(_SET_TERMS, [_array(rows), key])
            cursor.execute(_SET_PLACES, [key, _array(titles), _array(better)])


def remove(entries: Mapping[int, Sequence[Row]]) -> None:
    """Nothing is left to do: the terms go with the entry."""


def find(phrases: Sequence[Phrase], within: Within, limit: int) -> Matches:
    columns = ("key", "section_id", "source")
    (keys, sections, sources), capped = _find("e.terms", columns, phrases, within, limit)
    found = Matches(keys, sections, sources, capped)
    worded = [phrase for phrase in phrases if not is_plain(phrase)]
    return found.among(_that_hold(worded, keys)) if worded and len(keys) <= _MOST_READ else found


def better(place: Place, phrases: Sequence[Phrase], within: Within, limit: int) -> list[int]:
    ((keys,), _) = _find(f"p.{place}s", ("key",), phrases, within, limit)
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


def _find(
    place: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, limit: int
) -> tuple[list[list[Any]], bool]:
    """The columns of what is found, newest first, and whether more than `limit` may be."""
    condition, values = within.conditions()
    long = ["".join(phrase) for phrase in phrases if len(phrase) > 2 and is_plain(phrase)]
    holds = " AND ".join(["strpos(t.rows, %s) > 0"] * len(long))
    statement = _FIND.format(
        place=place,
        columns=", ".join(f"array_agg(c.{column} ORDER BY c.key DESC)" for column in columns),
        join="JOIN newsletter_search_places p ON p.key = e.key" if place[0] == "p" else "",
        condition=condition,
        text=f"JOIN newsletter_searchtext t ON t.entry_id = c.key WHERE {holds}" if long else "",
    )
    with connection.cursor() as cursor:
        asked = [_terms_of(phrases), within.first, within.end, *values, limit + 1, *long]
        cursor.execute(statement, asked)
        *found, candidates = cursor.fetchone()
    return [(column or [])[:limit] for column in found], candidates > limit


def _terms_of(phrases: Sequence[Phrase]) -> list[int]:
    terms = (
        term for phrase in phrases for term in (bigrams(phrase) if len(phrase) > 1 else phrase)
    )
    return sorted(set(map(number_of, terms)))


def _that_hold(phrases: Sequence[Phrase], keys: Sequence[int]) -> set[int]:
    """The entries in whose text each of the phrases stands."""
    kept: set[int] = set()
    for key, text in SearchText.objects.filter(pk__in=keys).values_list("pk", "rows"):
        missing = set(phrases)
        for row in read(text):
            every = zip(phrases, spans(row.text, phrases), strict=True)
            missing -= {phrase for phrase, found in every if found}
        if not missing:
            kept.add(key)
    return kept
