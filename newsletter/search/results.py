"""What a search gives: hits with passages, facets, suggestions."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from newsletter.models import Article

A_PAGE = 10
# Hits that are counted. A century of the periodical is 5,200 articles.
LIMIT = 6_000
FACETS = ("section", "year", "issue", "source")


@dataclass(frozen=True)
class Passage:
    """A paragraph that matched. `kind` says what it is: 正文, 小标题, 表, 图, 导读, 来源 …"""

    block: str
    kind: str
    html: SafeString
    url: str


@dataclass(frozen=True)
class Hit:
    """An article that matched: `title` and passages with `mark` around what was found.

    `more` counts the matching paragraphs beside `passages`. The article comes with its issue
    and section, without its body.
    """

    article: Article
    title: SafeString
    passages: list[Passage]
    more: int

    @property
    def url(self) -> str:
        """The first paragraph that matched, or the article when only its title did."""
        return self.passages[0].url if self.passages else self.article.get_absolute_url()


@dataclass
class FacetValue:
    """What a filter may be set to, and how many hits there would be."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True)
class Suggestion:
    """What would find something: `query` to be asked, with or without the filters chosen.

    `is_same`: it asks for all that was asked for, though no longer side by side.
    """

    label: str
    query: str
    count: int
    keeps_filters: bool = True
    is_same: bool = False


@dataclass(frozen=True)
class Results:
    """A page of hits.

    `query` is what was understood. `total` counts all the hits; when `capped` is set there may
    be more, and `total`, pages and facets are of the newest: `LIMIT` of them, or fewer where the
    engine looks for phrases in texts. `problem` is a sentence for the reader when nothing could
    be searched for.
    """

    query: str
    total: int = 0
    capped: bool = False
    page: int = 1
    num_pages: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: dict[str, list[FacetValue]] = field(
        default_factory=lambda: {name: [] for name in FACETS}
    )
    suggestions: list[Suggestion] = field(default_factory=list)
    problem: str = ""

    @property
    def has_previous(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.num_pages


@dataclass(frozen=True)
class Filters:
    """What was chosen, as the address bar has it."""

    section: str = ""
    year: int | None = None
    issue: str = ""
    source: str = ""

    def without(self, name: str) -> Filters:
        """The other filters."""
        values = {other: getattr(self, other) for other in FACETS if other != name}
        return Filters(**values)

    def __bool__(self) -> bool:
        return bool(self.section or self.year is not None or self.issue or self.source)
