"""A table as a file to calculate with: CSV for programs, XLSX for people."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from newsletter import citation
from newsletter.models import Article
from newsletter.tables import Cell, Table

# Minus signs as Chinese texts have them, and full-width forms.
_PLAIN = str.maketrans("−–－＋，．％０１２３４５６７８９", "---+,.%0123456789")
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
    r"(?:\.(?P<fraction>[0-9]+))?(?P<percent> ?%)?"
)
# What a double holds exactly (IEEE 754); longer ones are codes, and codes lose no digit.
_MAX_DIGITS = 15
# A spreadsheet runs what begins so (OWASP, "CSV injection"); dashes alone stand for no value.
_FORMULA = re.compile(r"(?![-–—－]+$)[=+\-@\t\r\n＝＋－＠]")
_NO_VALUE = re.compile("[-–—－…]+")
# XML 1.0 has no character for these; spreadsheets read _x0041_ as A (ECMA-376, ST_Xstring).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")

# Widths are in characters of the standard font: a Chinese one takes two.
_NARROWEST, _WIDEST, _PORTRAIT = 8, 42, 96
_HIGHEST = 409  # points: no row of Excel is higher
_LINE_HEIGHT = 16.5  # points, at 11 points
_MOST_IN_A_CELL = 32_767
_FACE = "宋体"
_TITLE = Font(name=_FACE, size=14, bold=True)
_HEAD = Font(name=_FACE, size=11, bold=True)
_TEXT = Font(name=_FACE, size=11)
_SMALL = Font(name=_FACE, size=10)
_RULE, _HAIR = Side(style="medium"), Side(style="hair")


@dataclass(frozen=True)
class Number:
    """A value with how it was printed, as a spreadsheet's number format."""

    value: Decimal
    format: str
    plain: str


def number_of(text: str) -> Number | None:
    """The number that a cell's text is, or None when it is a text.

    A text stays what is no plain decimal number: a dash for none, a code with leading zeros or
    of more than 15 digits, a number with a unit or a note's mark.
    """
    plain = text.translate(_PLAIN)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    sign, whole, fraction = found["sign"], found["whole"].replace(",", ""), found["fraction"] or ""
    value = Decimal(f"{sign}{whole}.{fraction or 0}")
    # −0.0 says that something fell, if by next to nothing: a number cannot.
    if len(whole) + len(fraction) > _MAX_DIGITS or (sign and not value):
        return None
    shape = "#,##0" if "," in found["whole"] else "0"
    shape += f".{'0' * len(fraction)}" if fraction else ""
    if found["percent"]:
        shape += "%"
    if sign == "+":
        shape = f"+{shape};-{shape}"
    return Number(
        value=value / 100 if found["percent"] else value,
        format=shape,
        plain=f"{sign}{whole}{f'.{fraction}' if fraction else ''}{'%' if found['percent'] else ''}",
    )


def as_csv(table: Table) -> bytes:
    """The cells and nothing else (RFC 4180, UTF-8 with the mark by which Excel knows it).

    A merged cell's text stands in its first cell. Numbers are written plainly (-1234.5, 9.4%);
    a text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    rows = [[""] * table.width for _ in range(table.height)]
    for cell in table.cells:
        number = _number_in(cell)
        rows[cell.row][cell.column] = number.plain if number else _harmless(cell.text)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def as_xlsx(table: Table, article: Article) -> bytes:
    """A workbook of one sheet: caption, the table with its merged cells, notes, source.

    Args:
        table: what `newsletter.tables.table_of` read.
        article: where it stands, its issue with it: for the line that says so.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    name = _NOT_IN_SHEET_NAMES.sub(" ", _storable(table.name)).strip()
    sheet.title = name[:31] or "表格"
    book.properties.creator = article.issue.periodical
    book.properties.title = _storable(table.caption or article.title)
    book.properties.language = "zh-CN"
    widths = _column_widths(table)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    across = sum(widths)
    _full_row(sheet, 1, table.caption or article.title, _TITLE, table.width, across)
    for cell in table.cells:
        _fill(sheet, table, cell)
    row = table.height + 2
    for note in table.notes:
        _full_row(sheet, row, note, _SMALL, table.width, across)
        row += 1
    _full_row(sheet, row, f"来源：{citation.of(article)}", _SMALL, table.width, across)
    _set_up_print(sheet, table, landscape=across > _PORTRAIT)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number_in(cell: Cell) -> Number | None:
    # A head names its row or column, also where its name is a year.
    return None if cell.is_head else number_of(cell.text)


