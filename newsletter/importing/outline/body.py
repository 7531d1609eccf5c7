"""An article's blocks as typed elements."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import Block, TableBlock, TextBlock
from newsletter.importing.characters import HAN, is_short_line
from newsletter.importing.outline.figures import (
    missing_attachments,
    missing_enclosures,
    missing_figures,
)
from newsletter.importing.outline.headings import run_in, unplaced_short_lines
from newsletter.importing.outline.joins import Joined, Vocabulary, join_paragraphs
from newsletter.importing.outline.model import (
    BulletList,
    Element,
    Figure,
    Heading,
    NoteMark,
    Notes,
    Omitted,
    Paragraph,
    ParagraphRole,
    Run,
    Strong,
    Table,
)
from newsletter.importing.outline.notes import marked_runs, note_doubts
from newsletter.importing.outline.notices import Role, notice_roles
from newsletter.importing.outline.recognise import ASKING, SPEAKER, Recognised, recognise
from newsletter.importing.outline.tables import TablePlace, grid

_STRAY = re.compile(f"(?<=[{HAN}]) ?\\b(and|or|the|of|to|in)\\b ?(?=[{HAN}])")


_BULLET = re.compile("[●•▪◦■◆▲►➢✓√·○◎☆★](?=\\w|[“《（])")


@dataclass(slots=True)
class Body:
    """An article's elements, what was left out of it, and what is doubtful."""

    document_number: str
    elements: list[Element] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def build_body(source: Sequence[Block], title: str, words: Vocabulary, article: int) -> Body:
    """The elements of an article, from the blocks that its fields left."""
    source = _with_bullets(source)
    notice = notice_roles(source, title)
    joined, firsts, doubts = join_paragraphs(source, notice, words, article)
    body = Body(notice.document_number, doubts=doubts)
    blocks = [paragraph.block for paragraph in joined]
    found = recognise(
        blocks,
        {at: notice.roles[first] for at, first in enumerate(firsts) if first in notice.roles},
    )
    circled = frozenset(note.number for note in found.notes if "①" <= note.mark[0] <= "⑳")
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if isinstance(block, TableBlock):
            body.elements.append(_table(body, blocks, block, found.tables[at], article))
        elif at in found.captions:
            body.elements.append(Figure(*found.captions[at], block.line))
        elif at in found.headings:
            head = found.headings[at]
            body.elements.append(Heading(head.level, head.text, block.line))
        elif block.marker and found.roles.get(at) is None and at not in found.known:
            at = _list(body, blocks, at, circled)
            continue
        elif at not in found.note_blocks and at not in found.beside_tables:
            body.elements.append(_text_element(body, joined[at], found.roles.get(at), circled))
        at += 1
    _notes(body, blocks, found, circled)
    _add_doubts(body, blocks, found.known, article)
    return body


def _with_bullets(blocks: Sequence[Block]) -> list[Block]:
    """Lines that begin with the same mark glued on (●…) as items, where two or more stand together.

    A mark before a heading (◆… with a paragraph under it) is part of the heading.
    """
    marks = [
        b.text[0] if isinstance(b, TextBlock) and _BULLET.match(b.text) else "" for b in blocks
    ]
    return [
        replace(block, text=block.text[1:].strip(), marker=mark)
        if mark
        and isinstance(block, TextBlock)
        and mark in (*marks[at - 1 : at], *marks[at + 1 : at + 2])
        else block
        for at, (block, mark) in enumerate(zip(blocks, marks, strict=True))
    ]


def _text_element(
    body: Body, paragraph: Joined, role: Role | None, circled: frozenset[int]
) -> Heading | Paragraph:
    block = paragraph.block
    assert isinstance(block, TextBlock)
    if role == "notice-title" or role == "attached-title":
        return Heading(2, block.text, block.line, role)
    if block.marker:  # a note that the file lists with a mark
        body.omitted.append(Omitted(block.marker, block.line, "列表记号"))
    return _paragraph(block.text, paragraph.lines, role, circled)


