"""What pages carry besides the text: page numbers and running heads."""

import bisect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, title_key
from newsletter.importing.numerals import half_width
from newsletter.importing.outline.contents import Contents, section_name
from newsletter.importing.outline.model import Masthead, Omitted
from newsletter.importing.outline.titles import title_like

_DASHED_PAGE = re.compile("[-—–·~]+[0-9]{1,4}[-—–·~]+")
_PAGE_NUMBER = re.compile(
    "[-—–·~]+[0-9]{1,4}[-—–·~]+|第[0-9]{1,4}页(?:共[0-9]{1,4}页)?|[0-9]{1,4}/[0-9]{1,4}"
)
_BARE_NUMBER = re.compile("[0-9]{1,3}")
_ISSUE = re.compile(
    "(?:19|20)[0-9]{2}年?(?:第?[0-9一二三四五六七八九十]{1,3}期)?|总?第[0-9一二三四五六七八九十百]{1,5}期"
)
_PAGE_IN_HEAD = re.compile("(?:第[0-9]{1,3}页(?:共[0-9]{1,3}页)?|[0-9]{1,3})$|^[0-9]{1,3}")
_MAX_HEAD = 60
_TEXT_A_PAGE = 120
"""Characters that stand at least between two page numbers, on the average of a file."""


def without_page_numbers(blocks: Sequence[Block]) -> tuple[list[Block], list[Omitted]]:
    """The blocks without page numbers between dashes (- 12 -), which stand anywhere in a file."""
    reasons = {
        index: "页码"
        for index, block in enumerate(blocks)
        if isinstance(block, TextBlock)
        and len(block.text) <= 12
        and _DASHED_PAGE.fullmatch(half_width(block.text))
    }
    return _without(blocks, reasons)


def without_page_lines(
    blocks: Sequence[Block], head: Masthead, contents: Contents
) -> tuple[list[Block], list[Omitted]]:
    """The blocks without page numbers (第12页, 12/80, 12) and running heads.

    A running head is made of the periodical's name or number, with or without section, title and
    page; or of a section's or title's name with a page; or it is a section's name that comes again
    and again where no title follows.
    """
    names = _Names.of(head, contents)
    reasons: dict[int, str] = {}
    for index, block in enumerate(blocks):
        if isinstance(block, TextBlock) and len(block.text) <= _MAX_HEAD:
            text = half_width(block.text)
            if _PAGE_NUMBER.fullmatch(text):
                reasons[index] = "页码"
            elif names.make(text):
                reasons[index] = "书眉"
    beside = [at + step for at, why in reasons.items() if why == "书眉" for step in (-1, 1)]
    if reasons:  # the last page's number, whose head may have gone with the colophon
        beside.append(len(blocks) - 1)
    reasons.update({at: "页码" for at in beside if 0 <= at < len(blocks) and _is_bare(blocks[at])})
    reasons.update(dict.fromkeys(_counted_pages(blocks), "页码"))
    reasons.update(dict.fromkeys(_repeated_sections(blocks, contents), "书眉"))
    return _without(blocks, reasons)


def _without(blocks: Sequence[Block], reasons: dict[int, str]) -> tuple[list[Block], list[Omitted]]:
    kept: list[Block] = []
    omitted: list[Omitted] = []
    page = False
    for index, block in enumerate(blocks):
        if index in reasons and isinstance(block, TextBlock):
            omitted.append(Omitted(block.printed, block.line, reasons[index]))
            page = True
            continue
        table = _one_table(kept[-1], block) if page and kept else None
        if table:
            kept[-1] = table
        elif page and isinstance(block, TextBlock):
            kept.append(replace(block, after_page=True))
        else:
            kept.append(block)
        page = False
    return kept, omitted


def _one_table(above: Block, below: Block) -> TableBlock | None:
    """The table that a page cut in two: rows of as many cells on both sides; else None."""
    parts = [_rows(above), _rows(below)]
    if not all(parts) or all(isinstance(block, TextBlock) for block in (above, below)):
        return None
    rows = [row for part in parts for row in part]
    if len({len(cells) for cells, _ in rows}) > 1:
        return None
    return TableBlock(
        tuple(cells for cells, _ in rows), tuple(line for _, line in rows), above.blank_before
    )


