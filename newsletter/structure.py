"""The shape of a body: which element may hold which.

A parser lets through what a page can show but no reader of the body expects: a paragraph in a
heading, a paragraph in bold, an item without its list. Whatever is moved here, no text is lost
and none changes its place in the order of reading.
"""

from __future__ import annotations

from lxml import etree

HEADINGS = ("h2", "h3", "h4", "h5")
BLOCKS = (*HEADINGS, "p", "ol", "ul", "li", "blockquote", "table", "figure", "section")
INLINE = frozenset({"a", "strong", "em", "sup", "span"})
_NOT_INLINE = (*BLOCKS, "caption", "thead", "tbody", "tr", "th", "td", "figcaption")
# Marks an element of which only what it holds is to stay.
_DISSOLVED = "dissolved"


def settle(root: etree._Element) -> None:
    """Make the tree under `root` keep to the contract of `docs/body.md`, in place."""
    for element in root.iter(*INLINE):
        if next(element.iterdescendants(*_NOT_INLINE), None) is not None:
            element.tag = _DISSOLVED
    etree.strip_tags(root, _DISSOLVED)
    _flatten_captions(root)
    for holder in list(root.iter(*HEADINGS, "p")):
        _move_blocks_out(holder)
    for item in list(root.iter("li", "figcaption")):
        _bring_home(item)
    for found in list(root.iter("ol", "ul")):
        _wrap_loose(found, "li")
    for container in [root, *root.iter("section", "blockquote")]:
        _wrap_loose(container, "p")
    _drop_empty(root)


def text(element: etree._Element) -> str:
    return "".join(element.itertext())


def _flatten_captions(root: etree._Element) -> None:
    """A caption is one run of text; where a block began in it a space is left."""
    for caption in root.iter("caption", "figcaption"):
        for block in caption.iterdescendants(*_NOT_INLINE):
            block.text = f" {block.text or ''}"
            block.tag = _DISSOLVED
    etree.strip_tags(root, _DISSOLVED)


def _move_blocks_out(holder: etree._Element) -> None:
    """A heading or paragraph ends where a block begins in it; the rest follows it."""
    parent = holder.getparent()
    first = next((child for child in holder if child.tag not in INLINE), None)
    if first is None or parent is None:
        return
    moved = holder[holder.index(first) :]
    after, holder.tail = holder.tail, None
    at = parent.index(holder) + 1
    parent[at:at] = moved
    moved[-1].tail = (moved[-1].tail or "") + (after or "") or None


def _bring_home(element: etree._Element) -> None:
    """An item outside a list gets one; a figure's caption outside a figure is a paragraph."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tag == "figcaption":
        if parent.tag != "figure":
            element.tag = "p"
    elif parent.tag not in ("ol", "ul"):
        before = element.getprevious()
        if before is None or before.tag != "ul" or (before.tail or "").strip():
            before = etree.Element("ul")
            parent.replace(element, before)
        before.tail, element.tail = element.tail, None
        before.append(element)


def _wrap_loose(container: etree._Element, wrapper: str) -> None:
    """Text and elements that may not stand in a container get a `wrapper` around them."""
    children: list[etree._Element] = []
    open_wrapper: etree._Element | None = None

    def wrapped() -> etree._Element:
        nonlocal open_wrapper
        if open_wrapper is None:
            open_wrapper = etree.Element(wrapper)
            children.append(open_wrapper)
        return open_wrapper

    def put_text(found: str | None) -> None:
        if not found or (open_wrapper is None and not found.strip()):
            return
        target = wrapped()
        if len(target):
            target[-1].tail = (target[-1].tail or "") + found
        else:
            target.text = (target.text or "") + found

    put_text(container.text)
    for element in list(container):
        tail, element.tail = element.tail, None
        loose = element.tag != "li" if wrapper == "li" else element.tag in INLINE
        if loose:
            wrapped().append(element)
        else:
            open_wrapper = None
            children.append(element)
        put_text(tail)
    container.text = None
    container[:] = children


def _drop_empty(root: etree._Element) -> None:
    for element in list(root.iter(*HEADINGS, "p", "li", "ol", "ul", "blockquote", "section")):
        parent = element.getparent()
        if parent is None or text(element).strip() or element.find(".//figure") is not None:
            continue
        tail = element.tail or ""
        if tail:
            previous = element.getprevious()
            if previous is not None:
                previous.tail = (previous.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
        parent.remove(element)
