"""The printed contents: section names and titles with their pages."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, ends_sentence, title_key
from newsletter.importing.errors import NotAnIssue
from newsletter.importing.numerals import half_width
from newsletter.importing.outline.masthead import is_colophon
from newsletter.importing.outline.model import ContentsLine

SECTION_MARKS = "☆★◇◆※✩✪✦✧❖●○◎■□▲△▶►▌◈❀✿§#"

_HEADING = re.compile(
    "(?:contents)?(?:本期)?(?:目录|目次|要目|导览|内容导航)(?:contents)?|contents"
)
_PAGE_FIRST = re.compile("[Pp]?([0-9０-９]{1,3})[ .．、/／|｜·—–-]+(?=[^0-9０-９])(.+)")
_NUMERAL_MARK = re.compile("^(?:[一二三四五六七八九十]{1,3}、|[【〖\\[「])")
_LEADER = "-－—–―─━┄┅┈┉_~～·.．。…‥‧・⋯•∙ \t\u3000/／|｜"
_PAGE = (
    # 第12页, (12), （12）; digits, P12 or 12页 only after a leader, a space or a bar.
    re.compile(r"第\s*(?P<page>[0-9]{1,4})\s*页$"),
    re.compile(r"[(（\[【]\s*[Pp]?\.?(?P<page>[0-9]{1,4})\s*页?[)）\]】]$"),
    re.compile(f"[{re.escape(_LEADER)}][Pp]?\\.?(?P<page>[0-9]{{1,4}})\\s*页?$"),
)
MAX_LINES = 400
"""Contents lines of one issue; a quarterly has some dozens."""
_FULL_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_INNER_MARK = re.compile("[，、：；？！。《》“”——:,]")
_BARE_PAGE = re.compile("(?:第)?[pP]?([0-9]{1,4})页?")

_Split = Callable[[str], tuple[str, int] | None]
"""How a contents line gives title and page: the page last, or first."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents and where they stand: blocks[start:end]."""

    lines: tuple[ContentsLine, ...]
    sections: tuple[str, ...]
    start: int
    end: int
    strays: tuple[TextBlock, ...] = ()
    """Lines among the contents that are neither section nor title."""


def section_name(text: str) -> tuple[str, bool]:
    """A section's name without its mark and brackets, and whether it had a mark (☆, 一、, 【】)."""
    bare = text.strip().strip(SECTION_MARKS + " ")
    numbered = _NUMERAL_MARK.match(bare)
    if numbered:
        bare = bare[numbered.end() :].rstrip("】〗]」")
    bare = bare.strip(" ·•-—|｜")
    return bare, bare != text.strip()


def has_mark(text: str) -> bool:
    """Whether the line begins with a section mark such as ☆."""
    return text[:1] in SECTION_MARKS and text[:1] != ""


def split_page(text: str) -> tuple[str, int] | None:
    """A contents line as title and page; None when it ends in no page number.

    The leader between them may be dots, hyphens, dashes, ……, tabs or spaces.
    """
    line = text.translate(_FULL_DIGITS).rstrip()
    # A page takes few characters: only the line's end is searched, whatever its length.
    near_end = max(0, len(line) - 16)
    for pattern in _PAGE:
        found = pattern.search(line, near_end)
        if found:
            title = _strip_leader(text[: found.start()])
            if any(ch.isalnum() for ch in title):
                return title.strip(), int(found["page"])
    return None


def _strip_leader(text: str) -> str:
    # rstrip with a set of characters: linear, where a regular expression would try every start.
    return text.rstrip(_LEADER)


def is_contents_heading(block: Block) -> bool:
    """Whether the line is 目录, however spaced and decorated."""
    if isinstance(block, TableBlock):
        return False
    return bool(
        _HEADING.fullmatch(half_width(block.text).casefold().strip("-—·=*【】[]:" + SECTION_MARKS))
    )


def find_contents(blocks: Sequence[Block]) -> Contents | None:
    """The contents of an issue, or None when there are none.

    They begin after 目录, or where three lines with page numbers stand together; they end where
    the body begins: where a section name or a title comes the second time, or with running text.
    """
    at = _start(blocks)
    if at is None:
        return None
    start, first = at
    lines = [(index, line) for index in range(first, len(blocks)) for line in _flat(blocks[index])]
    later = _standing_lines(blocks, first)
    return _parse(lines, later, start, len(blocks), split_page) or _parse(
        lines, later, start, len(blocks), _split_page_first
    )


def _split_page_first(text: str) -> tuple[str, int] | None:
    """A contents line that begins with its page (02 …), or ends in it, as title and page.

    No leader ends such a title: what looks like one (……) is its own. A sentence with a number
    before it (2. ……。) is a point of some text.
    """
    found = _PAGE_FIRST.fullmatch(text)
    if found and any(ch.isalnum() for ch in found[2]):
        return None if text.endswith("。") else (found[2].strip(), int(found[1]))
    return split_page(text)


