"""Paragraphs that a page break cut in two."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import (
    CLOSING,
    HAN,
    closes_more,
    ends_sentence,
    glued,
    left_open,
)
from newsletter.importing.numerals import is_date_line
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.labels import article_fields
from newsletter.importing.outline.notices import NoticeRoles
from newsletter.importing.outline.numbering import numbered

_CONTINUES = "，。、；：！？）》」』”’,.;:!?)%％"
"""A line cannot begin with these: it goes on where the line before broke off."""
_FUNCTION_WORDS = "等的了和与及或而并之以其着过地得"
_LEADS_ON = "和与及或并且把被将从由向其"
"""A heading ends with none of these: a word must follow."""
_SPLIT_NUMBER = re.compile("[0-9０-９][.．]?\\|[0-9０-９]")
_LONG = 40
"""Characters from which a line with inner punctuation is running text."""
_SPEAKER = re.compile(f"(?:[{HAN}]{{1,8}}|Q[0-9]*|A[0-9]*)[:：]")


class Vocabulary:
    """Which two Chinese characters stand together in the issue, and how often.

    A cut inside a word (监|管) shows by that pair standing elsewhere in the text.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _pairs(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for text in self._texts:
            counts.update(map("".join, itertools.pairwise(text)))
        return counts

    def knows(self, pair: str) -> bool:
        """Whether the pair, two Chinese characters, stands somewhere in the issue."""
        return bool(re.fullmatch(f"[{HAN}]{{2}}", pair)) and self._pairs[pair] > 0


@dataclass(frozen=True, slots=True)
class Joined:
    """A paragraph of the file, or several that were one; `lines` are theirs."""

    block: Block
    lines: tuple[int, ...]


def join_paragraphs(
    blocks: Sequence[Block], notice: NoticeRoles, words: Vocabulary, article: int
) -> tuple[list[Joined], list[int], list[Doubt]]:
    """Join what page breaks cut.

    Returns the paragraphs, for each of them the index of its first block (the roles are by
    block), and doubts: joins made on weak evidence, and texts that break off.
    """
    groups: list[list[Block]] = []
    firsts: list[int] = []
    doubts: list[Doubt] = []
    for index, block in enumerate(blocks):
        previous = groups[-1][-1] if groups else None
        strength = 0
        if (
            isinstance(previous, TextBlock)
            and isinstance(block, TextBlock)
            and index not in notice.roles
            and firsts[-1] not in notice.roles
        ):
            strength = evidence(previous, block, words, running=len(groups[-1]) > 1)
            if strength == 2:
                doubts.append(_join_doubt(previous, block, article))
        if strength >= 2:
            groups[-1].append(block)
        else:
            groups.append([block])
            firsts.append(index)
    joined = [_joined(group) for group in groups]
    doubts += _broken_off(joined, firsts, notice, article)
    return joined, firsts, doubts


def _joined(group: Sequence[Block]) -> Joined:
    first = group[0]
    if isinstance(first, TableBlock):
        return Joined(first, first.lines)
    parts = [block.text for block in group if isinstance(block, TextBlock)]
    return Joined(replace(first, text=reduce(glued, parts)), tuple(block.line for block in group))


def evidence(
    previous: TextBlock, block: TextBlock, words: Vocabulary, *, running: bool = False
) -> int:
    """How surely the block continues the paragraph before it.

    0 or 1: they are two; 2: probably one; 3 and more: surely one. `running` says that the line
    before continues a paragraph itself, and so is no heading.
    """
    before, after = previous.text, block.text
    if not (running or _may_break_off(before)) or not _may_continue(block):
        return 0
    if after[0] in _CONTINUES:
        return 3
    if ends_sentence(before):
        return 0
    split_number = _SPLIT_NUMBER.search(f"{before[-2:]}|{after[:1]}")
    # 展望2026 over 2026年…… is a subhead.
    if split_number and any(mark in before for mark in "，。；"):
        return 3
    fragment = ends_sentence(after) or len(after) > _LONG
    if before[-1] in "，、,（(《“‘" or (left_open(before) and (fragment or closes_more(after))):
        return 3
    if not fragment and not any(mark in after for mark in "，、；。：:"):
        # A short line without any mark is a subhead, whatever breaks off above it; but not even
        # a subhead has one or two characters.
        return 2 if len(after) <= 2 and after.isalpha() and "，" in before else 0
    marks = sum(before.count(mark) for mark in "，、；")
    if running or "。" in before or "；" in before:  # a heading holds no whole sentence
        sure = fragment and before[-1] not in CLOSING
        return 3 if sure or before[-1] in _LEADS_ON else 2
    if not fragment:
        return 0
    if marks and (block.after_page or before[-1] in _LEADS_ON) and not numbered(before):
        return 3
    # A long numbered line without a full stop may as well be a heading: it needs the signs below.
    if len(before) >= _LONG and marks and not numbered(before):
        return 3 if before[-1] not in "”）)" else 2
    # A short line: a heading or a fragment. Each sign of a fragment counts one.
    signs = int(marks >= 2) + int(after[0] in _FUNCTION_WORDS)
    signs += int(words.knows(before[-1] + after[0]))
    signs += int(len(after) <= 20 and "，" not in after and ends_sentence(after))
    signs += int(len(before) >= _LONG)
    return signs


def _may_break_off(text: str) -> bool:
    """Whether a line is running text at all: labels, captions and dates are not."""
    return not (figure_caption(text) or article_fields(text) or is_date_line(text))


def _may_continue(block: TextBlock) -> bool:
    """Whether a line can be the rest of a paragraph: new items, captions and labels cannot."""
    text = block.text
    return not (
        block.marker
        or numbered(text)
        or figure_caption(text)
        or article_fields(text)
        or is_date_line(text)
        or text.startswith(("——", "注：", "注:", "附件", "[", "［", "☆", "★"))
        or (_SPEAKER.match(text) and text[0] in "问答记QA")
    )


def _join_doubt(previous: TextBlock, block: TextBlock, article: int) -> Doubt:
    seam = f"{previous.text[-8:]}|{block.text[:8]}"
    return Doubt(
        DoubtKind.JOIN,
        f"第{block.line}行与上一段（第{previous.line}行）似是一段，已接为“{seam}”，请核对。",
        block.line,
        article,
        seam,
    )


def _broken_off(
    joined: Sequence[Joined], firsts: Sequence[int], notice: NoticeRoles, article: int
) -> list[Doubt]:
    """Long paragraphs that end in the middle of a sentence."""
    doubts = []
    for paragraph, first in zip(joined, firsts, strict=True):
        block = paragraph.block
        if not isinstance(block, TextBlock) or first in notice.roles or block.marker:
            continue
        text = block.text
        if len(text) >= _LONG and "，" in text and not ends_sentence(text):
            if text[-1] in "）)”" or (numbered(text) and len(text) < 60):
                continue
            doubts.append(
                Doubt(
                    DoubtKind.CUT,
                    f"第{paragraph.lines[-1]}行的段落止于“{text[-10:]}”，似未写完，请核对原件。",
                    paragraph.lines[-1],
                    article,
                    excerpt(text[-16:]),
                )
            )
    return doubts
