"""Numbered lines: 第一章, 第一条, 一、, （一）, 1., (1), 1）, ①, and their order of rank.

Source of the order: GB/T 9704—2012, 7.3.3 (一、 （一） 1. （1）).
"""

import re
from dataclasses import dataclass

_CN = "[一二三四五六七八九十百]{1,5}"
_RANKS = (
    re.compile("第[一二三四五六七八九十百0-9０-９]{1,4}[编部篇](?=[分 ：:、]|$)[分]?[ ：:、]*"),
    re.compile("第[一二三四五六七八九十百0-9０-９]{1,4}章[ ：:、]*"),
    re.compile("第[一二三四五六七八九十百0-9０-９]{1,4}节[ ：:、]*"),
    # 第二条规定的…… refers to an article of a regulation and begins none.
    re.compile(
        "第[一二三四五六七八九十百]{1,5}条(?:之[一二三四五六七八九十])?"
        "(?:[ ：:、]+|(?=[（(【])"
        "|(?![和与及至、，。的之中第或]|规定|所[列称述定指]|第?[一二三四五六七八九十]?[款项]))"
    ),
    re.compile(f"{_CN}(?:、|[.．] ?)"),
    re.compile(f"[（(]{_CN}[)）][、.]? ?"),
    re.compile("[0-9０-９]{1,2}(?:[.．](?![0-9０-９])|、) ?"),
    re.compile("(?:[（(][0-9０-９]{1,2}[)）]|[0-9０-９]{1,2}[)）]) ?"),
    re.compile("[①-⑳] ?"),
)

CHAPTER, ARTICLE, ITEM, SUB_ITEM, POINT = 1, 3, 4, 5, 6
"""Ranks of 第一章, 第一条, 一、, （一）, 1. — a smaller rank is the higher heading."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line's number: its rank, the number as printed, and the text after it."""

    rank: int
    mark: str
    rest: str

    @property
    def first(self) -> bool:
        """Whether it is the first of its kind (一、, （一）, 1.)."""
        return self.mark.strip("第章节条编部篇分、.．（）() ：:") in ("一", "1", "１", "①")


def numbered(text: str) -> Numbered | None:
    """The number a line begins with, or None."""
    for rank, pattern in enumerate(_RANKS):
        found = pattern.match(text)
        if found:
            return Numbered(rank, found[0].strip(), text[found.end() :].strip())
    return None
