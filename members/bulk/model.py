"""A spreadsheet as it was read: rows of cells that still know what they were."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class SheetRefused(ValueError):
    """A file is not taken in; the message is a Chinese sentence: what it is, what to do."""


# Stands for a formula without a result wherever its cell is shown or written.
WITHOUT_RESULT = "（公式）"


class Kind(enum.Enum):
    TEXT = "text"
    NUMBER = "number"  # in decimal digits; with an exponent, the file has rounded some away
    DAY = "day"  # ISO 8601
    MONTH = "month"  # the first of a month that the sheet shows without its day
    BOOLEAN = "boolean"  # TRUE or FALSE
    FAULT = "fault"  # #N/A and its like, or a day that does not exist
    FORMULA = "formula"  # one without a stored result; the text is `WITHOUT_RESULT`


class Cell(NamedTuple):
    text: str
    kind: Kind = Kind.TEXT


class Row(NamedTuple):
    """One row that has anything in it.

    Args:
        number: as the spreadsheet shows it, from 1.
        cells: from column A on; None for an empty one. Ends with the last that is not.
    """

    number: int
    cells: tuple[Cell | None, ...]

    def cell(self, column: int) -> Cell | None:
        return self.cells[column] if column < len(self.cells) else None


class Merge(NamedTuple):
    """Cells joined into one: rows from 1 as shown, columns from 0; the last ones are included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Args:
        file: the file's name as it was sent.
        title: the sheet's name; "" for a CSV.
        rows: those with anything in them, in order.
        merges: what is merged, in a workbook; a CSV has none.
        others: names of the file's further sheets that were not read.
    """

    file: str
    title: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    others: tuple[str, ...] = ()


MAX_ROWS = 20_000
MAX_COLUMNS = 60
# Forms are often drawn down to the last row there is; nobody leaves so many empty between two.
MAX_EMPTY = 200


def too_many_rows() -> SheetRefused:
    return SheetRefused(
        f"表格超过 {MAX_ROWS:,} 行。请核对是否选错了文件，或者分成几个文件分别导入。"
    )


def too_many_columns(number: int) -> SheetRefused:
    return SheetRefused(
        f"第 {number} 行的内容超过 {MAX_COLUMNS} 列。请删去用不着的列，只留名单，再导入。"
    )


def a_bomb(why: str) -> SheetRefused:
    return SheetRefused(
        f"这个文件{why}，为稳妥起见没有读下去。"
        "请把名单复制到一个新的工作簿，另存为 .xlsx 后再导入。"
    )