def _notes(body: Body, blocks: Sequence[Block], found: Recognised, circled: frozenset[int]) -> None:
    """The notes at the end, with the line above them (注释：) if there is one."""
    if not found.notes:
        return
    label = blocks[min(found.note_blocks)]
    if isinstance(label, TextBlock) and label.line != found.notes[0].line:
        body.elements.append(_paragraph(label.text, (label.line,), "note", circled))
    body.elements.append(Notes(found.notes, found.notes[0].line))


def _paragraph(
    text: str, lines: tuple[int, ...], role: ParagraphRole | None, circled: frozenset[int]
) -> Paragraph:
    head = 0
    if role == "qa" and (speaker := ASKING.match(text) or SPEAKER.match(text)):
        head = speaker.end()
    elif role is None:
        head = run_in(text)
    runs: list[Run] = [Strong(text[:head].rstrip())] if head else []
    rest = text[head:]
    if head and text[:head] != text[:head].rstrip():
        rest = f" {rest}"
    return Paragraph((*runs, *marked_runs(rest, circled)), lines, role)


def _list(body: Body, blocks: Sequence[Block], at: int, circled: frozenset[int]) -> int:
    """Take the marked lines from here on as one list; returns the index after it."""
    items: list[tuple[Run, ...]] = []
    lines: list[int] = []
    while at < len(blocks):
        block = blocks[at]
        if not isinstance(block, TextBlock) or not block.marker:
            break
        items.append(tuple(marked_runs(block.text, circled)))
        lines.append(block.line)
        body.omitted.append(Omitted(block.marker, block.line, "列表记号"))
        at += 1
    body.elements.append(BulletList(tuple(items), tuple(lines)))
    return at


def _table(
    body: Body, blocks: Sequence[Block], table: TableBlock, place: TablePlace, article: int
) -> Table:
    cells, doubts = grid(table, article)
    body.doubts += doubts
    # 单位：亿元 stands with the caption, in printed order.
    above = sorted(at for at in (place.caption, place.unit) if at is not None)
    caption = " ".join(block.text for at in above if isinstance(block := blocks[at], TextBlock))
    notes: list[Paragraph] = []
    for at in place.notes:
        block = blocks[at]
        if not isinstance(block, TextBlock):
            continue
        if block.marker:
            body.omitted.append(Omitted(block.marker, block.line, "列表记号"))
        notes.append(_paragraph(block.text, (block.line,), "note", frozenset()))
    return Table(caption, cells.header, cells.rows, tuple(notes), table.line)


def _add_doubts(body: Body, blocks: Sequence[Block], known: frozenset[int], article: int) -> None:
    figures = [e for e in body.elements if isinstance(e, Figure)]
    tables = [e for e in body.elements if isinstance(e, Table)]
    paragraphs = [e for e in body.elements if isinstance(e, Paragraph)]
    notes = next((e for e in body.elements if isinstance(e, Notes)), None)
    texts = [(block.text, block.line) for block in blocks if isinstance(block, TextBlock)]
    marks = [
        (run, paragraph.lines[0])
        for paragraph in paragraphs
        for run in paragraph.runs
        if isinstance(run, NoteMark)
    ]
    titles = [text for text, _ in texts if is_short_line(text, 60)]
    body.doubts += missing_figures(figures, article)
    body.doubts += missing_attachments(texts, figures, tables, titles, article)
    body.doubts += missing_enclosures(texts, [*titles, *(t.caption for t in tables)], article)
    body.doubts += note_doubts(marks, notes, article)
    for block, last in unplaced_short_lines(blocks, known):
        what = "是单独的短行" if last is block else f"起至第{last.line}行都是短行"
        body.doubts.append(
            Doubt(
                DoubtKind.HEADING,
                f"第{block.line}行“{excerpt(block.text)}”{what}，作普通段落，请核对是否小标题。",
                block.line,
                article,
                excerpt(block.text),
            )
        )
    for text, line in texts:
        for found in _STRAY.finditer(text):
            body.doubts.append(
                Doubt(
                    DoubtKind.STRAY,
                    f"第{line}行汉字之间夹有“{found[1]}”，似是误入的文字，已照原样保留。",
                    line,
                    article,
                    text[max(0, found.start() - 8) : found.end() + 8],
                )
            )
