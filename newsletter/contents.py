"""Tables of contents: articles in printed order, gathered under their sections."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.models import Article, Section


def by_section(articles: Iterable[Article]) -> list[tuple[Section, list[Article]]]:
    """Group an issue's articles, in their order, as the printed contents does.

    A section named twice in print (two runs of articles) stands once, where it first came.
    """
    grouped: dict[int, tuple[Section, list[Article]]] = {}
    for article in articles:
        grouped.setdefault(article.section_id, (article.section, []))[1].append(article)
    return list(grouped.values())
