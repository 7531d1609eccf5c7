"""Which lines are headings, of which level, and which numbered lines are run-in headings.

The levels follow the body contract: 一、 is h2, or h3 under a notice's or attached text's title;
each further rank in use is one level down; 1. is a heading only alone on its line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import compact, ends_sentence, is_short_line
from newsletter.importing.numerals import is_date_line
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.notices import Role
from newsletter.importing.outline.numbering import ARTICLE, ITEM, POINT, SUB_ITEM, numbered

_PLAIN_ABOVE = -1
"""Rank of a subhead without a number that stands over the numbered ones."""
_PLAIN_BELOW = 9
"""Rank of a subhead without a number under numbered ones."""
_CLOSING_PARTS = frozenset(
    {"附注", "附录", "附件", "附表", "附图", "结语", "结束语", "后记", "名词解释", "相关链接",
     "延伸阅读", "链接", "背景", "背景链接", "小贴士", "数据来源", "参考文献"}
)  # fmt: skip
_ENCLOSURES = re.compile("附件[:：] ?(?:[0-9０-９]{1,2}[.．、].*)?$")
"""附件： or 附件：1. …, with which a list of enclosures begins."""
_MAX_RUN_IN = 40
_MAX_NUMBERED = 50
_MAX_PLAIN = 32


@dataclass(frozen=True, slots=True)
class Headed:
    """A heading's text and its level 2 to 5."""

    text: str
    level: int


@dataclass(slots=True)
class Levels:
    """The headings open above the place that is being read."""

    base: int = 2
    open_ranks: list[int] = field(default_factory=list)

    def level(self, rank: int) -> int:
        """The level of a heading of this rank here; the heading is then open."""
        while self.open_ranks and self.open_ranks[-1] >= rank:
            self.open_ranks.pop()
        self.open_ranks.append(rank)
        return min(self.base + len(self.open_ranks) - 1, 5)

    def restart(self, base: int) -> None:
        """Begin a new text, under its own title or not."""
        self.base, self.open_ranks = base, []


def find_headings(
    blocks: Sequence[Block], roles: Mapping[int, Role], taken: frozenset[int]
) -> dict[int, Headed]:
    """Headings by block index; `taken` are blocks known to be something else (captions, notes)."""
    ranks: dict[int, int] = {}
    plain: list[int] = []
    dates = [i for i, b in enumerate(blocks) if i not in roles and is_date_line(_text(b))]
    for index, block in enumerate(blocks):
        if not isinstance(block, TextBlock) or index in roles or index in taken or block.marker:
            continue
        following = _next(blocks, index, taken)
        found = numbered(block.text)
        if found:
            listed = index > 0 and (
                _same_list(blocks[index - 1], found.rank)
                or (found.rank == POINT and bool(_ENCLOSURES.match(_text(blocks[index - 1]))))
            )
            if not listed and _numbered_heading(block.text, following):
                ranks[index] = found.rank
        elif index in dates and len(dates) < 2:
            continue  # two dates and more head the entries of a chronicle
        elif _plain_heading(block.text, following, roles.get(index + 1)):
            plain.append(index)
    plain = [i for i in plain if not _ends_run_of_short_lines(blocks, i, taken, roles)]
    questions = [i for i in plain if _text(blocks[i]).endswith(("？", "?"))]
    if len(questions) == 1 and len(plain) == 1 and not ranks:
        plain = []  # a single question may well be rhetorical
    _rank_plain(blocks, ranks, plain, roles)
    levels = Levels()
    result: dict[int, Headed] = {}
    for index, block in enumerate(blocks):
        if roles.get(index) in ("notice-title", "attached-title"):
            levels.restart(3)
        elif index in ranks:
            result[index] = Headed(_text(block), levels.level(ranks[index]))
    return result


def _text(block: Block) -> str:
    return block.text if isinstance(block, TextBlock) else ""


def _next(blocks: Sequence[Block], index: int, taken: frozenset[int]) -> Block | None:
    """The block that follows, figure captions passed over."""
    for block in blocks[index + 1 : index + 6]:
        if not (isinstance(block, TextBlock) and figure_caption(block.text)):
            return block
    return None


def _numbered_heading(text: str, following: Block | None) -> bool:
    """A numbered line alone: short, and not one of several numbered lines in a row."""
    found = numbered(text)
    if found is None or not found.rest:
        return False
    length = len(compact(text))
    if found.rank < ARTICLE:  # 第一章
        return length <= _MAX_NUMBERED and not ends_sentence(text)
    if following is None or _same_list(following, found.rank):
        return False
    if text.endswith(("？", "?")):
        return length <= _MAX_NUMBERED + 10 and found.rank <= POINT
    if text.endswith("。"):
        # （一）指导思想。 stands alone on its line and is a heading; a longer one is a sentence.
        return found.rank in (ITEM, SUB_ITEM) and length <= 26 and not _has(found.rest, "，；：")
    if ends_sentence(text) or text[-1] in "，、,":
        return False
    if found.rank >= POINT:
        return length <= 30 and not _has(found.rest, "，；：:")
    return length <= _MAX_NUMBERED and not _has(found.rest, "；。")


