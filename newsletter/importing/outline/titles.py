"""The articles' titles in the body: contents titles that stand there, and the lines that differ."""

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.characters import compact, ends_sentence, title_key
from newsletter.importing.numerals import is_date_line
from newsletter.importing.outline.contents import Contents
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.labels import EDITORS_WORDS, LEAD_WORDS, article_fields
from newsletter.importing.outline.numbering import numbered

LONG = 60
"""Characters from which a line is running text and no title."""
HEAD = 3
"""How many lines may stand between an article's first line and its title (kickers)."""
_SAME = 0.62
"""Likeness of two title keys (difflib ratio) from which a line counts as a contents title."""
_MAX_SOUGHT = 200
"""Contents lines that are sought by likeness; no issue has so many, and each costs a search."""
_MAX_COMPARED = 20_000
"""Comparisons of one issue; contents that need more are of another file, and stay unmatched."""
_PLACED = 0.5
"""Likeness that suffices where the place says that some title stands there."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title found: blocks[first] to blocks[first + span - 1]."""

    first: int
    span: int
    entry: int | None


def title_like(block: Block) -> bool:
    """Whether a line can be an article's title: one short line that is neither numbered nor
    labelled nor a complete sentence (a question is allowed)."""
    if not isinstance(block, TextBlock) or block.marker:
        return False
    text = block.text
    if len(compact(text)) > LONG or not any(ch.isalnum() for ch in text):
        return False
    if ends_sentence(text) and text.rstrip("”’』」）)》")[-1:] not in "？?！!…—":
        return False
    if text.startswith(("附件", "附表", "附录", "注：", "注:", "相关链接")):
        return False
    return not (
        text[-1] in "，、,；;：:"
        or numbered(text)
        or article_fields(text)
        or figure_caption(text)
        or is_date_line(text)
        or compact(text).strip("【】[]") in LEAD_WORDS | EDITORS_WORDS
    )


def find_titles(
    blocks: Sequence[Block],
    contents: Contents,
    sections: dict[int, str],
    boundaries: set[int],
) -> list[Title]:
    exact = _exact_titles(blocks, contents, sections, boundaries)
    titles = list(exact.values())
    taken = {place for title in titles for place in range(title.first, title.first + title.span)}
    # Boundaries whose article is known already: its title stands there or within a few lines.
    open_places = [
        place
        for place in sorted(boundaries)
        if place not in sections and not any(_heads(blocks, place, title) for title in titles)
    ]
    missing = [n for n in range(len(contents.lines)) if n not in exact]
    for n, title in _like_titles(blocks, contents, exact, missing, open_places, taken):
        titles.append(title)
        exact[n] = title
        taken.update(range(title.first, title.first + title.span))
    for place in open_places:
        claimed = any(_heads(blocks, place, title) for title in titles)
        if not claimed and title_like(blocks[place]) and _has_text(blocks, place, sections):
            titles.append(Title(place, 1, None))
    return sorted(titles, key=lambda title: title.first)


def _heads(blocks: Sequence[Block], place: int, title: Title) -> bool:
    """Whether a place is where a title's article begins: at the title or at kickers above it."""
    return place <= title.first < place + HEAD and all(
        title_like(block) for block in blocks[place : title.first]
    )


def _has_text(blocks: Sequence[Block], place: int, sections: dict[int, str]) -> bool:
    """Whether running text follows a line before the next section: a title titles something."""
    for index in range(place + 1, min(place + 12, len(blocks))):
        block = blocks[index]
        if index in sections:
            return False
        if not isinstance(block, TextBlock) or len(block.text) > 30 or ends_sentence(block.text):
            return not (isinstance(block, TextBlock) and article_fields(block.text))
    return False


def _exact_titles(
    blocks: Sequence[Block],
    contents: Contents,
    sections: dict[int, str],
    boundaries: set[int],
) -> dict[int, Title]:
    """Contents lines whose title stands in the body but for punctuation, on one to three lines."""
    wanted: dict[str, list[int]] = {}
    for n, entry in enumerate(contents.lines):
        wanted.setdefault(title_key(entry.title), []).append(n)
    longest = max(map(len, wanted), default=0)
    places: dict[int, list[Title]] = {}
    for index in range(len(blocks)):
        if index in sections:
            continue
        key = ""
        for span in range(1, 4):
            part = blocks[index + span - 1] if index + span <= len(blocks) else None
            if not isinstance(part, TextBlock) or part.marker:
                break
            if len(part.text) > 2 * longest + 20:
                break
            piece = title_key(part.text)
            if span > 1 and not piece:
                break
            key += piece
            if len(key) > longest:
                break
            for n in wanted.get(key, ()):
                places.setdefault(n, []).append(Title(index, span, n))
            if key in wanted:
                break
    return _chosen(places, boundaries)


