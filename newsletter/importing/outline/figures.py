"""Figure captions, and figures that the file speaks of but does not have."""

import re
from collections.abc import Iterable, Sequence

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.characters import compact, ends_sentence, title_key
from newsletter.importing.outline.model import Figure, Table
from newsletter.importing.outline.numbering import POINT, numbered

_CAPTION = re.compile(
    "图 ?([0-9０-９]{1,3}(?:[-—–.．][0-9０-９]{1,3})?|[一二三四五六七八九十]{1,3})"
    "(?:[ ：:、.．]+|(?=[^0-9]))(.*)"
)
_ENCLOSURE = re.compile("附件 ?[:：] ?(.{2,60})")
_MENTION = re.compile(
    "(?:详见|参见|见|如)(附表|附图|附件|图|表) ?"
    "([0-9]{1,2}|[一二三四五六七八九十]{1,2})(?![0-9年月])"
)


def figure_caption(text: str) -> tuple[str, str] | None:
    """Number and caption of a line like “图2 煤炭进口月度走势”, or None.

    A sentence about a figure (图2显示，……。) is no caption.
    """
    if len(text) > 80 or not text.startswith("图") or ends_sentence(text):
        return None
    found = _CAPTION.fullmatch(text)
    if not found or "，" in found[2]:
        return None
    return found[1], found[2].strip()


def missing_figures(figures: Iterable[Figure], article: int) -> Iterable[Doubt]:
    """Doubts about images that a text file cannot hold and numbers left out of the count."""
    seen: list[tuple[int, Figure]] = []
    for figure in figures:
        yield Doubt(
            DoubtKind.FIGURE_IMAGE,
            f"第{figure.line}行：图{figure.number}“{excerpt(figure.caption)}”只有图题，缺图片，"
            "请补传。",
            figure.line,
            article,
            f"图{figure.number} {figure.caption}".strip(),
        )
        if figure.number.isdecimal():
            seen.append((int(figure.number), figure))
    numbers = {number for number, _ in seen}
    # A number far above the rest is a slip of the pen, not hundreds of lost figures.
    for number in range(1, max((n for n in numbers if n <= 60), default=0)):
        if number not in numbers:
            after = next(figure for n, figure in seen if n > number)
            yield Doubt(
                DoubtKind.FIGURE_ABSENT,
                f"图{number}缺失：第{after.line}行已是图{after.number}，"
                f"文件里没有图{number}的图题。",
                after.line,
                article,
                f"图{number}",
            )


def missing_enclosures(
    places: Sequence[tuple[str, int]], heads: Iterable[str], article: int
) -> Iterable[Doubt]:
    """Doubts about enclosures that a notice lists at its end (附件：1. …) and the file lacks.

    `places` are the article's texts with their lines; `heads` its short lines and captions.
    """
    present = {title_key(head) for head in heads}
    for at, (text, line) in enumerate(places):
        found = _ENCLOSURE.fullmatch(text)
        if not found or ends_sentence(text):
            continue
        items = [found[1]]
        for following, _ in places[at + 1 :]:
            point = numbered(following)
            if point is None or point.rank != POINT or ends_sentence(following):
                break
            items.append(following)
        names = [point.rest if (point := numbered(item)) else item for item in items]
        missing = [name for name in names if title_key(name) not in present]
        if missing:
            yield Doubt(
                DoubtKind.ATTACHMENT_ABSENT,
                f"第{line}行列出附件“{excerpt('、'.join(missing), 40)}”，文件里没有，"
                "如要刊出请补上。",
                line,
                article,
                excerpt(missing[0]),
            )


def missing_attachments(
    places: Iterable[tuple[str, int]],
    figures: Iterable[Figure],
    tables: Iterable[Table],
    titles: Iterable[str],
    article: int,
) -> Iterable[Doubt]:
    """Doubts about tables, figures and attachments that the text points at and the file lacks.

    `places` are the article's texts with their lines; `titles` its headings.
    """
    figure_numbers = {figure.number for figure in figures}
    heads = [compact(text) for text in [*titles, *(table.caption for table in tables)]]
    reported: set[str] = set()
    for text, line in places:
        for found in _MENTION.finditer(text):
            name = found[1] + found[2]
            present = name in reported or any(
                re.match(re.escape(name) + "(?![0-9])", head) for head in heads
            )
            if present or (found[1] == "图" and found[2] in figure_numbers):
                continue
            reported.add(name)
            figure = found[1] == "图"
            yield Doubt(
                DoubtKind.FIGURE_ABSENT if figure else DoubtKind.ATTACHMENT_ABSENT,
                f"第{line}行提到“{found[0]}”，文件里没有{name}，请补上或改写。",
                line,
                article,
                found[0],
            )
