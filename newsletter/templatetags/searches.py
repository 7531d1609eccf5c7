"""How a search and what was found are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from newsletter.search.query import is_phrase, without_quotes

register = template.Library()


@register.filter
def in_quotes(query: str) -> str:
    """What was searched for, in one pair of quotes.

    A phrase that came in quotes of the reader's has them already; where only a part of the query
    has, it is left as it was typed: quotes in quotes say nothing.
    """
    bare = without_quotes(query)
    return f"“{bare.strip()}”" if bare == query or is_phrase(query) else query


@register.filter
def offers(facets: Mapping[str, Sequence[Any]]) -> bool:
    """Whether any filter has something to choose from."""
    return any(len(values) > 1 for values in facets.values())