def _chosen(places: dict[int, list[Title]], boundaries: set[int]) -> dict[int, Title]:
    """One place for each contents line: the one nearest below a boundary, else the first."""
    used: set[int] = set()
    found: dict[int, Title] = {}
    for n, candidates in sorted(places.items()):

        def rank(title: Title) -> tuple[int, int]:
            away = (back for back in range(HEAD) if title.first - back in boundaries)
            return (next(away, HEAD), title.first)

        for candidate in sorted(candidates, key=rank):
            if candidate.first not in used:
                found[n] = candidate
                used.add(candidate.first)
                break
    return found


def _like_titles(
    blocks: Sequence[Block],
    contents: Contents,
    exact: dict[int, Title],
    missing: Sequence[int],
    open_places: Sequence[int],
    taken: set[int],
) -> Iterator[tuple[int, Title]]:
    """Titles that differ from their contents line, each between its neighbours' places."""
    known = dict(exact)
    lines = _Lines.of(blocks) if missing else _Lines([])
    for n in missing[:_MAX_SOUGHT]:
        low = max((known[m].first for m in known if m < n), default=-1)
        high = min((known[m].first for m in known if m > n), default=len(blocks))
        if high < low:  # printed in another order than the contents
            low, high = -1, len(blocks)
        wanted = title_key(contents.lines[n].title)
        best: tuple[float, int] | None = None
        free = [place for place in open_places if low < place < high and place not in taken]
        for place in free:
            for index in range(place, min(place + HEAD, high)):
                block = blocks[index]
                if index in taken or not title_like(block) or not isinstance(block, TextBlock):
                    break
                score = likeness(wanted, title_key(block.text))
                if best is None or score > best[0]:
                    best = score, index
        # The only open place between the neighbours is this article's, whatever its wording.
        alone = len(free) == 1 and not any(
            m != n and m not in known and _gap(known, m, len(blocks)) == (low, high)
            for m in missing
        )
        if best and (alone or best[0] >= _PLACED):
            known[n] = Title(best[1], 1, n)
            yield n, known[n]
            continue
        found = lines.most_like(wanted, low, high, taken)
        if found is not None:
            known[n] = Title(found, 1, n)
            yield n, known[n]


def _gap(known: dict[int, Title], n: int, whole: int) -> tuple[int, int]:
    return (
        max((known[m].first for m in known if m < n), default=-1),
        min((known[m].first for m in known if m > n), default=whole),
    )


@dataclass(slots=True)
class _Lines:
    """The short lines where no ending marks the place (a missing source), to seek titles among."""

    found: list[tuple[int, str, Counter[str]]]
    """Index, title key and its characters of each line."""
    left: int = _MAX_COMPARED

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "_Lines":
        keys = [
            (index, title_key(block.text))
            for index, block in enumerate(blocks)
            if isinstance(block, TextBlock) and len(block.text) <= LONG and title_like(block)
        ]
        return cls([(index, key, Counter(key)) for index, key in keys])

    def most_like(self, wanted: str, low: int, high: int, taken: set[int]) -> int | None:
        """The line between two places that is most like a title, or None."""
        best: tuple[float, int] | None = None
        letters = Counter(wanted)
        for index, key, counts in self.found:
            if not low < index < high or index in taken or not self.left:
                continue
            # Comparing is costly: lines that share too few characters are passed over first.
            shared = sum((letters & counts).values())
            enough = 2 * shared >= _SAME * (len(wanted) + len(key))
            if not enough and shared < min(len(wanted), len(key)):
                continue
            self.left -= 1
            score = likeness(wanted, key)
            if score >= _SAME and (best is None or score > best[0]):
                best = score, index
        return best[1] if best else None


def likeness(one: str, other: str) -> float:
    """How alike two title keys are, 0 to 1; a title within the other counts as very like."""
    if min(len(one), len(other)) >= 6 and (one in other or other in one):
        return 0.9
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
