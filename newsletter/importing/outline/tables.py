"""Tables: caption above, header, rows of equal length, notes below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, is_short_line, unwrapped
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.numbering import numbered

_UNIT = re.compile("[（(]?(?:计量)?单 ?位[:：].{1,20}[)）]?")
_NOTE = re.compile("(?:表?注 ?[0-9]?|说明|资料来源|数据来源|来源|备注) ?[:：]")
_BARE_NOTE = re.compile("(?:表?注|说明|备注)[:：]?")
_COUNTED = re.compile("[(（]?[0-9０-９]{1,2}[)）]?(?:[.．、] ?|(?<=[)）]))")
_VALUE = re.compile("[-+－—–…./\\d０-９,，%％％ ()（）]+")


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Which blocks belong to a table: caption, unit line, notes, by index."""

    caption: int | None
    unit: int | None
    notes: tuple[int, ...]


def place_of(blocks: Sequence[Block], at: int, taken: frozenset[int]) -> TablePlace:
    """The lines around the table blocks[at]; only a line directly above can be its caption."""
    above = at - 1
    unit = None
    if above >= 0 and _is_unit(blocks[above]):
        unit, above = above, above - 1
    caption = above if above >= 0 and above not in taken and _is_caption(blocks[above]) else None
    if unit is None and caption is not None and caption > 0 and _is_unit(blocks[caption]):
        unit, caption = caption, None
    notes: list[int] = []
    below = at + 1
    unit_below = below < len(blocks) and _is_unit(blocks[below])
    index = below + unit_below
    while index < len(blocks):
        block = blocks[index]
        if not isinstance(block, TextBlock) or index in taken:
            break
        after_bare = bool(notes) and _continues_notes(block)
        if not (_NOTE.match(block.text) or _BARE_NOTE.fullmatch(compact(block.text)) or after_bare):
            break
        notes.append(index)
        index += 1
    if unit_below and notes:  # the unit is printed between the table and its notes
        notes.insert(0, below)
    return TablePlace(caption, unit, tuple(notes))


def _is_unit(block: Block) -> bool:
    return isinstance(block, TextBlock) and bool(_UNIT.fullmatch(block.text))


def _is_caption(block: Block) -> bool:
    return (
        isinstance(block, TextBlock)
        and not block.marker
        and is_short_line(block.text, 50)
        and not figure_caption(block.text)
        and not numbered(block.text)
        and not block.text.startswith(("（", "("))
    )


def _continues_notes(block: TextBlock) -> bool:
    return bool(_COUNTED.match(block.text)) or block.marker is not None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's cells: the header (empty when there is none) and rows of the same length."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grid(table: TableBlock, article: int) -> tuple[Grid, list[Doubt]]:
    """The cells without wrap spaces, with a doubt where rows differ in length or no header shows.

    The first row is the header when it holds no figures and a later row does.
    """
    width = max(map(len, table.rows))
    rows = [tuple(unwrapped(cell) for cell in row) for row in table.rows]
    doubts: list[Doubt] = []
    ragged = [line for row, line in zip(rows, table.lines, strict=True) if len(row) != width]
    if ragged:
        doubts.append(
            Doubt(
                DoubtKind.TABLE,
                f"第{ragged[0]}行起，表格有{len(ragged)}行的列数与其他行不同，已补空格，请核对。",
                ragged[0],
                article,
                excerpt(" ".join(rows[table.lines.index(ragged[0])])),
            )
        )
    even = [row + ("",) * (width - len(row)) for row in rows]
    numeric_later = any(_VALUE.fullmatch(cell) for row in even[1:] for cell in row if cell)
    # A year heads a column (2021年, 2022); any other figure is a value.
    no_values = not any(
        _VALUE.fullmatch(cell) and not re.fullmatch("(?:19|20)[0-9]{2}", cell)
        for cell in even[0]
        if cell
    )
    if len(even) > 1 and no_values and sum(map(bool, even[0])) >= max(1, width - 1):
        if not numeric_later and any(len(cell) > 20 for cell in even[0]):
            no_values = False
    else:
        no_values = False
    if no_values:
        return Grid(even[0], tuple(even[1:])), doubts
    doubts.append(
        Doubt(
            DoubtKind.TABLE,
            f"第{table.line}行的表格看不出表头，各行都作表身，请核对。",
            table.line,
            article,
            excerpt(" ".join(even[0])),
        )
    )
    return Grid((), tuple(even)), doubts
