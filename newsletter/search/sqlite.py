"""Terms on SQLite: FTS5 tables of bigrams, by recency.

A table holds no text ("contentless"): it would be twice as large as the text itself. To take an
entry out, FTS5 is told again what was put in. Three tables for three places, so that the better
places, which are few, need not be looked for among all.

A phrase of two units is one term, of more a row of terms side by side; one unit is a term too,
put behind all the bigrams, where it is side by side with none of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction

from newsletter.models import SearchText
from newsletter.search.engine import READABLE, Matches, Place, Within
from newsletter.search.rows import Row, read
from newsletter.search.segment import Phrase, bigrams, runs

ALL, HEADINGS, TITLES = (f"newsletter_search_{place}" for place in ("all", "heading", "title"))
TABLES = (ALL, HEADINGS, TITLES)
# Stands between runs; no unit is written so.
_GAP = "|"
_COLUMNS = "terms, content='', columnsize=0, tokenize=\"ascii tokenchars '_%&.|'\""
_INSERT = "INSERT INTO {table} (rowid, terms) VALUES (%s, %s)"
_DELETE = "INSERT INTO {table} ({table}, rowid, terms) VALUES ('delete', %s, %s)"
# FTS5 gives its rows by descending rowid as it goes: only so many are read. One row comes back,
# of arrays: thousands of rows would take longer to fetch than to find.
_FIND = """
SELECT {columns} FROM (
    SELECT e.key, e.section_id, e.source
    FROM {table} t CROSS JOIN newsletter_searchentry e ON e.key = t.rowid
    WHERE {table} MATCH %s AND t.rowid >= %s AND t.rowid < %s {condition} AND {readable}
    ORDER BY t.rowid DESC LIMIT %s
)"""
# While the tables are made anew.
_NEW = "_new"
_BATCH = 50
_BUILT = "newsletter_search_built"
_NOTE_BUILT = f"INSERT INTO temp.{_BUILT} VALUES (%s, %s)"  # noqa: S608  # nosec
# Taken out since it was built, or other than it was; put in since, or other.
_STALE = f"""
SELECT b.key, b.rows FROM temp.{_BUILT} b
LEFT JOIN newsletter_searchtext t ON t.entry_id = b.key WHERE t.rows IS NOT b.rows
"""  # noqa: S608  # nosec
_MISSED = f"""
SELECT t.entry_id, t.rows FROM newsletter_searchtext t
LEFT JOIN temp.{_BUILT} b ON t.entry_id = b.key WHERE t.rows IS NOT b.rows
"""  # noqa: S608  # nosec

# What a table really holds, term by term; of a term FTS5 keeps no more than 32,768 bytes.
_INSTANCES = "newsletter_search_instances"
_LONGEST = 8_000  # characters, of four bytes at most
_HELD = f'SELECT substr(term, 1, {_LONGEST}), doc, "offset" FROM temp.{_INSTANCES}'  # noqa: S608  # nosec


def create(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE VIRTUAL TABLE {table} USING fts5({_COLUMNS})")


def drop(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def add(entries: Mapping[int, Sequence[Row]]) -> None:
    _write(_INSERT, entries)


def remove(entries: Mapping[int, Sequence[Row]]) -> None:
    _write(_DELETE, entries)


def find(phrases: Sequence[Phrase], within: Within, limit: int) -> Matches:
    columns = ("key", "section_id", "source")
    found = _find(ALL, columns, phrases, within, limit + 1)
    keys, sections, sources = (column[:limit] for column in found)
    return Matches(keys, sections, sources, capped=len(found[0]) > limit)


def better(place: Place, phrases: Sequence[Phrase], within: Within, limit: int) -> list[int]:
    table = TITLES if place is Place.TITLE else HEADINGS
    (keys,) = _find(table, ("key",), phrases, within, limit)
    return keys


def rebuild(told: Callable[[int], None]) -> None:
    """Fill tables beside the old ones, a few entries at a time, and put them in their place.

    What was put in is noted in a temporary table, so that in the end, with nobody writing, what
    has changed since can be put right.
    """
    with connection.cursor() as cursor:
        _drop_new(cursor)
        for table in TABLES:
            cursor.execute(f"CREATE VIRTUAL TABLE {table}{_NEW} USING fts5({_COLUMNS})")
        cursor.execute(f"CREATE TEMP TABLE {_BUILT} (key INTEGER PRIMARY KEY, rows TEXT)")
    try:
        _fill_new(told)
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, differing in ((_DELETE, _STALE), (_INSERT, _MISSED)):
                cursor.execute(differing)
                _write(statement, {key: read(text) for key, text in cursor.fetchall()}, _NEW)
            for table in TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
                cursor.execute(f"ALTER TABLE {table}{_NEW} RENAME TO {table}")
    finally:
        with connection.cursor() as cursor:
            _drop_new(cursor)


def differences() -> int:
    """All terms of all entries are compared, by a sum for each entry: that is all it remembers.

    Tables that cannot be read to their end leave no entry that can be told right.
    """
    with connection.cursor() as cursor:
        # Unlike `atomic`, one that begins here only reads: others go on writing, unseen.
        cursor.execute(f"SAVEPOINT {_INSTANCES}")
        try:
            sums = _expected_sums()
            every = len(sums)
            try:
                for table in TABLES:
                    _take_off_held(table, sums)
            except DatabaseError:
                return max(every, 1)
        finally:
            cursor.execute(f"RELEASE {_INSTANCES}")
            cursor.execute(f"DROP TABLE IF EXISTS temp.{_INSTANCES}")
    return sum(map(bool, sums.values()))


def _expected_sums() -> dict[int, int]:
    """For each entry a number made of what its text gives: each term, its table and its place."""
    sums: dict[int, int] = {}
    last = -1
    while texts := list(
        SearchText.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "rows")[:_BATCH]
    ):
        for key, text in texts:
            sums[key] = sum(
                hash((table, term[:_LONGEST], at))
                for table, found in _by_table(read(text))
                for at, term in enumerate(terms(found).split())
            )
        last = texts[-1][0]
    return sums


def _take_off_held(table: str, sums: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS temp.{_INSTANCES}")
        cursor.execute(
            f"CREATE VIRTUAL TABLE temp.{_INSTANCES} USING fts5vocab(main, {table}, instance)"
        )
        cursor.execute(_HELD)
        for term, key, at in cursor:
            sums[key] = sums.get(key, 0) - hash((table, term, at))


def _by_table(rows: Sequence[Row]) -> Iterable[tuple[str, Sequence[Row]]]:
    titles = [row for row in rows if row.is_title]
    better = [row for row in rows if row.is_title or row.is_heading]
    return zip(TABLES, (rows, better, titles), strict=True)


def terms(rows: Iterable[Row]) -> str:
    """What FTS5 is given to index."""
    units: set[str] = set()
    words: list[str] = []
    for row in rows:
        for run in runs(row.text):
            units.update(run)
            words += bigrams(run)
            words.append(_GAP)
    return " ".join(words + sorted(units))


def _terms_of(phrase: Phrase) -> Sequence[str]:
    return bigrams(phrase) if len(phrase) > 1 else phrase


def _find(
    table: str, columns: Sequence[str], phrases: Sequence[Phrase], within: Within, limit: int
) -> list[list[Any]]:
    """The columns of what is found, newest first."""
    match = " AND ".join(f'"{" ".join(_terms_of(phrase))}"' for phrase in phrases)
    condition, values = within.conditions()
    wanted = ", ".join(f"json_group_array({column})" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND.format(table=table, columns=wanted, condition=condition, readable=READABLE),
            [match, within.first, within.end, *values, limit],
        )
        return [json.loads(column) for column in cursor.fetchone()]


def _write(statement: str, entries: Mapping[int, Sequence[Row]], suffix: str = "") -> None:
    with connection.cursor() as cursor:
        for key, rows in entries.items():
            for table, found in _by_table(rows):
                cursor.execute(statement.format(table=table + suffix), [key, terms(found)])


def _fill_new(told: Callable[[int], None]) -> None:
    last, done = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            found = SearchText.objects.filter(pk__gt=last).order_by("pk")[:_BATCH]
            texts = dict(found.values_list("pk", "rows"))
            if not texts:
                return
            _write(_INSERT, {key: read(text) for key, text in texts.items()}, _NEW)
            cursor.executemany(_NOTE_BUILT, list(texts.items()))
        last = max(texts)
        done += len(texts)
        told(done)
        time.sleep(0.1)  # others have their turn to write


def _drop_new(cursor: Any) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS temp.{_BUILT}")
    for table in TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS {table}{_NEW}")
