"""A list while it is open: what was uploaded, how its columns are understood, what was mended.

Nothing of it is in the members' tables before `acceptance.accept`; when it is closed, nothing of
it is left here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from members import audit, bulk
from members.bulk.model import Cell, Kind, Merge, Row
from members.listing import plan, portal
from members.models import HeadingMapping, ListImport, User

KEPT_FOR = dt.timedelta(days=7)
MOST_OPEN = 20
_CONTENT = ("sheet", "original")


class Closed(Exception):
    """The list was accepted, given up or forgotten meanwhile."""


@dataclasses.dataclass(frozen=True)
class Understood:
    """A list as it is understood now: the lines that are to go in, and those set aside."""

    headings: tuple[str, ...]
    lines: list[bulk.Line]
    aside: list[bulk.Line]


# Uploading ----------------------------------------------------------------------------------
def receive(
    file: IO[bytes], *, name: str, by: User, request: HttpRequest | None = None
) -> ListImport:
    """Keep an uploaded list.

    Raises:
        bulk.SheetRefused: it is no list; says what it is.
        ValidationError: too many are open already.
    """
    sheet = bulk.read(file, name=name)
    mapping = _first_mapping(sheet)
    original = b""
    if sheet.others:
        file.seek(0)
        original = file.read()
    with transaction.atomic():
        if ListImport.objects.filter(state=ListImport.State.OPEN).count() >= MOST_OPEN:
            raise ValidationError(
                f"已有 {MOST_OPEN} 份名单没有办完。请先导入或放弃其中几份，再上传。"
            )
        kept = ListImport.objects.create(
            uploaded_by=by,
            file_name=name.replace("\0", "")[:200],
            sheet=pack(sheet),
            original=original,
            sheet_title=sheet.title[:60],
            mapping=mapping,
        )
        audit.record("list.upload", by=by, subject=kept, request=request, rows=len(sheet.rows))
    return kept


def _first_mapping(sheet: bulk.Sheet) -> dict[str, str]:
    headings = bulk.find_headings(sheet).texts
    known = HeadingMapping.objects.filter(fingerprint=bulk.fingerprint(headings)).first()
    return dict(known.mapping) if known else bulk.map_columns(sheet)


def choose_sheet(
    kept: ListImport, title: str, *, by: User, request: HttpRequest | None = None
) -> None:
    """Take another sheet of the same workbook; what was mended in the first is dropped.

    Raises:
        bulk.SheetRefused: there is no such sheet, or nothing in it.
        Closed: the list is open no more.
    """
    import io

    sheet = bulk.read(io.BytesIO(bytes(kept.original)), name=kept.file_name, sheet=title)
    mapping = _first_mapping(sheet)
    with _changing(kept, by, request, "sheet") as row:
        row.sheet, row.sheet_title, row.mapping = pack(sheet), sheet.title[:60], mapping
        row.mended, row.set_aside, row.aside_saved = {}, {}, False
        row.save(update_fields=["sheet", "sheet_title"])


def pack(sheet: bulk.Sheet) -> bytes:
    """A sheet as compressed JSON."""
    rows = [
        [row.number, [cell and [cell.text, cell.kind.value] for cell in row.cells]]
        for row in sheet.rows
    ]
    content = [sheet.file, sheet.title, rows, sheet.merges, sheet.others]
    return zlib.compress(json.dumps(content).encode())


def unpack(packed: bytes) -> bulk.Sheet:
    file, title, rows, merges, others = json.loads(zlib.decompress(packed))
    kinds = {kind.value: kind for kind in Kind}
    return bulk.Sheet(
        file,
        title,
        tuple(
            Row(number, tuple(cell and Cell(cell[0], kinds[cell[1]]) for cell in cells))
            for number, cells in rows
        ),
        tuple(Merge(*merge) for merge in merges),
        tuple(others),
    )


# Understanding ------------------------------------------------------------------------------
def sheet_of(kept: ListImport) -> bulk.Sheet:
    return unpack(bytes(kept.sheet))


def understood(kept: ListImport) -> Understood:
    """Every line, with what was mended, and what was set aside apart."""
    sheet = sheet_of(kept)
    mended = {
        (int(number), field): text
        for number, fields in kept.mended.items()
        for field, text in fields.items()
    }
    aside = {int(number) for number in kept.set_aside}
    lines = bulk.understand(sheet, kept.mapping, mended=mended, set_aside=aside)
    set_aside = []
    if aside:
        others = {row.number for row in sheet.rows} - aside
        set_aside = [
            dataclasses.replace(line, errors={**kept.set_aside[str(line.number)], **line.errors})
            for line in bulk.understand(sheet, kept.mapping, mended=mended, set_aside=others)
        ]
    return Understood(bulk.find_headings(sheet, kept.mapping).texts, lines, set_aside)


def planned(found: Understood, known: portal.Portal, *, by: User) -> plan.Plan:
    """What it would do if this person accepted it now."""
    return plan.make(
        found.lines,
        known,
        today=timezone.localdate(),
        may_change_holders=by.has_perm("members.assign_roles"),
        aside=found.aside,
    )


# Changing -----------------------------------------------------------------------------------
def set_columns(
    kept: ListImport,
    mapping: Mapping[str, str],
    *,
    by: User,
    request: HttpRequest | None = None,
) -> None:
    """Say which heading is which field, and remember it for the next list with these headings.

    Args:
        mapping: by heading (as `bulk.heading` writes it) a key of `bulk.FIELDS`, or "".

    Raises:
        ValidationError: nothing says whom the lines are about.
        Closed: the list is open no more.
    """
    if not {"organization", "name"} & set(mapping.values()):
        raise ValidationError("请至少指明哪一列是单位名称，或哪一列是姓名。")
    headings = bulk.find_headings(sheet_of(kept), mapping).texts
    with _changing(kept, by, request, "mapping") as row:
        row.mapping = dict(mapping)
        HeadingMapping.objects.update_or_create(
            fingerprint=bulk.fingerprint(headings),
            defaults={"mapping": row.mapping, "changed_by": by, "changed_at": timezone.now()},
        )


def mend(
    kept: ListImport,
    cells: Mapping[tuple[int, str], str],
    *,
    by: User,
    request: HttpRequest | None = None,
) -> None:
    """Write texts in place of cells, by line number and field; "" empties one.

    Raises:
        Closed: the list is open no more.
    """
    with _changing(kept, by, request, "mended", lines=sorted({line for line, _ in cells})) as row:
        for (number, field), text in cells.items():
            row.mended.setdefault(str(number), {})[field] = text


def set_aside(
    kept: ListImport,
    errors: Mapping[int, Mapping[str, str]],
    *,
    by: User,
    request: HttpRequest | None = None,
) -> None:
    """Leave lines out, by number with the errors that they have.

    Raises:
        Closed: the list is open no more.
    """
    with _changing(kept, by, request, "set_aside", lines=sorted(errors)) as row:
        row.set_aside |= {str(number): dict(found) for number, found in errors.items()}
        row.aside_saved = False


def take_back(
    kept: ListImport,
    numbers: Collection[int],
    *,
    by: User,
    request: HttpRequest | None = None,
) -> None:
    """Lines that were set aside are to go in after all.

    Raises:
        Closed: the list is open no more.
    """
    with _changing(kept, by, request, "set_aside", lines=sorted(numbers)) as row:
        for number in numbers:
            row.set_aside.pop(str(number), None)
        row.aside_saved = False


def save_aside(kept: ListImport, *, by: User, request: HttpRequest | None = None) -> bytes:
    """The lines that were set aside as a file (XLSX), to be mended and imported another time.

    Raises:
        Closed: the list is open no more.
    """
    found = understood(kept).aside
    file = bulk.write_rows(found, [*bulk.FIELDS], format="xlsx")
    with transaction.atomic():
        row = lock(kept)
        if row.revision == kept.revision:
            row.aside_saved = True
            row.save(update_fields=["aside_saved"])
        audit.record("list.aside", by=by, subject=row, request=request, lines=len(found))
    return file


def abandon(
    kept: ListImport,
    *,
    by: User | audit.Actor,
    request: HttpRequest | None = None,
    because: str = "",
) -> None:
    """Give a list up: nothing goes in, and nothing of it is kept.

    Args:
        because: why, where it was not whoever gave it up that wanted to ("erasure").

    Raises:
        Closed: it is open no more.
    """
    with transaction.atomic():
        row = lock(kept)
        close(row, ListImport.State.ABANDONED, {})
        why: dict[str, Any] = {"because": because} if because else {}
        audit.record("list.abandon", by=by, subject=row, request=request, **why)


def forget(*, by: audit.Actor = audit.SYSTEM) -> int:
    """Close lists that nobody has touched for `KEPT_FOR`; how many there were."""
    due = ListImport.objects.filter(
        state=ListImport.State.OPEN, touched_at__lte=timezone.now() - KEPT_FOR
    )
    forgotten = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = due.select_for_update().defer(*_CONTENT).filter(pk=pk).first()
            if row is None:
                continue  # somebody came back to it
            close(row, ListImport.State.ABANDONED, {})
            audit.record("list.forget", by=by, subject=row)
            forgotten += 1
    return forgotten


def lock(kept: ListImport) -> ListImport:
    """Inside a transaction: the list as it is now, which nobody else changes meanwhile.

    Raises:
        Closed: it is open no more.
    """
    row = ListImport.objects.select_for_update().defer(*_CONTENT).get(pk=kept.pk)
    if row.state != ListImport.State.OPEN:
        raise Closed
    return row


def close(row: ListImport, state: ListImport.State, counts: dict[str, int]) -> None:
    """Inside a transaction, locked: the state, and nothing of the list itself."""
    ListImport.objects.filter(pk=row.pk).update(
        state=state,
        closed_at=timezone.now(),
        counts=counts,
        # A file or a sheet may be called after whom it is about.
        file_name=f"名单 {timezone.localdate(row.uploaded_at)}",
        sheet_title="",
        sheet=b"",
        original=b"",
        mapping={},
        mended={},
        set_aside={},
    )


@contextmanager
def _changing(
    kept: ListImport,
    by: User,
    request: HttpRequest | None,
    what: str,
    *,
    lines: Sequence[int] = (),
) -> Iterator[ListImport]:
    with transaction.atomic():
        row = lock(kept)
        yield row
        row.revision += 1
        row.touched_at = timezone.now()
        row.save(
            update_fields=[
                *("mapping", "mended", "set_aside", "aside_saved", "revision", "touched_at")
            ]
        )
        detail: dict[str, Any] = {"lines": list(lines[:100])} if lines else {}
        audit.record("list.change", by=by, subject=row, request=request, what=what, **detail)
