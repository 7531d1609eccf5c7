"""What each filter may be set to, with how many hits there would be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from newsletter.models import Section
from newsletter.models.search import first_key, issues_of
from newsletter.search.engine import Matches, Within
from newsletter.search.results import FACETS, FacetValue, Filters

# Values that a filter offers; an archive may have a thousand sources.
MOST_VALUES = 40

Sections = Mapping[int, Section]


def within_of(filters: Filters, sections: Sections) -> Within | None:
    """The filters as the index knows them; None when nothing can pass."""
    first, end = 0, 1 << 62
    section_id = None
    if filters.year is not None:
        if not 0 < filters.year < 10_000:
            return None
        first, end = first_key(filters.year), first_key(filters.year + 1)
    if filters.issue:
        issue = _issue(filters.issue)
        if issue is None:
            return None
        year, number = issue
        first = max(first, first_key(year, number))
        end = min(end, first_key(year, number + 1))
    if filters.section:
        section_id = next((pk for pk, one in sections.items() if one.slug == filters.section), None)
        if section_id is None:
            return None
    return Within(section_id, filters.source, first, end)


def narrowed(found: Matches, within: Within | None) -> Matches:
    if within is None:
        return Matches()
    return found if within == Within() else found.narrowed(within)


def facets(
    filters: Filters, everything: Matches, chosen: Matches, sections: Sections
) -> dict[str, list[FacetValue]]:
    """The values of every filter, each counted under the other filters.

    What is chosen stands among them whatever it leaves, so that it can be taken back.

    Args:
        filters: what is chosen.
        everything: what was found without them.
        chosen: what was found with them.
        sections: by their ids.
    """
    return {name: _facet(name, filters, everything, chosen, sections) for name in FACETS}


def _facet(
    name: str, filters: Filters, everything: Matches, chosen: Matches, sections: Sections
) -> list[FacetValue]:
    now = _value(name, filters, sections)
    found = chosen
    if getattr(filters, name):
        found = narrowed(everything, within_of(filters.without(name), sections))
    counts = _counts(name, found)
    if now is not None:
        counts[now] = len(chosen.keys)
    values = [
        FacetValue(*_shown(name, value, sections), count, value == now)
        for value, count in _in_order(name, counts, sections)
    ]
    return [one for at, one in enumerate(values) if at < MOST_VALUES or one.chosen]


def _value(name: str, filters: Filters, sections: Sections) -> Any:
    """What is chosen, as it is counted; None when nothing is, or nothing that could be."""
    match name:
        case "section":
            slugs = {one.slug: pk for pk, one in sections.items()}
            return slugs.get(filters.section)
        case "year":
            return filters.year if filters.year and 0 < filters.year < 10_000 else None
        case "issue":
            return _issue(filters.issue)
    return filters.source or None


def _issue(slug: str) -> tuple[int, int] | None:
    year, _, number = slug.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in (year, number)):
        return None
    return int(year), int(number)


def _shown(name: str, value: Any, sections: Sections) -> tuple[str, str]:
    """A value as an address has it, and as it is read."""
    match name:
        case "section":
            return sections[value].slug, sections[value].name
        case "year":
            return str(value), f"{value}年"
        case "issue":
            return f"{value[0]}-{value[1]}", f"{value[0]}年第{value[1]}期"
    return value, value


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


def _in_order(name: str, counts: Counter[Any], sections: Sections) -> list[tuple[Any, int]]:
    if name == "source":
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if name == "section":
        known = [item for item in counts.items() if item[0] in sections]
        return sorted(known, key=lambda item: sections[item[0]].order)
    return sorted(counts.items(), reverse=True)
