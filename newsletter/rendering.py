"""A clean body as a page shows it: pictures, tables that scroll by themselves, notes both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe
from lxml import etree

from newsletter.body import parse, serialise
from newsletter.structure import text
from newsletter.tables import caption_of, names, notes_below, settle_head, width_of

# A figure of a table, with its sign, groups, per cent, or the dash that stands for none.
_NUMBER = re.compile(r"[-−–+＋]?\d[\d,，\s]*(\.\d+)?\s*[%％‰]?|[—–-]{1,2}|…|\.\.\.")
_NOTE = re.compile(r"#note-([0-9]{1,3})")
# A table of more columns may be set wider than the text around it.
_COLUMNS_IN_MEASURE = 5

# The files that a table is offered as, by the id of the table: what they are called, and where.
TableFiles = Callable[[str], Sequence[tuple[str, str]] | None]


class FigureLike(Protocol):
    """What a page needs of a figure (`newsletter.models.Figure`)."""

    @property
    def number(self) -> str: ...

    @property
    def alternative(self) -> str: ...

    @property
    def width(self) -> int | None: ...

    @property
    def height(self) -> int | None: ...

    @property
    def image(self) -> object: ...

    def get_absolute_url(self) -> str: ...


def render(
    html: str,
    figures: Mapping[str, FigureLike],
    *,
    table_files: TableFiles | None = None,
) -> SafeString:
    """A clean body for a page: pictures, tables that scroll by themselves, notes both ways.

    Args:
        html: a body as `clean` returns it.
        figures: the article's figures by id.
        table_files: which files each table is offered as; without it tables have no links.
    """
    root = parse(html)
    pictures = [
        image
        for figure in root.iter("figure")
        if (image := _place_image(figure, figures.get(figure.get("data-figure", "")))) is not None
    ]
    # The first may stand on the first screen; the others wait until they are scrolled to.
    for image in pictures[1:]:
        image.set("loading", "lazy")
    _set_tables(root, table_files)
    _link_notes(root)
    for mark in root.iter("sup"):
        _tie_to_its_word(mark)
    for link in root.iter("a"):
        if not link.get("href", "").startswith(("#", "/")):
            link.set("rel", "noopener noreferrer")
    # Cleaned on save, and what is added here is built as elements, never as text.
    return mark_safe(serialise(root))  # noqa: S308  # nosec


def _place_image(figure: etree._Element, known: FigureLike | None) -> etree._Element | None:
    """Put the picture, or the word that it is missing, into its figure; return the picture."""
    if known is None:
        return None
    image: etree._Element | None = None
    if known.image:
        words = known.alternative or _caption(figure) or known.number
        # By itself it can be enlarged with two fingers, on any phone and without a script.
        link = etree.Element("a", href=known.get_absolute_url())
        link.set("class", "figure-large")
        link.set("aria-label", f"看大图：{words}" if words else "看大图")
        image = etree.SubElement(
            link, "img", src=known.get_absolute_url(), alt=words, decoding="async"
        )
        # The page keeps the room: nothing moves when the picture comes.
        if known.width and known.height:
            image.set("width", str(known.width))
            image.set("height", str(known.height))
        etree.SubElement(link, "span").text = "看大图"
        figure.insert(0, link)
    else:
        missing = etree.Element("p")
        missing.set("class", "missing")
        missing.text = "此图暂缺"
        figure.insert(0, missing)
    caption = figure.find("figcaption")
    if caption is None:
        caption = etree.SubElement(figure, "figcaption")
    if known.number:
        number = etree.Element("b")
        number.text = known.number
        number.tail = f"\u3000{caption.text}" if caption.text else None
        caption.text = None
        caption.insert(0, number)
    return image


def _caption(figure: etree._Element) -> str:
    return "".join(text(caption) for caption in figure.iter("figcaption"))


def _mark_numbers(table: etree._Element) -> None:
    """Columns of figures are set flush right: their cells, and the heads that stand over them."""
    numeric: dict[int, bool] = {}
    heads = table.findall("thead/tr")
    for row in table.iter("tr"):
        for column, cell in enumerate(row):
            if cell.tag == "td" and text(cell).strip() and row not in heads:
                is_number = bool(_NUMBER.fullmatch(" ".join(text(cell).split())))
                numeric[column] = numeric.get(column, True) and is_number
    for row in table.iter("tr"):
        # Merged cells shift what follows them: such a row is left as it is.
        if any(cell.get("colspan") or cell.get("rowspan") for cell in row):
            continue
        for column, cell in enumerate(row):
            if numeric.get(column):
                cell.set("class", "number")


def _tie_to_its_word(mark: etree._Element) -> None:
    """The mark of a note never begins a line: a word joiner stands before it (UAX 14, WJ)."""
    before, parent = mark.getprevious(), mark.getparent()
    if before is not None:
        before.tail = f"{before.tail or ''}\u2060"
    elif parent is not None:
        parent.text = f"{parent.text or ''}\u2060"


def _set_tables(root: etree._Element, files: TableFiles | None) -> None:
    tables = list(root.iter("table"))
    shown: set[str] = set()
    for table, name in zip(tables, names(tables), strict=True):
        settle_head(table)
        for cell in table.iterfind("thead/tr/th"):
            # An empty corner heads nothing (HTML Standard, section 4.9.10; axe empty-table-header).
            if not text(cell).strip():
                cell.tag = "td"
                cell.attrib.pop("scope", None)
        _mark_numbers(table)
        below = notes_below(table)
        # Landmarks of one page must not share a name: the short one is unique.
        caption = caption_of(table)
        label = caption if caption and caption not in shown else name
        shown.add(label)
        columns = width_of(table)
        frame = _make_scrollable(table, label, is_wide=columns > _COLUMNS_IN_MEASURE)
        offered = files(table.get("id", "")) if files and table.get("id") else None
        if offered and frame is not None and columns:
            (below[-1] if below else frame).addnext(_links(offered, name))


def _links(offered: Sequence[tuple[str, str]], name: str) -> etree._Element:
    line = etree.Element("p")
    line.set("class", "table-files")
    line.text = "下载本表："
    for label, address in offered:
        link = etree.SubElement(line, "a", href=address, download="")
        link.set("aria-label", f"下载{name} {label}")
        link.text = label
        link.tail = " "
    line[-1].tail = None
    return line


def _make_scrollable(table: etree._Element, label: str, *, is_wide: bool) -> etree._Element | None:
    """A wide table scrolls by itself and by keyboard (WCAG 2.1.1), the page never sideways."""
    parent = table.getparent()
    if parent is None:
        return None
    frame = etree.Element("div")
    frame.set("class", "table wide" if is_wide else "table")
    frame.set("tabindex", "0")
    frame.set("role", "region")
    frame.set("aria-label", label)
    frame.tail, table.tail = table.tail, None
    parent.replace(table, frame)
    frame.append(table)
    return frame


def _link_notes(root: etree._Element) -> None:
    """Marks lead to their notes, and notes back to where they were called (DPUB-ARIA 1.1)."""
    known = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    calls: dict[str, list[str]] = {}
    for link in list(root.iter("a")):
        found = _NOTE.fullmatch(link.get("href", ""))
        if not found or not _is_mark(link):
            continue
        number = found[1]
        if f"note-{number}" not in known:
            # Nothing stands there: a mark as printed, not a link to nowhere.
            del link.attrib["href"]
            continue
        link.set("role", "doc-noteref")
        link.set("aria-label", f"注{number}")
        if next(link.iterancestors("section"), None) is None:
            calls.setdefault(number, []).append(_place_to_return_to(link, number, known))
    for section in root.iterfind(".//section[@class='notes']"):
        section.set("role", "doc-endnotes")
        section.set("aria-label", "注释")
    for key, note in list(known.items()):
        number = key.removeprefix("note-")
        if number == key:
            continue
        back = calls.get(number) or ([f"ref-{number}"] if f"ref-{number}" in known else [])
        for count, place in enumerate(back, start=1):
            _lead_back(note, number, place, count if len(back) > 1 else 0)


def _is_mark(link: etree._Element) -> bool:
    return next(link.iterancestors("sup"), None) is not None or link.find(".//sup") is not None


def _place_to_return_to(link: etree._Element, number: str, known: dict[str, etree._Element]) -> str:
    """An id at this mark: ref-1 for the first of note 1, ref-1-2 for the second …"""
    count = 1
    while (place := f"ref-{number}" if count == 1 else f"ref-{number}-{count}") in known:
        count += 1
    link.set("id", place)
    known[place] = link
    return place


def _lead_back(note: etree._Element, number: str, place: str, count: int) -> None:
    holder = note
    while len(holder) and holder[-1].tag in ("p", "li", "ul", "ol") and not holder[-1].tail:
        holder = holder[-1]
    link = etree.SubElement(holder, "a", href=f"#{place}")
    link.set("class", "note-back")
    link.set("role", "doc-backlink")
    which = f"第{count}处" if count else ""
    link.set("aria-label", f"回到正文注{number}{which}")
    # A variation selector: without it phones draw a coloured picture.
    link.text = "↩\ufe0e"
    if count > 1:
        small = etree.SubElement(link, "sup")
        small.text = str(count)
    before = link.getprevious()
    if before is not None:
        before.tail = f"{before.tail or ''} "
    else:
        holder.text = f"{holder.text or ''} "
