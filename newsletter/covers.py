"""Covers drawn from what an issue holds, and years of them at a glance.

A cover is the page of a thread-bound book: the title slip, the number, and a stroke for every
article, hung from one line and read from the right as columns of Chinese were. A stroke is as
long as its article has pages, the longest reaching the foot; a dot of vermilion stands above
the first of each section.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.db.models import Aggregate, CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from newsletter.models import Article, Issue
from newsletter.models.issue import Frequency, IssueQuerySet

# In units of the drawing, which is 100 wide and 140 high.
LEFT: Final = 9.0
RIGHT: Final = 91.0
TOP: Final = 90.0
LONGEST: Final = 42.0
SLIP_TOP: Final = 9.0
SLIP_ROOM: Final = 68.0
# The white between two sections, in strokes.
BETWEEN_SECTIONS: Final = 0.9
THICKEST: Final = 2.6

# How many issues a year has; an irregular periodical leaves no gaps.
_A_YEAR: Final = {Frequency.QUARTERLY: 4, Frequency.BIMONTHLY: 6, Frequency.MONTHLY: 12}


@dataclass(frozen=True)
class Cover:
    """What `newsletter/cover.html` draws; lengths in units of the drawing.

    Attributes:
        strokes, heads: paths of the strokes, and of the dots above the sections.
        thickness: of a stroke.
        slip_width, slip_height: of the title slip.
        middle: where the slip's characters stand from the left.
        places: how far down each of them stands, one after the other.
        size: of these characters.
    """

    strokes: str
    heads: str
    thickness: float
    slip_width: float
    slip_height: float
    middle: str
    places: str
    size: float


@dataclass(frozen=True)
class Slot:
    """A place in a year's row: a number, and the issue with its cover, if there is one."""

    number: int
    issue: Issue | None = None
    cover: Cover | None = None


class _Joined(Aggregate):
    """Texts of a group in one, a comma between them."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            function="STRING_AGG",
            template="%(function)s(%(expressions)s, ',')",
            **context,
        )


def with_articles(issues: IssueQuerySet, *, reader: Any) -> IssueQuerySet:
    """Each issue of a list with what its cover is drawn from, by the same query."""
    parts = ("order", "section_id", Coalesce("printed_page", 0))
    place = Concat(
        *(part for each in parts for part in (Cast(each, CharField()), Value("/"))),
        output_field=CharField(),
    )
    articles = Article.objects.listed_for(reader).filter(issue=OuterRef("pk")).order_by()
    joined = articles.values("issue").annotate(found=_Joined(place)).values("found")
    return issues.annotate(drawn_from=Coalesce(Subquery(joined), Value("")))


def drawn(issues: Iterable[Issue]) -> list[tuple[Issue, Cover]]:
    """Issues that `with_articles` gave, each with its cover."""
    return [(issue, _cover(issue)) for issue in issues]


def year_row(issues: Iterable[Issue]) -> list[Slot]:
    """A year's issues by number, with the places of those that are not there."""
    slots = {
        issue.number: Slot(issue.number, issue, cover)
        for issue, cover in drawn(sorted(issues, key=lambda issue: issue.number))
    }
    regular = [
        _A_YEAR.get(Frequency(slot.issue.frequency), 0) for slot in slots.values() if slot.issue
    ]
    numbers = {*range(1, max(regular, default=0) + 1), *slots}
    return [slots.get(number, Slot(number)) for number in sorted(numbers)]


def _cover(issue: Issue) -> Cover:
    places = str(getattr(issue, "drawn_from", ""))
    articles = sorted(
        (int(order), int(section), int(page))
        for order, section, page, _ in (place.split("/") for place in places.split(",") if place)
    )
    strokes, heads, thickness = _strokes(
        [section for _, section, _ in articles], _lengths([page for _, _, page in articles])
    )
    characters = len(issue.periodical)
    pitch = min(15.0, SLIP_ROOM / max(characters, 1))
    size = round(pitch * 0.84, 2)
    width = round(size + 6, 2)
    middle = f"{LEFT + width / 2:.2f}"
    return Cover(
        strokes=strokes,
        heads=heads,
        thickness=thickness,
        slip_width=width,
        slip_height=round(characters * pitch + 7, 2),
        middle=" ".join([middle] * characters),
        # A character stands on its line: most of it lies above.
        places=" ".join(
            f"{SLIP_TOP + 3.5 + pitch * (number + 0.5) + size * 0.37:.2f}"
            for number in range(characters)
        ),
        size=size,
    )


def _lengths(pages: list[int]) -> list[float]:
    """How many pages each article takes: up to where the next begins.

    No page stands for the end of the last one, nor for an article without a number (0): these
    are taken to be as long as the others are on average. Two that begin on one page share it.
    """
    known: list[float | None] = [
        max(float(after - before), 0.5) if 0 < before <= after else None
        for before, after in pairwise(pages)
    ]
    known += [None] * (len(pages) - len(known))
    counted = [length for length in known if length is not None]
    usual = sum(counted) / len(counted) if counted else 1.0
    return [usual if length is None else length for length in known]


def _strokes(sections: list[int], lengths: list[float]) -> tuple[str, str, float]:
    begins = [number for number, each in enumerate(sections) if each not in sections[:number]]
    steps = len(sections) + BETWEEN_SECTIONS * max(len(begins) - 1, 0)
    pitch = (RIGHT - LEFT) / max(steps, 8.0)
    strokes, heads = [], []
    x = RIGHT - pitch / 2
    for number, length in enumerate(lengths):
        if number and number in begins:
            x -= pitch * BETWEEN_SECTIONS
        if number in begins:
            heads.append(f"M{x:.1f} {TOP - 6.5:.1f}h0")
        strokes.append(f"M{x:.1f} {TOP:.0f}v{max(length / max(lengths) * LONGEST, 1.5):.1f}")
        x -= pitch
    return "".join(strokes), "".join(heads), round(min(THICKEST, pitch * 0.6), 2)
