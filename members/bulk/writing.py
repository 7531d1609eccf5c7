"""Writing a list as a file that reads back the same: rows set aside, and the export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from members.bulk import phones
from members.bulk.columns import FIELDS, PROBLEM
from members.bulk.delimited import ESCAPED
from members.bulk.rows import Line

Format = Literal["xlsx", "csv"]

# A spreadsheet runs what begins so (OWASP, "CSV injection"), in full width too.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
# XML 1.0 has no character for these; spreadsheets read _x0041_ as A (ECMA-376, ST_Xstring).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS = {"organization": 32, "credit_code": 22, "email": 26, "remark": 30}
_WIDTH = 14


def write_rows(lines: Iterable[Line], fields: Sequence[str], *, format: Format) -> bytes:  # noqa: A002
    """A file of lines under our headings, every cell a text; `sheet.read` and
    `rows.understand` give the same values again.

    Args:
        lines: for an export `Line(number, values)` is enough. Where a field has an error, what
            stood in the cell is written; and if any line has one, a last column says which.
        fields: keys of `columns.FIELDS`, in the order of the columns.
        format: "xlsx", or "csv" in UTF-8 with its mark, in which a text that a spreadsheet would
            run has an apostrophe before it. To be opened in Excel give "xlsx": Excel turns a
            long code in a CSV into a number.
    """
    kept = list(lines)
    has_problems = any(line.errors for line in kept)
    table = [[FIELDS[name] for name in fields] + ([PROBLEM] if has_problems else [])]
    for line in kept:
        problem = " ".join(dict.fromkeys(line.errors.values()))
        table.append([_text(line, name) for name in fields] + ([problem] if has_problems else []))
    return _csv(table) if format == "csv" else _xlsx(table, fields)


def _text(line: Line, name: str) -> str:
    value = line.text(name)
    if not value and name in line.errors:
        return line.raw.get(name, "")
    return phones.as_written(value) if name == "phone" and value else value


def _csv(table: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    rows = ([_harmless(text) for text in row] for row in table)
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _harmless(text: str) -> str:
    # A text that has the apostrophe already gets one more, or it would lose its own.
    return f"'{text}" if _FORMULA.match(text) or ESCAPED.match(text) else text


def _xlsx(table: Sequence[Sequence[str]], fields: Sequence[str]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.freeze_panes = "A2"
    for column, name in enumerate([*fields, PROBLEM], start=1):
        width = _WIDTHS.get(name, 60 if name == PROBLEM else _WIDTH)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(table):
        cells: list[Cell | None] = []
        for text in row:
            if not text:
                cells.append(None)
                continue
            cell = WriteOnlyCell(sheet, "")
            cell.value = _ESCAPE_LIKE.sub("_x005F_", _NOT_XML.sub("", text))
            cell.data_type = "s"
            # As a text for whoever edits it too.
            cell.number_format = "@"
            if _FORMULA.match(text):
                cell.quotePrefix = True
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
