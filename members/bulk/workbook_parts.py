"""The parts of a workbook that matter here, each as a handler of its XML (ECMA-376, part 1, 18)."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax import SAXException  # nosec B406
from xml.sax.handler import ContentHandler  # nosec B406
from xml.sax.xmlreader import AttributesImpl  # nosec B406

from members.bulk.delimited import MAX_CHARACTERS
from members.bulk.model import (
    MAX_COLUMNS,
    MAX_EMPTY,
    MAX_ROWS,
    WITHOUT_RESULT,
    Cell,
    Kind,
    Row,
    a_bomb,
    too_many_columns,
    too_many_rows,
)

MAX_STRINGS = MAX_ROWS * MAX_COLUMNS
MAX_CELLS = 2_000_000  # of a sheet, empty ones too
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_COLUMN = re.compile("[A-Z]{1,3}")
_NUMBER = re.compile(r"[-+]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[Ee][-+]?[0-9]{1,9})?")
_NOT_A_LETTER = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
# Formats that a file names by number alone (18.8.30), as a Chinese spreadsheet shows them.
_DAYS = frozenset({14, 15, 16, 22, 28, 29, 30, 31, 51, 53, 54, 58})
_MONTHS = frozenset({17, 27, 36, 50, 52, 57})
# The largest number of digits that a double holds exactly.
MAX_DIGITS = 15


class Part(ContentHandler):
    """A handler that says when it has all it wants. Names come with or without a prefix."""

    done = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        self.begin(name.rpartition(":")[2], attrs)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.end(name.rpartition(":")[2])

    def begin(self, name: str, attributes: AttributesImpl) -> None: ...

    def end(self, name: str) -> None: ...


class Relations(Part):
    """What else a part refers to inside the file, by id; links to the outside do not count."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        if name == "Relationship" and attributes.get("TargetMode", "") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = kind, attributes.get("Target", "")


@dataclass(frozen=True)
class NamedSheet:
    title: str
    relation: str
    hidden: bool


class Book(Part):
    """Which sheets there are, and from which day dates are counted (18.2.28)."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[NamedSheet] = []
        self.from_1904 = False

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in ("1", "true", "on")
        elif name == "sheet":
            number = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(NamedSheet(attributes.get("name", ""), number, hidden))


class Styles(Part):
    """Which styles show a number as a day or as a month (18.8)."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._inside = False

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        if name == "numFmt":
            self._formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._styles.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def kinds(self) -> list[Kind]:
        """For each style, what a number in it is."""
        return [self._kind(number) for number in self._styles]

    def _kind(self, number: int) -> Kind:
        code = self._formats.get(number)
        if code is None:
            if number in _MONTHS:
                return Kind.MONTH
            return Kind.DAY if number in _DAYS else Kind.NUMBER
        letters = _NOT_A_LETTER.sub("", code.split(";")[0]).lower()
        if letters == "general":
            return Kind.NUMBER
        if "d" in letters or "y" in letters:
            return Kind.DAY if "d" in letters or "m" not in letters else Kind.MONTH
        return Kind.NUMBER


