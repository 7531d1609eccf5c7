"""Notes: their marks in the text, clean or damaged, and their texts at the end."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from newsletter.doubts import Doubt, DoubtKind
from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.outline.model import Note, NoteMark, Notes, Plain, Run

# [1], ［12］, [注3]. A year in brackets belongs to a document's number and has four digits.
_CLEAN = re.compile("[\\[［](?:注|註)? ?([0-9０-９]{1,3})[\\]］](?! ?号)")
# What copying leaves of a mark: digits among quotes, superscripts and stray brackets.
_DAMAGED = re.compile("[\\[［]['‘’`\"“”¹²³⁰⁴-⁹0-9０-９\\[\\]\\s^*]{1,10}[\\]］]")
_CIRCLED = re.compile("[①-⑳]")
_TEXT = re.compile("(?:[\\[［](?:注|註)? ?([0-9０-９]{1,3})[\\]］]|([①-⑳]))[ ：:、.．]*(?=\\S)")
_COUNTED = re.compile("([0-9０-９]{1,3})(?:[.．](?![0-9])|、) ?")
_LABEL = re.compile("(?:注释|尾注|脚注|参考文献|注解|附注|注)[:：]?")


def note_texts(blocks: Sequence[Block]) -> tuple[list[Note], frozenset[int]]:
    """Note texts that end an article, and the indexes of their blocks.

    They are lines that begin with [1] or ①, with or without 注释 above them; 注释 may also head
    lines counted 1. 2. when the text has marks. A line that goes on from a note stays with it.
    """
    marks = {run.number for block in blocks for run in _runs_of(block)}
    circled = {
        _value(mark)
        for block in blocks
        if isinstance(block, TextBlock)
        for mark in _CIRCLED.findall(block.text[1:])
    }
    at = len(blocks)
    while at > 0:
        block = blocks[at - 1]
        if not isinstance(block, TextBlock):
            break
        if not _TEXT.match(block.text) and not (marks and _COUNTED.match(block.text)):
            break
        at -= 1
    labelled = at > 0 and at < len(blocks) and _is_label(blocks[at - 1])
    notes: list[Note] = []
    used: set[int] = set()
    for index in range(at, len(blocks)):
        block = blocks[index]
        if not isinstance(block, TextBlock):
            continue
        found = _TEXT.match(block.text)
        if found and found[2] and not (labelled or _value(found[2]) in circled):
            return [], frozenset()
        if not found:
            found = _COUNTED.match(block.text) if labelled else None
        if not found:
            return [], frozenset()  # counted lines without 注释 are the text's own points
        number = _value(found[1] or found[found.lastindex or 1])
        notes.append(Note(number, found[0].strip(), block.text[found.end() :], block.line))
        used.add(index)
    if notes and labelled:
        used.add(at - 1)
    return notes, frozenset(used)


def _is_label(block: Block) -> bool:
    return isinstance(block, TextBlock) and bool(_LABEL.fullmatch(block.text))


def _runs_of(block: Block) -> list[NoteMark]:
    if not isinstance(block, TextBlock) or _TEXT.match(block.text):
        return []
    return [run for run in marked_runs(block.text) if isinstance(run, NoteMark)]


def _value(mark: str) -> int:
    digits = "".join(ch for ch in unicodedata.normalize("NFKC", mark) if ch.isdecimal())
    return int(digits or 0)


def marked_runs(text: str, circled: frozenset[int] = frozenset()) -> list[Run]:
    """The text as runs, with the note marks set apart.

    `circled` are the notes that ①, ② … may refer to; without them such a mark counts points.
    """
    runs: list[Run] = []
    at = 0
    while at < len(text):
        starts = [p for p in (text.find("[", at), text.find("［", at)) if p >= 0]
        ring = _CIRCLED.search(text, at) if circled else None
        place = min([*starts, *([ring.start()] if ring else [])], default=-1)
        if place < 0:
            break
        found = _mark_at(text, place, circled)
        if found is None:
            runs.append(Plain(text[at : place + 1]))
            at = place + 1
            continue
        if place > at:
            runs.append(Plain(text[at:place]))
        runs.append(found)
        at = place + len(found.text)
    if at < len(text):
        runs.append(Plain(text[at:]))
    return _merged(runs)


def _mark_at(text: str, place: int, circled: frozenset[int]) -> NoteMark | None:
    clean = _CLEAN.match(text, place)
    if clean:
        return NoteMark(clean[0], _value(clean[1]))
    if text[place] not in "[［":
        ring = _value(text[place])
        return NoteMark(text[place], ring) if ring in circled and place else None
    damaged = _DAMAGED.match(text, place)
    if not damaged:
        return None
    digits = [ch for ch in damaged[0] if ch.isascii() and ch.isdigit()]
    digits = digits or [unicodedata.normalize("NFKC", ch) for ch in damaged[0] if ch.isdigit()]
    if not digits or len(digits) > 3:
        return None
    return NoteMark(damaged[0], int("".join(digits)), damaged=True)


def _merged(runs: Iterable[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in runs:
        if isinstance(run, Plain) and merged and isinstance(merged[-1], Plain):
            merged[-1] = Plain(merged[-1].text + run.text)
        else:
            merged.append(run)
    return merged


def note_doubts(
    marks: Sequence[tuple[NoteMark, int]], notes: Notes | None, article: int
) -> Iterable[Doubt]:
    """Doubts about damaged marks, missing numbers, missing texts and notes nobody refers to.

    `marks` come with their lines.
    """
    texts = {note.number for note in notes.items} if notes else set()
    seen = {mark.number for mark, _ in marks}
    for mark, line in marks:
        if mark.damaged:
            yield Doubt(
                DoubtKind.NOTE_MARK_DAMAGED,
                f"第{line}行的注号“{mark.text}”损坏，疑为注{mark.number}，已照原样保留。",
                line,
                article,
                mark.text,
            )
    for number in sorted(seen - texts):
        line = next(line for mark, line in marks if mark.number == number)
        yield Doubt(
            DoubtKind.NOTE_TEXT_ABSENT,
            f"第{line}行有注号{number}，文件里没有注{number}的注文。",
            line,
            article,
            f"注{number}",
        )
    for number in range(1, max((n for n in seen if n <= 99), default=0)):
        if number not in seen:
            mark, line = next((m, at) for m, at in marks if m.number > number)
            yield Doubt(
                DoubtKind.NOTE_MARK_ABSENT,
                f"第{line}行已是注号{mark.number}，正文里没有注号{number}。",
                line,
                article,
                f"注{number}",
            )
    for note in notes.items if notes else ():
        if note.number not in seen:
            yield Doubt(
                DoubtKind.NOTE_UNUSED,
                f"第{note.line}行的注{note.number}在正文里没有注号引用。",
                note.line,
                article,
                note.mark,
            )
