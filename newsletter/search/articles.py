"""Searching: words and filters in, a page of hits with passages, counts and suggestions out.

Only what `readable_by` allows is found or counted, whatever the index holds: every answer of
the index is joined with what this person may read now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from members.access import may_read
from newsletter.models import Article, SearchText, Section
from newsletter.search import suggestions
from newsletter.search.engine import Matches, Place, Within, engine
from newsletter.search.facets import facets, narrowed, within_of
from newsletter.search.passages import quote
from newsletter.search.query import understand
from newsletter.search.results import A_PAGE, LIMIT, Filters, Hit, Passage, Results
from newsletter.search.segment import Phrase


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
    within = within_of(filters, sections)

    def count(phrases: Sequence[Phrase], filters: Filters, limit: int) -> int:
        return len(_look_up(phrases, within_of(filters, sections), limit).keys)

    everything = _look_up(asked.phrases, Within(), LIMIT)
    if everything.capped and filters:
        chosen = _look_up(asked.phrases, within, LIMIT)
    else:
        chosen = narrowed(everything, within)
    if section and not chosen.keys:
        # A section that only a draft has is not told of, not even as a filter that was chosen.
        sections = {found.pk: found for found in Section.objects.listed_for(user)}
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
        facets=facets(filters, everything, chosen, sections),
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
        if not quoted.is_whole:
            continue  # two words that share a number in the index
        address = article.get_absolute_url()
        passages = [
            Passage(one.block, one.kind, one.html, f"{address}{one.block and f'#{one.block}'}")
            for one in quoted.passages
        ]
        hits.append(Hit(article, quoted.title, passages, quoted.more))
    return hits