def _start(blocks: Sequence[Block]) -> tuple[int, int] | None:
    """Where the contents start, and the first block after their heading."""
    for index, block in enumerate(blocks):
        if is_contents_heading(block):
            return index, index + 1
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if (
            isinstance(block, TextBlock)
            and isinstance(following, TextBlock)
            and (compact(block.text), compact(following.text)) == ("目", "录")
        ):
            return index, index + 2
    pages, first = 0, -1
    for index, block in enumerate(blocks[:200]):
        lines = _flat(block)
        if all(split_page(line.text) for line in lines):
            pages += len(lines)
            first = index if first < 0 else first
            if pages >= 3:
                return first, first
        elif len(lines) == 1 and has_mark(lines[0].text) and len(lines[0].text) <= 20:
            first = index if first < 0 else first  # a section's name among the titles
        else:
            pages, first = 0, -1
    return None


def _flat(block: Block) -> list[TextBlock]:
    """A block's lines: leaders made of tabs look like table rows to the reader."""
    if isinstance(block, TextBlock):
        return [block]
    return [
        TextBlock("\t".join(cells).strip(), line, block.blank_before)
        for cells, line in zip(block.rows, block.lines, strict=True)
    ]


def _standing_lines(blocks: Sequence[Block], first: int) -> dict[str, int]:
    """How often each short line stands alone from here on, marks and spacing aside."""
    counts: dict[str, int] = {}
    for block in blocks[first:]:
        if isinstance(block, TextBlock) and len(block.text) <= 30:
            name = compact(section_name(block.text)[0])
            counts[name] = counts.get(name, 0) + 1
    return counts


@dataclass(slots=True)
class _Reader:
    """The contents as they are read line by line."""

    later: dict[str, int]
    marked_style: bool
    split: _Split
    entries: list[ContentsLine] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    strays: list[TextBlock] = field(default_factory=list)
    pending: TextBlock | None = None
    """The first line of a title that goes on in the next."""

    def entry(self, block: TextBlock) -> bool:
        """Take a line that ends in a page number, alone or with the line before it."""
        split = self.split(block.text)
        bare = _BARE_PAGE.fullmatch(half_width(block.text)) if self.pending else None
        if bare and self.pending:  # the page stands on a line of its own
            split = "", int(bare[1])
        if split is None:
            return False
        title, line = split[0], block.line
        if self.pending is not None:
            title, line = _strip_leader(self.pending.text) + title, self.pending.line
            self.pending = None
        section = self.sections[-1] if self.sections else ""
        self.entries.append(ContentsLine(title, split[1], section, line))
        return True

    def begins_body(self, block: TextBlock) -> bool:
        """Whether the line is running text, or a title or section that stood here before."""
        key = title_key(block.text)
        name = compact(section_name(block.text)[0])
        length = len(compact(block.text))
        return (
            any(key == title_key(entry.title) for entry in self.entries)
            or any(name == compact(section) for section in self.sections)
            or length > 60
            or (length > 30 and ends_sentence(block.text))
        )

    def other(self, block: TextBlock) -> None:
        """Take a line without a page: a section's name, or the first part of a long title."""
        self.close()
        if block.marker or block.text.endswith("。"):  # neither a name nor a title
            self.strays.append(block)
            return
        name, marked = section_name(block.text)
        length = len(compact(name))
        plain = marked or not self.marked_style
        # The first part of a title may stand in the body too; a name is short and without marks.
        again = self.later.get(compact(name), 0) >= 2 and not _INNER_MARK.search(name)
        name_like = (plain or again) if length <= 8 else (plain and again and length <= 12)
        if has_mark(block.text) or name_like:
            self.sections.append(name)
        else:
            self.pending = block

    def close(self) -> None:
        """Give up waiting for the rest of a title."""
        if self.pending is not None:
            self.strays.append(self.pending)
            self.pending = None


def _parse(
    lines: Sequence[tuple[int, TextBlock]],
    later: dict[str, int],
    start: int,
    whole: int,
    split: _Split,
) -> Contents | None:
    marked = any(has_mark(block.text) and not split(block.text) for _, block in lines[:3])
    reader = _Reader(later, marked, split)
    end = whole
    for position, (index, block) in enumerate(lines):
        if reader.entry(block):
            if len(reader.entries) > MAX_LINES:
                raise NotAnIssue(
                    f"目录超过{MAX_LINES}行，不像一期刊物的目录。"
                    "请核对文件是否只有一期、目录里是否混入了别的表格，再重新导入。"
                )
            continue
        following = lines[position + 1 : position + 3]
        if not reader.begins_body(block) and is_colophon(block):
            reader.strays.append(block)
        elif reader.begins_body(block) or not _has_page(following, split):
            end = index
            break
        else:
            reader.other(block)
    reader.close()
    if len(reader.entries) < 2:
        return None
    return Contents(tuple(reader.entries), tuple(reader.sections), start, end, tuple(reader.strays))


def _has_page(lines: Sequence[tuple[int, TextBlock]], split: _Split) -> bool:
    """Whether one of the next lines ends in a page: only then do the contents go on."""
    return any(
        split(block.text) or _BARE_PAGE.fullmatch(half_width(block.text)) for _, block in lines
    )
