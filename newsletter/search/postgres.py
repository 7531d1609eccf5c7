"""Terms on PostgreSQL: arrays of numbers with a GIN index.

Not `tsvector`: measured, its terms take three times the space, and a phrase there makes the
server unpack the vector of every candidate (`docs/performance.md`).

A term is a number of 32 bits. Two characters of Unicode's first plane are two times 16 bits; one
is 16 bits with nothing above. Whatever else there is (a word, a rare character, a pair with one)
is hashed into the numbers between these, which are no pair's: no character lies so low.

What the index finds for one character or two is so. Any other phrase is looked for in the texts
of the entries that hold all its pairs, the newest first: one of plain characters in the rows as
they are kept, any other in their runs written in units, as `segment` says.
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
from newsletter.search.segment import Phrase, bigrams, is_plain, runs

# No character that is a unit by itself lies lower.
LOWEST = 0x2100
# Texts that are looked into at first for a long phrase, 15 µs each: the periodical's of 38 years.
_FIRST = 2_000
# A phrase that these hold so often is not looked for in older ones.
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
_KEPT = """
SELECT e.key, t.rows, e.terms::text, t.units, p.titles::text, p.headings::text, p.title_units,
    p.heading_units
FROM newsletter_searchentry e
LEFT JOIN newsletter_searchtext t ON t.entry_id = e.key
LEFT JOIN newsletter_search_places p ON p.key = e.key
WHERE e.key > %s ORDER BY e.key LIMIT %s
"""
# "+ 0", and the fence around it: no index but that of terms is of use. Any other way reads the
# arrays themselves, whose size the planner does not know. One row comes back, of arrays:
# thousands of rows would take longer to fetch than to find.
_FIND = """
WITH c AS MATERIALIZED (
    SELECT {kept} FROM {tables}
    WHERE {terms} @> %s::integer[] AND {key} + 0 >= %s AND {key} + 0 < %s {condition}
    ORDER BY {key} + 0 DESC LIMIT %s
)
SELECT {columns}, (SELECT count(*) FROM c), (SELECT min(c.key) FROM c)
FROM {joined} WHERE {readable} AND {holds}
"""
# By place: its terms; where a long phrase of plain characters is looked for, and where any other.
_TEXTS = "newsletter_searchtext u WHERE u.entry_id"
_PLACES_TEXTS = "newsletter_search_places u WHERE u.key"
_PLACES_OF = {
    "": ("e.terms", "rows", "units", _TEXTS),
    "title": ("p.titles", "title_units", "title_units", _PLACES_TEXTS),
    "heading": ("p.headings", "heading_units", "heading_units", _PLACES_TEXTS),
}
_ENTRY = "e.key, e.article_id, e.issue_id, e.section_id, e.source"
_HOLDS = " AND (SELECT strpos(u.{column}, %s) > 0 FROM {} = e.key)"


def create(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_searchentry ADD COLUMN terms integer[]")
        cursor.execute(_PLACES)
        cursor.execute("ALTER TABLE newsletter_searchtext ADD COLUMN units text")
        # Numbers do not shrink, and texts that are looked into must not be unpacked first.
        cursor.execute("ALTER TABLE newsletter_searchentry ALTER terms SET STORAGE EXTERNAL")
        for column in ("rows", "units"):
            cursor.execute(f"ALTER TABLE newsletter_searchtext ALTER {column} SET STORAGE EXTERNAL")
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
            terms, units, *places = _kept(rows)
            cursor.execute(_SET_TERMS, [terms, key])
            cursor.execute(_SET_UNITS, [units, key])
            cursor.execute(_SET_PLACES, [key, *places])


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


def differences() -> int:
    """What `add` would write is compared with what is there, a statement a batch."""
    last, wrong = -1, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_KEPT, [last, _BATCH])
            found = cursor.fetchall()
        if not found:
            return wrong
        for _, text, *kept in found:
            wrong += kept != _kept(read(text or ""))
        last = found[-1][0]


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


def _kept(rows: Sequence[Row]) -> list[str]:
    """The terms and the units of all rows, the terms of titles and headings, their units."""
    every = _runs_of(rows)
    titles = _runs_of(row for row in rows if row.is_title)
    better = _runs_of(row for row in rows if row.is_title or row.is_heading)
    # Plain characters are looked for in the rows themselves.
    worded = [run for run in every if not is_plain(run)]
    places = [_array(titles), _array(better), _units(titles), _units(better)]
    return [_array(every), _units(worded), *places]


def _runs_of(rows: Iterable[Row]) -> list[list[str]]:
    return [run for row in rows for run in runs(row.text)]


def _array(every: Iterable[Sequence[str]]) -> str:
    terms: set[str] = set()
    for run in every:
        terms.update(run, bigrams(run))
    return f"{{{','.join(map(str, sorted(map(number_of, terms))))}}}"


def _units(every: Iterable[Sequence[str]]) -> str:
    """A run a line, as units are written: a phrase stands in it as it stands in the text."""
    return "\n".join(map("".join, every))


def _search(
    place: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, limit: int
) -> tuple[list[list[Any]], bool]:
    """The columns of what is found, newest first, and whether there may be more.

    A phrase that the terms do not tell is looked for further and further back, until it is found
    often enough: one that stands in a single article is found, however many hold its pairs.
    """
    told = all(map(_is_told_by_terms, phrases))
    most = limit + 1 if told else _FIRST
    enough = limit + 1 if place else min(limit + 1, _OFTEN)
    found: list[list[Any]] = [[] for _ in columns]
    while True:
        more, looked_at, lowest = _find(place, columns, phrases, within, most)
        for column, values in zip(found, more, strict=True):
            column += values
        if told or looked_at < most or len(found[0]) >= enough:
            capped = len(found[0]) > limit or looked_at == most
            return [column[:limit] for column in found], capped
        within = replace(within, end=lowest)
        most *= 4


def _find(
    place: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, most: int
) -> tuple[list[list[Any]], int, int]:
    """The columns of what is found; how many were looked at, `most` of them, and the last key."""
    condition, values = within.conditions()
    long = [phrase for phrase in phrases if not _is_told_by_terms(phrase)]
    terms, plain, units, kept_in = _PLACES_OF[place]
    holds = "".join(
        _HOLDS.format(kept_in, column=plain if is_plain(phrase) else units) for phrase in long
    )
    # Entries are joined when few places are left, or when it is they that are asked about.
    entries = "newsletter_searchentry e"
    if place:
        tables = "newsletter_search_places p"
        tables += f" JOIN {entries} ON e.key = p.key" if condition else ""
        key, kept, joined = "p.key", "p.key", f"c JOIN {entries} ON e.key = c.key"
    else:
        tables, key, kept, joined = entries, "e.key", _ENTRY, "c e"
    statement = _FIND.format(
        kept=kept,
        tables=tables,
        terms=terms,
        key=key,
        condition=condition,
        columns=", ".join(f"array_agg(e.{column} ORDER BY e.key DESC)" for column in columns),
        joined=joined,
        readable=READABLE,
        holds=f"true{holds}",
    )
    with connection.cursor() as cursor:
        asked = [_terms_of(phrases), within.first, within.end, *values, most, *map("".join, long)]
        cursor.execute(statement, asked)
        *found, looked_at, lowest = cursor.fetchone()
    return [column or [] for column in found], looked_at, lowest or 0


def _terms_of(phrases: Sequence[Phrase]) -> list[int]:
    terms = (
        term for phrase in phrases for term in (bigrams(phrase) if len(phrase) > 1 else phrase)
    )
    return sorted(set(map(number_of, terms)))
