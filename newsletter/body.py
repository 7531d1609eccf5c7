"""The body of an article: one closed vocabulary of HTML, and everything derived from it.

`clean` is the only sanitiser; `Article.save` calls it whatever the text came from. The
vocabulary is the contract of `docs/body.md`: editor, importer, search and exports speak it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import nh3
from lxml import etree

from newsletter.structure import BLOCKS, HEADINGS, INLINE, settle, text
from newsletter.tokens import new_token

_TAGS = {*BLOCKS, *INLINE, "caption", "thead", "tbody", "tr", "th", "td", "figcaption"}

# What a block is besides its tag.
ROLES = frozenset(
    {
        "docno",
        "addressee",
        "notice-title",
        "attached-title",
        "signature",
        "date",
        "remark",
        "original-title",
        "lead",
        "note",
        "qa",
    }
)
_ATTRIBUTES = {
    "*": {"id", "class"},
    "a": {"href"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "figure": {"data-figure"},
}
_BLOCK_ID = re.compile(r"b[0-9a-z]{4,12}")
_NOTE_ID = re.compile(r"(note|ref)-[0-9]{1,3}")
_SPAN = re.compile(r"[1-9][0-9]?")
# What browsers skip when they read an address (URL Standard, section 4.4).
_IGNORED_IN_ADDRESS = re.compile("^[\0- ]+|[\t\n\r]|[\0- ]+$")
_LINES = frozenset({*BLOCKS, "caption", "figcaption", "tr"})
_TABLE_PARTS = frozenset({"table", "thead", "tbody", "tr"})
_FIGURE_ID = re.compile(r"[0-9a-z]{4,12}")
# What word processors and browsers write for the same things.
_SYNONYMS = {"div": "p", "h1": "h2", "h6": "h5", "b": "strong", "i": "em"}
_SYNONYM_TAG = re.compile(r"<(/?)(div|h1|h6|b|i)(?=[\s>/])", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br(?:[\s/][^<>]*)?>", re.IGNORECASE)
# Formulas (MathML; no element of ours begins with an m) and drawings (SVG) are dropped by nh3
# with all they hold: without their tags, the words in them stay.
_FOREIGN_TAG = re.compile(
    r"</?(?:m[a-z]+|none|semantics|annotation(?:-xml)?|svg|animate[a-z]*|circle|clippath|defs|desc"
    r"|ellipse|fe[a-z]+|filter|foreignobject|g|image|line|lineargradient|path|pattern|poly[a-z]+"
    r"|radialgradient|rect|set|stop|switch|symbol|text|textpath|tspan|use|view)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)[^>]*>", re.IGNORECASE)
# Elements that the next of their kind ends by itself, and those without content: none nests.
_ENDED_BY_ITSELF = frozenset(
    [
        *("p", "li", "dt", "dd", "option", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("caption", "colgroup", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    ]
)
# Deeper nesting has no meaning on a page, and costs a parser its square in time.
MAX_DEPTH = 200
# One is enough for what is clean, two or three for what people and programs write.
_PASSES = 8
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Heading:
    """An entry of an article's table of contents; `level` is 2–5 as in the tag."""

    level: int
    id: str
    text: str


def clean(html: str) -> str:
    """Any HTML, reduced to the vocabulary; every block keeps its id or is given one.

    Cleaning what is clean changes nothing. Text is never dropped, except inside `script`,
    `style` and `template`, which show none.
    """
    html = _shallow(_FOREIGN_TAG.sub("", _NOT_XML.sub("", html)))
    html = _LINE_BREAK.sub("</p><p>", html)
    html = _SYNONYM_TAG.sub(lambda found: f"<{found[1]}{_SYNONYMS[found[2].lower()]}", html)
    # A browser may read a cleaned text otherwise than it was meant (mutation XSS): only what
    # is read back unchanged is clean.
    for _ in range(_PASSES):
        found = _cleaned_once(html)
        if found == html:
            return found
        html = found
    return _cleaned_once("".join(f"<p>{escape(line)}</p>" for line in to_text(html).split("\n")))


def to_text(html: str) -> str:
    """The plain text: a line a block, cells divided by tabs. No character is left out."""
    lines = [""]
    rows_open = 0
    for event, element in etree.iterwalk(parse(html), events=("start", "end")):
        started = event == "start"
        if element.tag == "tr":
            rows_open += 1 if started else -1
        at_edge = rows_open == started if element.tag == "tr" else not rows_open
        if element.tag in _LINES and at_edge:
            lines.append("")
        elif started and element.tag in ("td", "th") and element.getprevious() is not None:
            lines[-1] += "\t"
        found = element.text if started else element.tail
        # Between the parts of a table there is nothing but the layout of the source.
        holder = element if started else element.getparent()
        if found and (holder is None or holder.tag not in _TABLE_PARTS):
            lines[-1] += found
    return "\n".join(line for line in (line.strip("\n") for line in lines) if line.strip())


