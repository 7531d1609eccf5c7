"""What a hit quotes: its title and the paragraphs that matched, the words marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from newsletter.search.rows import TITLE, Row, read
from newsletter.search.segment import Phrase, Span, spans

MOST = 3
# Characters of a paragraph that are quoted, and of those before the first mark.
LENGTH, BEFORE = 120, 30


@dataclass(frozen=True)
class Passage:
    """`block` is the id of the paragraph on the article's page, "" for what is a field."""

    block: str
    kind: str
    html: SafeString


@dataclass(frozen=True)
class Quotation:
    """`more` counts the matching paragraphs that are not among `passages`.

    `is_whole`: every one of the phrases stands in the article.
    """

    title: SafeString
    passages: list[Passage]
    more: int
    is_whole: bool


def quote(text: str, phrases: Sequence[Phrase]) -> Quotation:
    """Quote from an article.

    Args:
        text: what is kept of it in `SearchText`.
        phrases: what was searched for.
    """
    title = mark_safe("")  # nosec
    matched: list[tuple[int, Row, list[Span]]] = []
    seen: set[str] = set()
    missing = set(phrases)
    for row in reversed(read(text)):
        found = spans(row.text, phrases)
        every = [span for each in found for span in each]
        missing -= {phrase for phrase, each in zip(phrases, found, strict=True) if each}
        if row.kind == TITLE:
            title = marked(row.text, every)
        elif every and (row.block or row.text not in seen):
            # What a field says and the text again is quoted once, where it stands in the text.
            seen.add(row.text)
            matched.append((sum(1 for each in found if each), row, every))
    matched.reverse()
    # Those that hold more of what was asked first, then as they are read.
    chosen = sorted(range(len(matched)), key=lambda at: (-matched[at][0], at))[:MOST]
    passages = [
        Passage(row.block, row.kind, excerpt(row.text, every))
        for _, row, every in (matched[at] for at in sorted(chosen))
    ]
    return Quotation(title, passages, len(matched) - len(passages), not missing)


def marked(
    text: str, every: Iterable[Span], *, first: int = 0, end: int | None = None
) -> SafeString:
    """The text from `first` to `end`, escaped, with `mark` around what was found."""
    end = len(text) if end is None else end
    parts: list[str] = []
    at = first
    for start, stop in _merged(every):
        start, stop = max(start, at), min(stop, end)
        if start < stop:
            parts += [conditional_escape(text[at:start]), "<mark>"]
            parts += [conditional_escape(text[start:stop]), "</mark>"]
            at = stop
    parts.append(conditional_escape(text[at:end]))
    return mark_safe("".join(parts))  # noqa: S308  # nosec: every part is escaped


def excerpt(text: str, every: Sequence[Span]) -> SafeString:
    """The part of a paragraph around its first mark."""
    if len(text) <= LENGTH:
        return marked(text, every)
    first = max(0, min(min(every)[0] - BEFORE, len(text) - LENGTH))
    end = first + LENGTH
    found = marked(text, every, first=first, end=end)
    before, after = "…" if first else "", "…" if end < len(text) else ""
    return mark_safe(f"{before}{found}{after}")  # noqa: S308  # nosec: escaped above


def _merged(every: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(every):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
