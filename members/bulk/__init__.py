"""A list of firms and people from a spreadsheet, and back. Nothing here asks the database.

The steps of a desk::

    sheet = read(upload, name=upload.name)             # SheetRefused: a sentence, and nothing else
    headings = find_headings(sheet).texts
    mapping = remembered(fingerprint(headings)) or map_columns(sheet)
    unknown(headings, mapping)                          # columns to ask about; so are `doubled`
    lines = understand(sheet, mapping)                  # each with its errors by field
    lines = understand(sheet, mapping, mended={(12, "phone"): "…"}, set_aside={15})
    write_rows(aside, [*FIELDS], format="xlsx")         # the rows set aside, as a file

Mended cells and lines set aside go in by number each time: what lines say against one another
is judged anew.
"""

from members.bulk.between import firm_key
from members.bulk.columns import (
    FIELDS,
    Headings,
    doubled,
    find_headings,
    fingerprint,
    heading,
    map_columns,
    recognise,
    unknown,
)
from members.bulk.rows import Line, understand
from members.bulk.sheet import MAX_BYTES, Sheet, SheetRefused, read
from members.bulk.writing import write_rows

__all__ = [
    "FIELDS",
    "MAX_BYTES",
    "Headings",
    "Line",
    "Sheet",
    "SheetRefused",
    "doubled",
    "find_headings",
    "fingerprint",
    "firm_key",
    "heading",
    "map_columns",
    "read",
    "recognise",
    "understand",
    "unknown",
    "write_rows",
]