def _rows(block: Block) -> list[tuple[tuple[str, ...], int]]:
    if isinstance(block, TableBlock):
        return list(zip(block.rows, block.lines, strict=True))
    return [(block.cells, block.line)] if block.cells else []


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that a running head is made of, each compact and in half width."""

    periodical: str
    others: tuple[str, ...]

    @classmethod
    def of(cls, head: Masthead, contents: Contents) -> "_Names":
        others = {*contents.sections, *(line.title for line in contents.lines), head.publisher}
        # The longest first: a name may stand within another.
        return cls(
            half_width(head.periodical),
            tuple(sorted(map(half_width, filter(None, others)), key=len, reverse=True)),
        )

    def make(self, text: str) -> bool:
        """Whether a line, compact and in half width, is made of these names, numbers and pages."""
        rest = text
        named = bool(self.periodical) and self.periodical in rest
        if named:
            rest = rest.replace(self.periodical, " ", 1)
        issue = _ISSUE.search(rest)
        if issue and "期" in issue[0]:
            named = True
        rest = _ISSUE.sub(" ", rest)
        bare = rest.strip(" -—–·|/()《》")
        page = _PAGE_IN_HEAD.search(bare)
        if not named and not page:
            return False
        if page:
            bare = bare[: page.start()] + bare[page.end() :]
        other = next((name for name in self.others if name in bare), "")
        if other:
            bare = bare.replace(other, " ", 1)
        # A title that has its own number, or the name alone of a section, is no running head.
        return not any(ch.isalnum() for ch in bare) and (named or bool(other))


def _is_bare(block: Block) -> bool:
    return (
        isinstance(block, TextBlock)
        and len(block.text) <= 5
        and bool(_BARE_NUMBER.fullmatch(half_width(block.text)))
    )


def _counted_pages(blocks: Sequence[Block]) -> Collection[int]:
    """Lines that are nothing but a number and count the pages: they rise through the file."""
    at: list[int] = []
    values: list[int] = []
    length = 0
    lengths: list[int] = []
    for index, block in enumerate(blocks):
        if not isinstance(block, TextBlock):
            continue
        if _is_bare(block):
            at.append(index)
            values.append(int(half_width(block.text)))
            lengths.append(length)
        length += len(block.text)
    chain = _rising(values)
    if len(chain) < 3 or len(chain) * 5 < len(at) * 4:
        return ()
    first, last = chain[0], chain[-1]
    gaps = len(chain) - 1
    if (lengths[last] - lengths[first]) < _TEXT_A_PAGE * gaps:
        return ()
    return [at[n] for n in chain] if values[last] - values[first] <= 3 * gaps else ()


def _rising(values: Sequence[int]) -> list[int]:
    """The indexes of a longest strictly rising subsequence (patience sorting)."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        pile = bisect.bisect_left(tails, value)
        before.append(places[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(value)
            places.append(index)
        else:
            tails[pile], places[pile] = value, index
    chain: list[int] = []
    at = places[-1] if places else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def _repeated_sections(blocks: Sequence[Block], contents: Contents) -> list[int]:
    """Section names that stand on every page: those above no title, where one is above a title."""
    known = {compact(name) for name in contents.sections}
    titles = [title_key(line.title) for line in contents.lines]
    places: dict[str, list[int]] = {}
    for index, block in enumerate(blocks):
        if isinstance(block, TextBlock) and len(block.text) <= 40:
            name = compact(section_name(block.text)[0])
            if name in known:
                places.setdefault(name, []).append(index)
    found: list[int] = []
    for standing in places.values():
        if len(standing) < 3:
            continue
        heads = [index for index in standing if _title_below(blocks, index, titles)]
        if heads:
            found += [index for index in standing if index not in heads]
    return found


def _title_below(blocks: Sequence[Block], index: int, titles: Sequence[str]) -> bool:
    """Whether a title, or the first line of one, comes next, with two kickers at the most above."""
    for block in blocks[index + 1 : index + 4]:
        if not isinstance(block, TextBlock) or not title_like(block):
            return False
        key = title_key(block.text)
        if len(key) >= 4 and any(title.startswith(key) for title in titles):
            return True
    return False
