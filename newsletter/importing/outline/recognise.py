"""What each block of an article is: title, number, caption, table line, note, speaker, heading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import HAN
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.headings import Headed, find_headings
from newsletter.importing.outline.model import Note, ParagraphRole
from newsletter.importing.outline.notes import note_texts
from newsletter.importing.outline.notices import Role
from newsletter.importing.outline.tables import TablePlace, place_of

_NOTE_LINE = re.compile("[（(]?(?:注 ?[0-9]?|(?:数据|资料|图片)来源)[:：]")
_LEAD_LINE = re.compile("导读[:：]")
_ORIGINAL_TITLE = re.compile("原(?:标)?题[:：]")
SPEAKER = re.compile(
    f"(?:【[^】]{{1,10}}】|\\[[^\\]]{{1,10}}\\]|(?:[{HAN}·]{{1,10}}|[QA][0-9]{{0,2}}) ?[:：])"
)
ASKING = re.compile(
    "[【\\[]?(?:问题?[0-9一二三四五六七八九十]{0,2}|答|答复|记者|本[刊报]记者|主持人|提问|[QA][0-9]{0,2})"
    "(?:[】\\]] ?[:：]?| ?[:：])"
)


@dataclass(slots=True)
class Recognised:
    """What is known of an article's blocks, by their index."""

    roles: dict[int, Role]
    captions: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Figure captions: number and caption."""
    tables: dict[int, TablePlace] = field(default_factory=dict)
    headings: dict[int, Headed] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    note_blocks: frozenset[int] = frozenset()
    beside_tables: frozenset[int] = frozenset()
    """Captions, units and notes of tables."""

    @property
    def known(self) -> frozenset[int]:
        """All blocks that are something in particular."""
        return frozenset(
            {*self.roles, *self.captions, *self.headings, *self.note_blocks, *self.beside_tables}
        )


def recognise(blocks: Sequence[Block], roles: dict[int, Role]) -> Recognised:
    """Find what each block is; `roles` are the parts of notices, found before."""
    found = Recognised(dict(roles))
    notes, found.note_blocks = note_texts(blocks)
    found.notes = tuple(notes)
    texts = [(at, b) for at, b in enumerate(blocks) if isinstance(b, TextBlock)]
    found.captions = {at: c for at, block in texts if (c := figure_caption(block.text))}
    for at, block in enumerate(blocks):
        if isinstance(block, TableBlock):
            # A line between two tables belongs to one of them: a note to the one above.
            place = place_of(blocks, at, found.known)
            found.tables[at] = place
            lines = (place.caption, place.unit, *place.notes)
            found.beside_tables |= frozenset(line for line in lines if line is not None)
    speakers = _speakers(blocks)
    for at, block in texts:
        role = None if at in found.known else _paragraph_role(block.text, speakers)
        if role:
            found.roles[at] = role
    found.roles.update(dict.fromkeys(_notes_after_bare(blocks, found.known), "note"))
    not_headings = found.note_blocks | found.beside_tables | frozenset(found.captions)
    found.headings = find_headings(blocks, found.roles, not_headings)
    return found


def _paragraph_role(text: str, speakers: frozenset[str]) -> ParagraphRole | None:
    if _NOTE_LINE.match(text):
        return "note"
    if _LEAD_LINE.match(text):
        return "lead"
    if _ORIGINAL_TITLE.match(text):
        return "original-title"
    speaker = SPEAKER.match(text)
    if ASKING.match(text) or (speaker and speaker[0].rstrip(" ：:") in speakers):
        return "qa"
    return None


def _speakers(blocks: Sequence[Block]) -> frozenset[str]:
    """Names that speak in an interview: where somebody asks, whoever speaks twice or more."""
    counts: dict[str, int] = {}
    asked = 0
    for block in blocks:
        if isinstance(block, TextBlock) and (found := SPEAKER.match(block.text)):
            name = found[0].rstrip(" ：:")
            counts[name] = counts.get(name, 0) + 1
            asked += bool(ASKING.match(block.text))
    return frozenset(name for name, count in counts.items() if count >= 2) if asked else frozenset()


def _notes_after_bare(blocks: Sequence[Block], known: frozenset[int]) -> list[int]:
    """注： alone, outside a table, with the counted or listed lines under it."""
    found: list[int] = []
    for at, block in enumerate(blocks):
        if not isinstance(block, TextBlock):
            continue
        bare = block.text.rstrip(" ：:") == "注" and at not in known
        if bare or (
            found
            and found[-1] == at - 1
            and at not in known
            and (block.marker or re.match("[0-9]{1,2}[.．、]", block.text))
        ):
            found.append(at)
    return found
