"""Rows as lines of a list of firms and people: each field understood, each error in its place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from members.bulk import between, cells
from members.bulk.columns import (
    OF_A_FIRM,
    OF_A_PERSON,
    PROBLEM,
    Headings,
    find_headings,
    heading,
)
from members.bulk.model import Cell, Row, Sheet

_DITTO = frozenset({"同上", "〃", "″", '"', "''", "”", "“", "々", "上同"})
_SUM = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计)([:：]|\s|\d|$)")
_SIGNED = re.compile(r"(制表|填表|填报|审核|审批|注|说明)[\u4e00-\u9fff]{0,3}[:：]")
_IS_FOOT = "这一行像是表尾的合计或说明，不是名单。请把它搁置。"


@dataclass(frozen=True)
class Line:
    """One line of the list: a firm, a person of a firm, or a personal member.

    Args:
        number: the row as the spreadsheet shows it.
        values: by field, for every mapped field; "" for nothing and for an error.
            `organization`, `region`, `industry`, `name`, `remark`: tidy text; an organization
            of 个人会员 is no firm. `credit_code`: 18 characters, checked. `size`: a
            `members.models.organization.Size`. `seats`: a whole number from 1. `starts`,
            `ends`: ISO 8601, both days included. `phone`: E.164. `email`: in lower case.
            `member_number`: as written. `is_contact`: 是, 否 or "" for not said. `remark` is
            there for other phones and addresses too, mapped or not, as is a field that was
            mended.
        errors: by field, a Chinese sentence each, without the line's own number.
        raw: by field, what stood in the cell or cells (after what was carried): for the form in
            which an error is mended.
        carried: fields of the firm taken from a row above (merged cells, 同上, the firm written
            only once): to be shown as such.
    """

    number: int
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    carried: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def is_personal(self) -> bool:
        """A member without a firm: the sheet says so, or has no column for firms."""
        return self.text("organization") in ("", cells.PERSONAL)

    @property
    def has_person(self) -> bool:
        return any(
            self.text(name) or name in self.errors for name in ("name", "phone", "email")
        ) or bool(self.text("member_number"))

    @property
    def is_contact(self) -> bool:
        return self.text("is_contact") == cells.YES

    @property
    def seats(self) -> int | None:
        return int(self.text("seats")) if self.text("seats") else None

    @property
    def starts(self) -> dt.date | None:
        """The first day of the membership."""
        return _day(self.text("starts"))

    @property
    def ends(self) -> dt.date | None:
        """The last day of the membership, included."""
        return _day(self.text("ends"))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def understand(
    sheet: Sheet,
    mapping: Mapping[str, str],
    *,
    mended: Mapping[tuple[int, str], str] | None = None,
    set_aside: Collection[int] = (),
) -> list[Line]:
    """Every line below the headings.

    Rows without anything in a mapped column, and headings repeated on a later page, are no lines.
    Where a firm is written only in the first of its rows the rows below carry it: by merged cells
    where the sheet has any in that column, else where no two rows on end name the same firm, and
    never over an empty row.

    Args:
        sheet: as read.
        mapping: from `columns.map_columns`, or as staff set it.
        mended: by line number and field, what staff wrote on the page in place of the cell.
        set_aside: numbers of lines that are left out: nothing is held against others for them.

    Returns:
        In the sheet's order. The list may go in when no line has an error.

    Raises:
        SheetRefused: the sheet has no headings.
    """
    headings = find_headings(sheet, mapping)
    columns = [mapping.get(heading(text), "") for text in headings.texts]
    lines = [
        _line(number, found, carried, columns, foot=foot)
        for number, found, carried, foot in _carried(sheet, headings, columns, mended or {})
        if number not in set_aside
    ]
    wrong = between.errors_of(lines)
    return [
        dataclasses.replace(line, errors={**wrong[line.number], **line.errors})
        if line.number in wrong
        else line
        for line in lines
    ]


_Cells = dict[str, list[Cell]]


def _carried(
    sheet: Sheet,
    headings: Headings,
    columns: Sequence[str],
    mended: Mapping[tuple[int, str], str],
) -> Iterator[tuple[int, _Cells, frozenset[str], bool]]:
    """Each row that is a line: its cells by field, with those carried down from above; last,
    whether it looks like the foot of the list."""
    rows = [row for row in sheet.rows if row.number > headings.last_row]
    merged = _merged(sheet, rows, columns)
    written = [_by_field(row, columns).get("organization") for row in rows]
    # Who writes the firm into every row has forgotten it where it is missing.
    in_every_row = any(one and one == two for one, two in itertools.pairwise(written))
    has_merged_firms = any(name == "organization" for _, name in merged)
    # Rows that were set aside no longer stand below those that they stood below.
    is_aside = any(heading(text) == PROBLEM for text in headings.texts)
    carries = "organization" in columns and not (has_merged_firms or in_every_row or is_aside)
    earlier: dict[int, _Cells] = {}
    mended_in: dict[int, dict[str, str]] = {}
    for (number, name), text in mended.items():
        mended_in.setdefault(number, {})[name] = text
    for row in rows:
        found = _by_field(row, columns)
        if not found or _repeats(row, headings):
            continue
        fixed = mended_in.get(row.number, {})
        found = {name: given for name, given in found.items() if name not in fixed}
        found |= {name: [Cell(text)] for name, text in fixed.items() if text.strip()}
        above = {} if is_aside else earlier.get(row.number - 1, {})
        has_person = any(name in found for name in OF_A_PERSON)
        firm_missing = not {"organization", "credit_code"} & found.keys()
        carried = set()
        for name in (name for name in OF_A_FIRM if name not in fixed):
            source = earlier.get(merged.get((row.number, name), 0), {})
            if name in found:
                source = above if _texts(found[name]) in _DITTO else {}
            elif not source and carries and firm_missing and has_person:
                source = above
            if name in source:
                found[name] = source[name]
                carried.add(name)
        earlier[row.number] = found
        # Who writes a firm or a name into it has seen it, and knows better.
        is_foot = not {"organization", "name"} & fixed.keys() and _is_foot(row, columns, found)
        yield row.number, found, frozenset(carried), is_foot


def _is_foot(row: Row, columns: Sequence[str], found: _Cells) -> bool:
    """A sum or a signature in any cell, taken or not, but the remarks.

    Words such as 「说明：」 stand in a column that is not taken too: they make no foot of a row
    that says how to reach somebody.
    """
    texts = [
        cells.tidy(cell.text)
        for name, cell in itertools.zip_longest(columns, row.cells, fillvalue=None)
        if isinstance(cell, Cell) and name != "remark"
    ]
    if any(map(_SUM.match, texts)):
        return True
    is_reached = {"credit_code", "phone", "email", "member_number"} & found.keys()
    return not is_reached and any(map(_SIGNED.match, texts))


def _by_field(row: Row, columns: Sequence[str]) -> _Cells:
    found: _Cells = {}
    for name, cell in zip(columns, row.cells, strict=False):
        if name and cell and cells.tidy(cell.text):
            found.setdefault(name, []).append(cell)
    return found


def _merged(
    sheet: Sheet, rows: Sequence[Row], columns: Sequence[str]
) -> dict[tuple[int, str], int]:
    """Where columns of the firm are merged: for each lower row and field, the uppermost row."""
    numbers = [row.number for row in rows]
    covered: dict[int, int] = {}  # by column, the last row that is known to be merged
    found: dict[tuple[int, str], int] = {}
    for merge in sorted(sheet.merges):
        column = merge.first_column
        if column >= len(columns) or columns[column] not in OF_A_FIRM:
            continue
        # Merged cells never overlap (ECMA-376, part 1, 18.3.1.55), whatever a file claims.
        if merge.first_row <= covered.get(column, 0):
            continue
        covered[column] = merge.last_row
        lower = bisect_right(numbers, merge.first_row), bisect_right(numbers, merge.last_row)
        for number in numbers[slice(*lower)]:
            found[number, columns[column]] = merge.first_row
    return found


def _repeats(row: Row, headings: Headings) -> bool:
    texts = [cell.text for cell in row.cells if cell and cell.text]
    wanted = [text for text in headings.texts if text]
    return len(texts) == len(wanted) and all(
        heading(text) == heading(other) for text, other in zip(texts, wanted, strict=True)
    )


def _texts(found: Sequence[Cell]) -> str:
    return "\n".join(cells.tidy(cell.text) for cell in found)


def _line(
    number: int,
    found: _Cells,
    carried: frozenset[str],
    columns: Sequence[str],
    *,
    foot: bool,
) -> Line:
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    raw: dict[str, str] = {}
    asides: list[str] = []
    # A cell may be mended for which there is no column.
    for name in dict.fromkeys([*filter(None, columns), *found]):
        given = found.get(name, [])
        between_two = "\n" if name in ("phone", "email", "remark") else cells.DIFFERS
        raw[name] = between_two.join(dict.fromkeys(cell.text for cell in given))
        values[name], error, aside = _value(name, given)
        if error:
            errors[name] = error
        if aside:
            asides.append(aside)
    if asides:
        # A file that was written here has them already.
        known = values.get("remark", "")
        more = [aside for aside in asides if aside not in known]
        values["remark"] = "；".join(filter(None, [known, *more]))
    line = Line(number, values, errors, raw, carried)
    errors = _missing(line) | errors
    if foot and _IS_FOOT not in errors.values():
        errors["organization" if "organization" in columns else "name"] = _IS_FOOT
    return dataclasses.replace(line, errors=errors)


def _value(name: str, given: Sequence[Cell]) -> tuple[str, str, str]:
    """The value, the error and what goes aside, of a field's one cell or of several."""
    read = [cells.understand(name, cell) for cell in given]
    error = next((found.error for found in read if found.error), "")
    texts = list(dict.fromkeys(found.value for found in read if found.value))
    asides = list(dict.fromkeys(found.aside for found in read if found.aside))
    if name == "remark":
        texts = ["；".join(texts)] if texts else []
    if name in ("phone", "email") and len(given) > 1 and not any(map(cells.unreadable, given)):
        # One cell after the other, as if they were one: the first mobile number is the phone.
        found = cells.understand(name, Cell("\n".join(cell.text for cell in given)))
        return found.value, found.error, found.aside
    if len(texts) > 1 and not error:
        return _value(name, [Cell(cells.DIFFERS.join(texts))])
    value = texts[0] if texts and not error else ""
    return value, error, "；".join(asides)


def _missing(line: Line) -> dict[str, str]:
    """What a line has too little of, or what contradicts itself."""
    found: dict[str, str] = {}
    values = line.values
    for name in ("organization", "name"):
        if _SUM.match(values.get(name, "")) or _SIGNED.match(values.get(name, "")):
            found[name] = _IS_FOOT
    if values.get("organization") in _DITTO:
        found["organization"] = "上一行没有单位，看不出「同上」指哪一家。请写单位名称。"
    if values.get("organization") == "" and "organization" not in line.errors:
        found["organization"] = "没有写单位名称。如果是个人会员，请写「个人会员」。"
    needs_name = line.has_person or line.is_contact or line.is_personal
    if needs_name and not line.text("name") and "name" not in line.errors:
        found["name"] = "没有写姓名。"
    if line.starts and line.ends and line.ends < line.starts:
        found["ends"] = f"会籍到期早于会籍开始（{line.starts:%Y-%m-%d}）。请核对两个日期。"
    return found
