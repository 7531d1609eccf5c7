"""Searching: words and filters in, a page of hits with passages, counts and suggestions out.

Only what `readable_by` allows is found or counted, whatever the index holds: every answer of
the index is joined with what this person may read now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from members.access import may_read
from newsletter.models import Article, SearchText, Section
from newsletter.models.search import first_key, issues_of
from newsletter.search import suggestions
from newsletter.search.engine import Matches, Place, Within, engine
from newsletter.search.passages import quote
from newsletter.search.query import understand
from newsletter.search.results import (
    A_PAGE,
    FACETS,
    LIMIT,
    FacetValue,
    Filters,
    Hit,
    Passage,
    Results,
)
from newsletter.search.segment import Phrase

# Values that a filter offers; an archive may have a thousand sources.
MOST_VALUES = 40


def search(
    query: str,
    *,
    user: Any,
    section: str = "",
    year: int | None = None,
    issue: str = "",
    source: str = "",
    newest_first: bool = False,
    page: int = 1,
) -> Results:
    """Find articles that hold all the words.

    Args:
        query: as typed; words divided by spaces must all be found, quotes make a phrase.
        user: who asks; only what they may read now is found, counted or suggested.
        section: the slug of a section.
        year: of the issue.
        issue: its slug, such as `2022-3`.
        source: as the facet gives it.
        newest_first: by date alone. Else title comes before heading and heading before the
            rest, and in each the newer before the older.
        page: from 1; beyond the last it is the last.

    Returns:
        The page with `A_PAGE` hits, counts for every filter (each honours the others, not
        itself), and suggestions when nothing was found.
    """
    asked = understand(query)
    if asked.problem or not asked.words or not may_read(user).allowed:
        return Results(asked.text, problem=asked.problem)
    sections = {found.pk: found for found in Section.objects.all()}
    filters = Filters(section, year, issue, source)

    within = _within(filters, sections)

    def count(phrases: Sequence[Phrase], filters: Filters, limit: int) -> int:
        return len(_look_up(phrases, _within(filters, sections), limit).keys)

    everything = _look_up(asked.phrases, Within(), LIMIT)
    if everything.capped and filters:
        chosen = _look_up(asked.phrases, within, LIMIT)
    else:
        chosen = _narrowed(everything, within)
    total = len(chosen.keys)
    num_pages = -(-total // A_PAGE)
    page = max(1, min(page, num_pages))
    end = page * A_PAGE
    better = [] if newest_first or not within else _better(asked.phrases, within, chosen, end)
    ranked = dict.fromkeys([*better, *chosen.keys])
    return Results(
        asked.text,
        total=total,
        capped=chosen.capped,
        page=page,
        num_pages=num_pages,
        hits=_hits(list(ranked)[:total][end - A_PAGE : end], asked.phrases, user),
        facets={name: _facet(name, filters, everything, chosen, sections) for name in FACETS},
        suggestions=[] if total else suggestions.for_nothing(asked, filters, count, LIMIT),
    )


def _look_up(phrases: Sequence[Phrase], within: Within | None, limit: int) -> Matches:
    return engine().find(phrases, within, limit) if within else Matches()


def _better(phrases: Sequence[Phrase], within: Within, chosen: Matches, end: int) -> list[int]:
    """What comes before all others, as far as the page that ends there needs to know."""
    among = set(chosen.keys)
    found: dict[int, None] = {}
    for place in Place:
        if among and len(found) < end:
            keys = engine().better(place, phrases, within, end + len(found))
            # Beyond the limit there are others that stand in a title.
            found |= dict.fromkeys(key for key in keys if chosen.capped or key in among)
    return list(found)


def _narrowed(found: Matches, within: Within | None) -> Matches:
    if within is None:
        return Matches()
    return found if within == Within() else found.narrowed(within)


def _within(filters: Filters, sections: dict[int, Section]) -> Within | None:
    """The filters as the index knows them; None when nothing can pass."""
    first, end = 0, 1 << 62
    section_id = None
    if filters.year is not None:
        if not 0 < filters.year < 10_000:
            return None
        first, end = first_key(filters.year), first_key(filters.year + 1)
    if filters.issue:
        year, _, number = filters.issue.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in (year, number)):
            return None
        first = max(first, first_key(int(year), int(number)))
        end = min(end, first_key(int(year), int(number) + 1))
    if filters.section:
        section_id = next((pk for pk, one in sections.items() if one.slug == filters.section), None)
        if section_id is None:
            return None
    return Within(section_id, filters.source, first, end)


def _facet(
    name: str,
    filters: Filters,
    everything: Matches,
    chosen: Matches,
    sections: dict[int, Section],
) -> list[FacetValue]:
    """The values of one filter with their counts under the other filters."""
    now = getattr(filters, name)
    found = chosen
    if now:
        others = filters.without(name)
        found = _narrowed(everything, _within(others, sections))
    counts = _counts(name, found)
    values: list[FacetValue] = []
    for value, count in _in_order(name, counts, sections):
        if name == "section":
            address, label = sections[value].slug, sections[value].name
        elif name == "year":
            address, label = str(value), f"{value}年"
        elif name == "issue":
            address, label = f"{value[0]}-{value[1]}", f"{value[0]}年第{value[1]}期"
        else:
            address = label = value
        is_chosen = address == str(now)
        if is_chosen:
            count = len(chosen.keys)
        if is_chosen or len(values) < MOST_VALUES:
            values.append(FacetValue(address, label, count, is_chosen))
    return values


def _counts(name: str, found: Matches) -> Counter[Any]:
    match name:
        case "section":
            return Counter(found.sections)
        case "source":
            counts = Counter(found.sources)
            counts.pop("", None)
            return counts
    issues = Counter(issues_of(found.keys))
    if name == "issue":
        return issues
    years: Counter[int] = Counter()
    for (year, _), count in issues.items():
        years[year] += count
    return years


def _in_order(
    name: str, counts: Counter[Any], sections: dict[int, Section]
) -> list[tuple[Any, int]]:
    if name == "source":
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if name == "section":
        known = [item for item in counts.items() if item[0] in sections]
        return sorted(known, key=lambda item: sections[item[0]].order)
    return sorted(counts.items(), reverse=True)


def _hits(keys: Sequence[int], phrases: Sequence[Phrase], user: Any) -> list[Hit]:
    kept = SearchText.objects.filter(pk__in=keys)
    texts = {
        key: (pk, text) for key, pk, text in kept.values_list("pk", "entry__article_id", "rows")
    }
    readable = Article.objects.readable_by(user).select_related("issue", "section")
    articles = readable.defer("body", "lead").in_bulk([pk for pk, _ in texts.values() if pk])
    hits: list[Hit] = []
    for key in keys:
        pk, text = texts.get(key, (None, ""))
        article = articles.get(pk) if pk else None
        if article is None:
            continue  # taken back since it was counted
        quoted = quote(text, phrases)
        address = article.get_absolute_url()
        passages = [
            Passage(one.block, one.kind, one.html, f"{address}{one.block and f'#{one.block}'}")
            for one in quoted.passages
        ]
        hits.append(Hit(article, quoted.title, passages, quoted.more))
    return hits