def _same_list(neighbour: Block, rank: int) -> bool:
    """Whether a neighbouring line is numbered alike and short: items of a list, no headings."""
    if not isinstance(neighbour, TextBlock):
        return False
    found = numbered(neighbour.text)
    return bool(
        found
        and found.rank == rank
        and "。" not in neighbour.text[:-1]
        and len(compact(neighbour.text)) <= _MAX_NUMBERED
    )


def _ends_run_of_short_lines(
    blocks: Sequence[Block], index: int, taken: frozenset[int], roles: Mapping[int, Role]
) -> bool:
    """Whether two more short lines stand directly above: names or items, the last no heading."""
    above = [
        blocks[at]
        for at in (index - 2, index - 1)
        if at >= 0 and at not in taken and at not in roles
    ]
    return len(above) == 2 and all(
        isinstance(block, TextBlock)
        and not numbered(block.text)
        and is_short_line(block.text, _MAX_PLAIN)
        for block in above
    )


def _has(text: str, marks: str) -> bool:
    return any(mark in text.rstrip("。") for mark in marks)


def run_in(text: str) -> int:
    """Where a run-in heading ends in a numbered paragraph (…健全法律法规。|构建…), or 0."""
    found = numbered(text)
    if found is None or found.rank < ARTICLE:
        return 0
    if found.rank == ARTICLE:  # 第一条 alone is the heading of its text
        return len(found.mark)
    end = text.find("。") + 1
    if not 0 < end < len(text) or end > _MAX_RUN_IN:
        return 0
    head = text[:end]
    # A whole sentence has clauses and colons; a heading has at most one comma.
    if _has(head, "；：:") or head.count("，") > 1 or ("，" in head and end > 26):
        return 0
    return end


def _plain_heading(text: str, following: Block | None, next_role: Role | None) -> bool:
    """A short line without number or final mark between paragraphs, followed by text."""
    question = text.endswith(("？", "?")) and len(compact(text)) <= _MAX_PLAIN
    if not (is_short_line(text, _MAX_PLAIN) or question):
        return False
    if text.startswith(("（", "(", "[", "［", "——", "注：", "注:", "附件：", "附件:")):
        return False
    if text.startswith("【") and _closes(text):  # it stands over whatever follows
        return following is not None
    if text.count("，") > 1 or "。" in text or not any(ch.isalpha() for ch in text):
        return False
    if following is None or next_role in ("signature", "date"):
        return False
    if isinstance(following, TableBlock) or following.marker:
        return True
    after = following.text
    return bool(numbered(after)) or ends_sentence(after) or len(after) > _MAX_PLAIN


def _closes(text: str) -> bool:
    return compact(text).strip("【】[]：:") in _CLOSING_PARTS


def _rank_plain(
    blocks: Sequence[Block], ranks: dict[int, int], plain: Sequence[int], roles: Mapping[int, Role]
) -> None:
    """Give plain subheads a rank: over the numbered headings, or under them.

    Over them, when the first stands before any numbered one of its text, or the numbers begin
    again after one; under them otherwise. 附注 and its like close a text and stand at the top.
    """
    title_at = [i for i, role in roles.items() if role in ("notice-title", "attached-title")]

    def text_of(index: int) -> int:
        return max((at for at in title_at if at < index), default=-1)

    above: dict[int, bool] = {}
    for scope in {text_of(index) for index in plain}:
        mine = [i for i in plain if text_of(i) == scope]
        marks = sorted(i for i, rank in ranks.items() if text_of(i) == scope and rank <= ITEM)
        real = [i for i in mine if not _closes(_text(blocks[i]))]
        again = [
            mark
            for mark in marks[1:]
            if (found := numbered(_text(blocks[mark]))) and found.first and found.rank == ITEM
        ]
        over = not marks or bool(real and real[0] < marks[0]) or bool(again)
        above.update(dict.fromkeys(mine, over))
    for index in plain:
        closing = _closes(_text(blocks[index]))
        ranks[index] = _PLAIN_ABOVE if closing or above[index] else _PLAIN_BELOW


def unplaced_short_lines(
    blocks: Sequence[Block], known: frozenset[int]
) -> list[tuple[TextBlock, TextBlock]]:
    """Runs of short lines without a final mark that are neither heading nor anything else known.

    Gives the first and the last line of each run.
    """
    found = [
        index
        for index, block in enumerate(blocks)
        if index not in known
        and isinstance(block, TextBlock)
        and not block.marker
        and is_short_line(block.text, _MAX_PLAIN)
        and not numbered(block.text)
        and not block.text.startswith(("附件", "（", "("))
        and any(ch.isalnum() for ch in block.text)
    ]
    runs: list[tuple[TextBlock, TextBlock]] = []
    for index in found:
        block = blocks[index]
        assert isinstance(block, TextBlock)
        if runs and blocks[index - 1] is runs[-1][1]:
            runs[-1] = runs[-1][0], block
        else:
            runs.append((block, block))
    return runs
