"""Which open lists name somebody who is being erased: accepted later, one would bring them back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from members import bulk
from members.known_as import KnownAs, dialled
from members.listing import keeping
from members.models import ListImport

# Not blank to `firm_key`, and in no cell: XML and the reading of CSV know none.
_END = "\0"
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_IN_NUMBERS = re.compile("[-().+‐‑‒–—·]")


def lock_open() -> None:
    """Inside a transaction: no list is accepted meanwhile; locks as `acceptance.accept` does."""
    rows = ListImport.objects.filter(state=ListImport.State.OPEN).order_by("pk")
    list(rows.select_for_update().values_list("pk", flat=True))


def lists_naming(known: KnownAs) -> list[ListImport]:
    """Open lists with number, phone or e-mail, or with the name where the firm is too.

    At most `keeping.MOST_OPEN` are open. Looked for in the text of whole sheets, whatever the
    columns are taken for: those may be changed later.
    """
    still = ListImport.objects.filter(state=ListImport.State.OPEN)
    # One at a time: each may hold a file of some megabytes.
    named = [
        pk
        for pk in still.order_by("pk").values_list("pk", flat=True)
        if (kept := still.filter(pk=pk).first()) and _names(kept, known)
    ]
    content = ("sheet", "original", "mapping", "mended", "set_aside")
    return list(still.filter(pk__in=named).select_related("uploaded_by").defer(*content))


def _names(kept: ListImport, known: KnownAs) -> bool:
    return any(_is_in(text, known) for text in _texts(kept))


def _texts(kept: ListImport) -> Iterator[str]:
    """The text of each sheet; what was written beside the first is with it."""
    sheet = keeping.sheet_of(kept)
    beside = [
        text
        for by_line in (kept.mended, kept.set_aside)
        for fields in by_line.values()
        for text in fields.values()
    ]
    yield _text(sheet, beside)
    for title in sheet.others if kept.original else ():
        file = io.BytesIO(bytes(kept.original))
        try:
            yield _text(bulk.read(file, name=kept.file_name, sheet=title), [])
        except bulk.SheetRefused:
            continue  # nobody can choose it either


def _text(sheet: bulk.Sheet, beside: list[str]) -> str:
    cells = [cell.text for row in sheet.rows for cell in row.cells if cell is not None]
    joined = _END.join([sheet.title, *cells, *beside])
    return _END + _UNSEEN.sub("", bulk.firm_key(joined)) + _END


def _is_in(text: str, known: KnownAs) -> bool:
    for number in map(bulk.firm_key, known.numbers):
        if re.search(rf"(?<![0-9a-z]){re.escape(number)}(?![0-9a-z])", text):
            return True
    if any(bulk.firm_key(email) in text for email in known.emails):
        return True
    digits = _IN_NUMBERS.sub("", text)
    if any(dialled(phone) in digits for phone in known.phones):
        return True
    if not known.firms or known.is_personal:
        is_theirs = True
    else:
        is_theirs = any(_cell(firm) in text for firm in known.firms)
    return is_theirs and any(_cell(name) in text for name in known.names)


def _cell(text: str) -> str:
    return f"{_END}{bulk.firm_key(text)}{_END}"