def _harmless(text: str) -> str:
    is_number = _NUMBER.fullmatch(text.translate(_PLAIN))
    return f"'{text}" if _FORMULA.match(text) and not is_number else text


def _fill(sheet: Worksheet, table: Table, cell: Cell) -> None:
    # The caption has the first row.
    row, column = cell.row + 2, cell.column + 1
    last_row, last_column = row + cell.rows - 1, column + cell.columns - 1
    in_head = cell.row < table.head_rows
    target = sheet.cell(row, column)
    assert isinstance(target, SheetCell)
    number = _number_in(cell)
    if number:
        target.value = number.value
        target.number_format = number.format
    elif cell.text:
        _write_text(target, cell.text)
    target.font = _HEAD if in_head else _TEXT
    at_right = number is not None or _NO_VALUE.fullmatch(cell.text)
    target.alignment = Alignment(
        horizontal="center" if in_head else ("right" if at_right else "left"),
        vertical="center",
        wrap_text=True,
        indent=0 if in_head else 1,
    )
    target.border = Border(
        top=_RULE if cell.row == 0 else None,
        bottom=_RULE if cell.row + cell.rows in (table.head_rows, table.height) else _HAIR,
    )
    if cell.rows > 1 or cell.columns > 1:
        sheet.merge_cells(
            start_row=row, end_row=last_row, start_column=column, end_column=last_column
        )


def _full_row(
    sheet: Worksheet, row: int, text: str, font: Font, columns: int, across: float
) -> None:
    """A line of text over the whole width; a merged cell does not grow by itself."""
    target = sheet.cell(row, 1)
    assert isinstance(target, SheetCell)
    _write_text(target, text)
    target.font = font
    target.alignment = Alignment(vertical="center", wrap_text=True)
    scale = (font.size or 11) / 11
    lines = sum(-(-_measure(line) * scale // across) or 1 for line in text.split("\n"))
    sheet.row_dimensions[row].height = min(lines * _LINE_HEIGHT * scale + 3, _HIGHEST)
    if columns > 1:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)


def _write_text(target: SheetCell, text: str) -> None:
    """A text that stays one: never a formula, not even after somebody edits the cell."""
    stored = _storable(text)
    if len(stored) > _MOST_IN_A_CELL:
        stored = f"{stored[: _MOST_IN_A_CELL - 20]}……（全文见CSV）"
    target.value = stored
    target.data_type = "s"
    if _FORMULA.match(text):
        target.quotePrefix = True


def _storable(text: str) -> str:
    return _ESCAPE_LIKE.sub("_x005F_", _NOT_XML.sub("", text))


def _measure(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(found) in "WFA" else 1 for found in text)


def _column_widths(table: Table) -> list[float]:
    """Wide enough for the longest line, within bounds; merged cells take what there is."""
    widths = [_NARROWEST] * table.width
    for cell in table.cells:
        if cell.columns == 1:
            longest = max(map(_measure, cell.text.split("\n")))
            widths[cell.column] = max(widths[cell.column], min(longest + 4, _WIDEST))
    return [float(width) for width in widths]


def _set_up_print(sheet: Worksheet, table: Table, *, landscape: bool) -> None:
    """A4, as wide as the paper, as long as it takes, the heads on every page."""
    if table.head_rows:
        sheet.freeze_panes = f"A{table.head_rows + 2}"
        sheet.print_title_rows = f"2:{table.head_rows + 1}"
    sheet.page_setup.paperSize = 9  # A4 (ECMA-376, 18.3.1.63)
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "第&P页，共&N页"
