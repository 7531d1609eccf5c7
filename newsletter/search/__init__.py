"""Search over everything that one may read. See `articles.search`."""

from newsletter.search.articles import search
from newsletter.search.examples import Examples, examples
from newsletter.search.results import (
    A_PAGE,
    FACETS,
    LIMIT,
    FacetValue,
    Hit,
    Passage,
    Results,
    Suggestion,
)

__all__ = [
    "A_PAGE",
    "FACETS",
    "LIMIT",
    "Examples",
    "FacetValue",
    "Hit",
    "Passage",
    "Results",
    "Suggestion",
    "examples",
    "search",
]