def headings(html: str) -> list[Heading]:
    return [
        Heading(int(str(element.tag)[1]), element.get("id", ""), text(element))
        for element in parse(html).iter(*HEADINGS)
    ]


def figure_captions(html: str) -> dict[str, str]:
    """The caption of every figure placed in a body, by figure id, in order."""
    return {
        figure.get("data-figure", ""): "".join(text(found) for found in figure.iter("figcaption"))
        for figure in parse(html).iter("figure")
    }


def tables(html: str) -> list[dict[str, object]]:
    """Every table as its caption and its rows of cell texts, head rows first."""
    return [
        {
            "caption": "".join(text(caption) for caption in table.iter("caption")),
            "head_rows": len(table.findall("thead/tr")),
            "rows": [[text(cell) for cell in row] for row in table.iter("tr")],
        }
        for table in parse(html).iter("table")
    ]


def block_texts(html: str) -> dict[str, str]:
    """The text of every block that has an id of its own, in order, by that id."""
    return {
        element.get("id", ""): text(element).strip()
        for element in _identified(parse(html))
        if element.get("id")
    }


def is_block_id(value: str) -> bool:
    return bool(_BLOCK_ID.fullmatch(value))


def characters(html: str) -> int:
    """How many characters there are to read, white space not counted."""
    return sum(1 for character in to_text(html) if not character.isspace())


def keep_ids(new: str, old: str) -> str:
    """`new` with the block ids that `old` gave to blocks of the same tag and text.

    Marks and notes of readers hang on these ids, so a re-import must not renumber them.
    """
    known: dict[tuple[str, str], list[str]] = {}
    for element in _identified(parse(old)):
        if not _NOTE_ID.fullmatch(element.get("id", "")):
            known.setdefault((str(element.tag), text(element)), []).append(element.get("id", ""))
    root = parse(new)
    for element in _identified(root):
        # A note's id follows its number, to which the marks in the text point.
        if _NOTE_ID.fullmatch(element.get("id", "")):
            continue
        waiting = known.get((str(element.tag), text(element)))
        if waiting:
            element.set("id", waiting.pop(0))
    return clean(serialise(root))


def _shallow(html: str) -> str:
    """The same, without the tags that nest when they nest beyond all reason."""
    # Nothing after the last ">" is a tag; so the search below never looks for an end in vain.
    end = html.rfind(">") + 1
    open_now: dict[str, int] = {}
    depth = 0
    for slash, written in _TAG.findall(html, 0, end):
        name = written.lower()
        if name in _ENDED_BY_ITSELF or (slash and not open_now.get(name)):
            continue
        step = -1 if slash else 1
        open_now[name] = open_now.get(name, 0) + step
        depth += step
        if depth > MAX_DEPTH:
            flat = _TAG.sub(
                lambda found: found[0] if found[2].lower() in _ENDED_BY_ITSELF else "", html[:end]
            )
            return flat + html[end:]
    return html


def _cleaned_once(html: str) -> str:
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        clean_content_tags={"script", "style"},
    )
    # Again: a character reference may name what XML has no character for.
    root = parse(_NOT_XML.sub("", safe))
    settle(root)
    _identify(root)
    return serialise(root)


def _filter(tag: str, attribute: str, value: str) -> str | None:
    match attribute:
        case "class":
            if tag == "section":
                return "notes" if "notes" in value.split() else None
            return " ".join(name for name in value.split() if name in ROLES) or None
        case "id":
            kept = _BLOCK_ID.fullmatch(value) or _NOTE_ID.fullmatch(value)
        case "data-figure":
            kept = _FIGURE_ID.fullmatch(value)
        case "colspan" | "rowspan":
            kept = _SPAN.fullmatch(value)
        case "scope":
            return value if value in ("col", "row", "colgroup", "rowgroup") else None
        case "href":
            value = _IGNORED_IN_ADDRESS.sub("", value)
            # A backslash or a second slash would leave our origin in disguise.
            return None if value.startswith(("//", "/\\", "\\")) else value
        case _:
            return None
    return value if kept else None


def parse(html: str) -> etree._Element:
    """A clean body as a tree, its blocks under one root."""
    # The vocabulary has no void element, so what nh3 writes is XML but for this entity.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(f"<body>{html.replace('&nbsp;', chr(160))}</body>", parser)


def serialise(root: etree._Element) -> str:
    """The blocks of a tree as a body."""
    parts = []
    for element in root:
        element.tail = None
        parts.append(etree.tostring(element, encoding="unicode", method="html"))
    return "\n".join(parts)


def _identified(root: etree._Element) -> Iterator[etree._Element]:
    """The blocks that carry an id: all but those inside a table's cells."""
    for element in root.iter(*BLOCKS):
        if not any(True for _ in element.iterancestors("td", "th", "caption")):
            yield element


def _identify(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        found = element.get("id")
        if found is not None and (found in seen or element.tag not in BLOCKS):
            del element.attrib["id"]
        elif found is not None:
            seen.add(found)
    for element in _identified(root):
        if element.get("id") is None:
            element.set("id", f"b{new_token()}")
