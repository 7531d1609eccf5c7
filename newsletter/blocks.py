"""A body as the rows of text that it shows: what is searched, and what a hit quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from newsletter.body import parse
from newsletter.structure import BLOCKS, HEADINGS, text

BETWEEN_CELLS = " ｜ "
# Written small and high: 10³ is not 103.
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPENING = ("[", "［", "〔", "【", "①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧", "⑨")


@dataclass(frozen=True)
class Block:
    """`id` is the address on the page: of the block, or of the table whose row this is."""

    id: str
    kind: str
    text: str


def blocks(html: str) -> list[Block]:
    """The rows of text of a clean body, in the order of reading.

    A row is a paragraph, an item, a heading, a caption or one row of a table. The marks of notes
    are left out: they interrupt the sentence they stand in. White space is as it is written.
    """
    found: list[Block] = []
    for element in parse(html):
        found += _blocks(element, "", "正文")
    return [block for block in found if block.text.strip()]


def _blocks(element: etree._Element, parent: str, kind: str) -> Iterator[Block]:
    place = element.get("id") or parent
    match element.tag:
        case "table":
            yield from _table(element, place)
            return
        case "section":
            kind = "注释"
        case "figure":
            kind = "图"
        case "caption":
            kind = "表"
        case tag if tag in HEADINGS:
            kind = "标题"
    if element.get("class") == "docno":
        kind = "文号"
    yield from _rows(element, place, kind)


def _rows(element: etree._Element, place: str, kind: str) -> Iterator[Block]:
    """Its own text, cut where a block stands in it."""
    own: list[str] = []
    for child in (None, *element):
        if child is None:
            own.append(element.text or "")
            continue
        if child.tag in BLOCKS or child.tag == "figcaption":
            yield Block(place, kind, "".join(own))
            own = []
            yield from _blocks(child, place, kind)
        elif not _is_mark(child):
            own.append(_without_marks(child))
        own.append(child.tail or "")
    yield Block(place, kind, "".join(own))


def _table(table: etree._Element, place: str) -> Iterator[Block]:
    for caption in table.findall("caption"):
        yield Block(place, "表", _without_marks(caption))
    rows = (row for path in ("thead/tr", "tbody/tr", "tr") for row in table.findall(path))
    for row in rows:
        cells = (_cell(cell) for cell in row)
        yield Block(place, "表", BETWEEN_CELLS.join(cell for cell in cells if cell))


def _cell(cell: etree._Element) -> str:
    parts = (block.text.strip() for block in _rows(cell, "", ""))
    return BETWEEN_CELLS.join(part for part in parts if part)


def _without_marks(element: etree._Element) -> str:
    if next(element.iter("sup"), None) is None:
        return text(element)
    if element.tag == "sup":
        return text(element).translate(_HIGH)
    parts = [element.text or ""]
    for child in element:
        if not _is_mark(child):
            parts.append(_without_marks(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _is_mark(element: etree._Element) -> bool:
    if element.tag != "sup":
        return False
    return element.find("a") is not None or text(element).strip().startswith(_OPENING)