class Strings(Part):
    """The texts that cells refer to by number (18.4), without the readings over them."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Cell | None] = []
        self._pieces: list[str] = []
        self._in_text = self._in_reading = False

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._in_text = not self._in_reading

    def characters(self, content: str) -> None:
        if self._in_text:
            self._pieces.append(content)

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "si":
            self.cells.append(text_cell("".join(self._pieces)))
            if len(self.cells) > MAX_STRINGS:
                raise too_many_rows()


class Rows(Part):
    """The rows of a sheet that have anything in them (18.3.1.73, 18.3.1.4)."""

    def __init__(
        self, strings: Sequence[Cell | None], kinds: Sequence[Kind], *, from_1904: bool
    ) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._strings, self._kinds, self._from_1904 = strings, kinds, from_1904
        self._number = self._empty = self._seen = 0
        self._column = -1
        self._cells: list[Cell | None] = []
        self._type = self._style = ""
        self._pieces: list[str] = []
        self._listening = self._in_reading = self._is_formula = self._has_value = False

    def begin(self, name: str, attributes: AttributesImpl) -> None:
        if name == "c":
            self._seen += 1
            if self._seen > MAX_CELLS:
                raise a_bomb("里面的单元格多得不像一份名单")
            place = attributes.get("r", "")
            letters = _COLUMN.match(place)
            self._column = column_of(letters[0]) if letters else self._column + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._pieces = []
            self._is_formula = self._has_value = False
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "v":
            self._listening = self._has_value = True
        elif name == "t":
            self._listening = not self._in_reading and self._type == "inlineStr"
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._in_reading = True

    def characters(self, content: str) -> None:
        if self._listening:
            self._pieces.append(content)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._listening = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "sheetData":
            self.done = True

    def _begin_row(self, written: str) -> None:
        number = int(written) if written else self._number + 1
        if number <= self._number:
            raise ValueError("rows stand in no order")
        self._empty += max(0, number - self._number - 1)
        if self._empty >= MAX_EMPTY:
            self.done = True
        self._number, self._column, self._cells = number, -1, []

    def _end_cell(self) -> None:
        # A sheet on which reading has ended may go on for the rest of a piece.
        cell = None if self.done else self._cell("".join(self._pieces))
        if cell is None:
            return
        if self._column >= MAX_COLUMNS:
            raise too_many_columns(self._number)
        self._cells.extend([None] * (self._column - len(self._cells)))
        self._cells[self._column :] = [cell]

    def _end_row(self) -> None:
        if self.done:
            return
        if self._cells:
            self._empty = 0
            self.rows.append(Row(self._number, tuple(self._cells)))
            if len(self.rows) > MAX_ROWS:
                raise too_many_rows()
        else:
            self._empty += 1
            self.done = self._empty >= MAX_EMPTY

    def _cell(self, value: str) -> Cell | None:
        if self._is_formula and not value and not (self._type == "str" and self._has_value):
            return Cell(WITHOUT_RESULT, Kind.FORMULA)
        if not value:
            return None
        if self._type == "s":
            return self._strings[int(value)]
        if self._type in ("str", "inlineStr"):
            return text_cell(value)
        if self._type == "b":
            return Cell("TRUE" if value.strip() in ("1", "true") else "FALSE", Kind.BOOLEAN)
        if self._type == "d":
            return Cell(value.strip()[:10], Kind.DAY)
        if self._type == "e":
            return Cell(value, Kind.FAULT)
        style = int(self._style)
        kind = self._kinds[style] if style < len(self._kinds) else Kind.NUMBER
        return number_cell(value.strip(), kind, from_1904=self._from_1904)


def column_of(letters: str) -> int:
    """A column's place from 0: A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def text_cell(stored: str) -> Cell | None:
    """A text, its escapes (22.4.2.4) undone; None for one of nothing but blanks."""
    if len(stored) > MAX_CHARACTERS * 7:
        raise SAXException("a text longer than a cell holds")
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored) if "_x" in stored else stored
    return Cell(text) if text.strip() else None


def number_cell(stored: str, kind: Kind, *, from_1904: bool) -> Cell:
    """A number as what its style shows: digits without exponent, or a day."""
    number = Decimal(stored) if _NUMBER.fullmatch(stored) else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return Cell(stored[:100], Kind.FAULT)
    if kind in (Kind.DAY, Kind.MONTH):
        day = _day(math.floor(number), from_1904=from_1904)
        if day is None:
            return Cell(stored[:100], Kind.FAULT)
        return Cell(day.isoformat(), kind if day.day == 1 else Kind.DAY)
    if number.adjusted() >= MAX_DIGITS:
        # Written out, it would look like a code that somebody typed.
        return Cell(f"{number:.{MAX_DIGITS - 1}E}", Kind.NUMBER)
    if number == number.to_integral_value():
        return Cell(f"{number:.0f}", Kind.NUMBER)
    # As a spreadsheet shows it, not to the last bit.
    return Cell(f"{Decimal(repr(float(stored))):f}", Kind.NUMBER)


def _day(serial: int, *, from_1904: bool) -> dt.date | None:
    """18.17.4.1: day 60 of the 1900 system is 29 February 1900, which never was."""
    if from_1904:
        start = dt.date(1904, 1, 1)
    else:
        if serial < 1 or serial == 60:
            return None
        start = dt.date(1899, 12, 31) if serial < 60 else dt.date(1899, 12, 30)
    try:
        return start + dt.timedelta(days=serial)
    except OverflowError:
        return None
