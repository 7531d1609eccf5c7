"""The text of an article in rows: what is indexed, kept, looked into and quoted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsletter.blocks import blocks
from newsletter.search.segment import tidy

TITLE, HEADING = "标题", "小标题"
# One letter each in what is kept: Chinese there would be found as text.
_CODES = {
    TITLE: "t",
    "目录标题": "c",
    "引题": "k",
    "副题": "s",
    "来源": "o",
    "文号": "d",
    "导读": "l",
    HEADING: "h",
    "正文": "p",
    "表": "r",
    "图": "f",
    "注释": "n",
}
_KINDS = {code: kind for kind, code in _CODES.items()}
# What stands in an article's title; what may head a part of it is a better place too.
_TITLES = frozenset({TITLE, "目录标题", "引题", "副题"})


@dataclass(frozen=True)
class Row:
    """A row of tidy text: its block's id on the page ("" for a field), its kind, the text."""

    block: str
    kind: str
    text: str

    @property
    def is_title(self) -> bool:
        return self.kind in _TITLES

    @property
    def is_heading(self) -> bool:
        return self.kind == HEADING


def rows_of(article: dict[str, Any]) -> list[Row]:
    """All the text of an article that is searched, in the order in which it is read.

    Args:
        article: the values of its fields, by name.
    """
    title, in_contents = article["title"], article["contents_title"]
    fields = [
        ("引题", article["kicker"]),
        (TITLE, title),
        ("目录标题", in_contents if in_contents != title else ""),
        ("副题", article["subtitle"]),
        ("来源", article["source"]),
        ("文号", article["document_number"]),
        *(("导读", line) for line in article["lead"].splitlines()),
    ]
    found = [Row("", kind, tidy(text)) for kind, text in fields]
    for block in blocks(article["body"]):
        kind = HEADING if block.kind == TITLE else block.kind
        found.append(Row(block.id, kind, tidy(block.text)))
    return [row for row in found if row.text]


def written(rows: Iterable[Row]) -> str:
    """Rows as they are kept; a tidy text has neither tabs nor line ends."""
    return "\n".join(f"{row.block}\t{_CODES[row.kind]}\t{row.text}" for row in rows)


def read(text: str) -> list[Row]:
    parts = (line.split("\t", 2) for line in text.split("\n") if line)
    return [Row(block, _KINDS[code], found) for block, code, found in parts]
