"""Files whose paragraphs are set line by line: the lines of a paragraph made one again.

Whether a file is set so shows in the whole of it: most longer lines are equally wide and break off
in the middle of a sentence.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.characters import (
    CLOSING,
    columns,
    ends_sentence,
    glued,
    is_short_line,
    title_key,
)
from newsletter.importing.numerals import is_date_line
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.labels import article_fields
from newsletter.importing.outline.notices import is_document_number
from newsletter.importing.outline.numbering import numbered

_LEAST = 5
"""Full lines that break off, from which a text counts as set line by line; twice as many where
neither indents nor blank lines divide the paragraphs."""
_NARROWEST, _WIDEST = 30, 130
"""Columns between which a printed measure lies."""
_SLACK = 6
"""Columns by which a full line may fall short of the measure: a number or a word did not fit."""
_OVERHANG = 4
"""Columns by which final marks may stand out of the measure."""
_INDENT = 4
_TOKEN = re.compile(f"[!-~]+|.[，。、；：！？{re.escape(CLOSING)}]*")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a text is set: its measure in columns, and what separates its paragraphs."""

    width: int
    by_indent: bool
    by_blank: bool

    def full(self, line: TextBlock, following: TextBlock) -> bool:
        """Whether a line ends where the measure does, so that it may go on in the next."""
        width = _width(line)
        if width > self.width + _OVERHANG:
            return False
        first = _TOKEN.match(following.text)
        return width >= self.width - _SLACK or (
            first is not None and width + columns(first[0]) > self.width
        )


def unwrapped(blocks: Sequence[Block], titles: Collection[str] = ()) -> list[Block]:
    """The blocks with the lines of each paragraph joined, if the text is set line by line.

    `titles` are the keys of the contents' titles, which begin something new wherever they stand.
    """
    measure = _measure([block for block in blocks if isinstance(block, TextBlock)])
    if measure is None:
        return list(blocks)
    result: list[Block] = []
    last: TextBlock | None = None
    for block in blocks:
        if not isinstance(block, TextBlock):
            result.append(block)
            last = None
            continue
        whole = result[-1] if result else None
        if last and isinstance(whole, TextBlock) and _goes_on(last, block, measure, titles):
            result[-1] = replace(whole, text=glued(whole.text, block.text))
        else:
            result.append(block)
        last = block
    return result


def _width(line: TextBlock) -> int:
    return columns(line.printed) + (_INDENT if line.indented and not line.marker else 0)


def _measure(lines: Sequence[TextBlock]) -> Measure | None:
    """The measure of a text set line by line, or None when paragraphs stand on one line each."""
    widths = sorted(width for line in lines if (width := _width(line)) >= _NARROWEST)
    if len(widths) < _LEAST:
        return None
    # A few lines wider than the measure (an address, a title) do not speak against it.
    measure = widths[len(widths) * 97 // 100]
    if measure > _WIDEST:
        return None
    # Names and other items may be as long as each other, but have no comma in them.
    prose = [line for line in lines if _width(line) >= _NARROWEST]
    if sum(any(mark in line.text for mark in "，。、；") for line in prose) * 2 < len(prose):
        return None
    full = [n for n, line in enumerate(lines[:-1]) if abs(_width(line) - measure) <= _SLACK]
    broken = [n for n in full if not ends_sentence(lines[n].text)]
    if len(broken) < _LEAST or len(full) * 3 < len(widths) or len(broken) * 10 < len(full) * 6:
        return None
    following = [lines[n + 1] for n in broken]
    indented = sum(line.indented for line in following)
    blank = sum(line.blank_before > 0 and not line.after_page for line in following)
    starts = sum(line.indented for line in lines)
    by_indent = indented * 5 < len(following) and starts * 12 > len(lines)
    by_blank = blank * 5 < len(following) and any(line.blank_before for line in lines)
    if not (by_indent or by_blank) and len(broken) < 2 * _LEAST:
        return None
    return Measure(measure, by_indent, by_blank)


def _goes_on(
    line: TextBlock, following: TextBlock, measure: Measure, titles: Collection[str]
) -> bool:
    """Whether the next line belongs to the same paragraph."""
    if not measure.full(line, following) or following.marker:
        return False
    if measure.by_indent and following.indented:
        return False
    if measure.by_blank and following.blank_before and not following.after_page:
        return False
    text = following.text
    if (
        title_key(text) in titles
        or article_fields(text)
        or figure_caption(text)
        or is_date_line(text)
        or is_document_number(text)
        or article_fields(line.text)
    ):
        return False
    if ends_sentence(line.text):
        # Its sentence may end where the line does; a short line after it is something new.
        separated = measure.by_indent or (measure.by_blank and not following.after_page)
        short = is_short_line(text) and _width(following) < measure.width - 2 * _SLACK
        return separated and not short and not numbered(text)
    return measure.by_indent or measure.by_blank or not numbered(text)
