"""A table of a body, read as a grid: which cell stands where, and what belongs to the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from newsletter.body import parse
from newsletter.structure import BLOCKS, text

# No table of a periodical is larger; merged cells could otherwise claim a grid of any size.
MAX_SLOTS = 100_000
# What a spreadsheet has room for (ECMA-376, as Excel limits it).
MAX_COLUMNS = 16_384
_MAX_NAME = 20
_NUMBERED = re.compile(
    r"续?附?表 ?(?:[0-9０-９]+(?:[-–－.．][0-9０-９]+)*|[一二三四五六七八九十]+(?=[\s、：:]|$))"
)
_PAUSE = re.compile(r"[\s，。；：、,;:（(【《]+")
_NOTES_TITLE = re.compile(r"(?:注释|尾注|脚注|参考文献|注解|附注|注)[:：]?")
_SPACE = re.compile("[ \t\r\f]+")
_LINE = (*BLOCKS, "tr", "caption", "figcaption")
# Written small and high, 10³ must not become 103, nor a value with a note's mark another value.
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")


@dataclass(frozen=True)
class Cell:
    """A cell at its place, counted from 0; `rows` and `columns` say how far it reaches."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    is_head: bool


@dataclass(frozen=True)
class Table:
    """`head_rows` of the `height` rows are heads; `name` is short and unique in its body."""

    name: str
    caption: str
    cells: tuple[Cell, ...]
    height: int
    width: int
    head_rows: int
    notes: tuple[str, ...]


def table_of(html: str, block: str) -> Table | None:
    """The table with this id in a clean body; None when there is none, or none of a sane size."""
    found = list(parse(html).iter("table"))
    for table, name in zip(found, names(found), strict=True):
        if table.get("id") == block:
            return _read(table, name)
    return None


def names(tables: Sequence[etree._Element]) -> list[str]:
    """A short name for each table of a body, no two the same: 表1, or how its caption begins."""
    given: list[str] = []
    taken: set[str] = set()
    # Where counting goes on, so that thousands of one name take no longer than of many.
    counts: dict[str, int] = {}
    for table in tables:
        short = name = _short(caption_of(table))
        count = counts.get(short, 1)
        while name in taken:
            count += 1
            name = f"{short}（{count}）"
        counts[short] = count
        taken.add(name)
        given.append(name)
    return given


def caption_of(table: etree._Element) -> str:
    return " ".join("".join(text(found) for found in table.findall("caption")).split())


def notes_below(table: etree._Element) -> list[etree._Element]:
    """The notes that stand right under a table, in order (`p class="note"`)."""
    found: list[etree._Element] = []
    for element in table.itersiblings():
        if element.tag != "p" or "note" not in element.get("class", "").split():
            break
        after = element.getnext()
        titles_notes = after is not None and after.tag == "section"
        if titles_notes and _NOTES_TITLE.fullmatch(text(element).strip()):
            break
        found.append(element)
    return found


def settle_head(table: etree._Element) -> None:
    """Move first rows that are heads throughout into the `thead` that they lack, in place.

    So editors write them; a page repeats and holds fast only a `thead`.
    """
    body = table.find("tbody")
    if body is None or table.find("thead") is not None:
        return
    rows = body.findall("tr")
    count = 0
    while count < len(rows) and _is_of_heads(rows[count]):
        count += 1
    reach = max(
        (at + _span(cell, "rowspan") for at in range(count) for cell in rows[at]), default=0
    )
    if not count or count == len(rows) or reach > count:
        return
    head = etree.Element("thead")
    body.addprevious(head)
    head.extend(rows[:count])


def width_of(table: etree._Element) -> int:
    """How many columns a table has."""
    return max(
        (sum(_span(cell, "colspan") for cell in row) for row in _rows(table)),
        default=0,
    )


def _is_of_heads(row: etree._Element) -> bool:
    cells = list(row)
    return bool(cells) and all(
        cell.tag == "th" and cell.get("scope", "col") in ("col", "colgroup") for cell in cells
    )


def _short(caption: str) -> str:
    numbered = _NUMBERED.match(caption)
    if numbered:
        return numbered[0].replace(" ", "")
    words = [word for word in _PAUSE.split(caption) if word]
    return words[0][:_MAX_NAME] if words else "表格"


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The table's own rows, not those of a table in a cell."""
    for group in ("thead", "tbody"):
        yield from table.findall(f"{group}/tr")


def _span(cell: etree._Element, name: str) -> int:
    return int(cell.get(name, "1"))


def _read(table: etree._Element, name: str) -> Table | None:
    settle_head(table)
    cells: list[Cell] = []
    row = 0
    for group in ("thead", "tbody"):
        for part in table.findall(group):
            rows = part.findall("tr")
            if not _place(rows, row, cells):
                return None
            row += len(rows)
    width = max((cell.column + cell.columns for cell in cells), default=0)
    if not cells or width > MAX_COLUMNS or width * row > MAX_SLOTS:
        return None
    return Table(
        name=name,
        caption=caption_of(table),
        cells=tuple(cells),
        height=row,
        width=width,
        head_rows=len(table.findall("thead/tr")),
        notes=tuple(_lines(note) for note in notes_below(table)),
    )


def _place(rows: list[etree._Element], first: int, cells: list[Cell]) -> bool:
    """Give the cells of one row group their places (HTML Standard, "forming a table").

    A cell that reaches out of its group ends with it. One that would lie over another ends
    before it: pages draw both, a spreadsheet has room for one.

    Returns:
        False as soon as the group is beyond `MAX_SLOTS`.
    """
    # Column → the row, within the group, from which it is free again.
    free_from: dict[int, int] = {}
    for at, row in enumerate(rows):
        column = 0
        for cell in row:
            while free_from.get(column, 0) > at:
                column += 1
            height = min(_span(cell, "rowspan"), len(rows) - at)
            width = 1
            while width < _span(cell, "colspan") and free_from.get(column + width, 0) <= at:
                width += 1
            for taken in range(column, column + width):
                free_from[taken] = at + height
            content = _lines(cell)
            cells.append(Cell(first + at, column, height, width, content, cell.tag == "th"))
            column += width
        if len(free_from) * (at + 1) > MAX_SLOTS:
            return False
    return True


def _lines(element: etree._Element) -> str:
    """The text as a reader sees it, a line a block."""
    parts: list[str] = []
    raised = 0
    for event, found in etree.iterwalk(element, events=("start", "end")):
        started, inner = event == "start", found is not element
        if inner and found.tag in _LINE:
            parts.append("\n")
        elif inner and started and found.tag in ("td", "th"):
            parts.append(" ")
        # [1] cannot be taken for a part of the value before it.
        if found.tag == "sup" and not text(found).startswith(("[", "［")):
            raised += 1 if started else -1
        piece = found.text if started else (found.tail if inner else None)
        if piece:
            piece = piece.replace("\n", " ")
            parts.append(piece.translate(_RAISED) if raised else piece)
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
