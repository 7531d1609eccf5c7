"""Searching all that one may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.levels import Level, level
from newsletter.filters import SearchFilter
from newsletter.search import FACETS, examples
from newsletter.search import search as find


@level(Level.MEMBER)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    chosen = SearchFilter(request.GET)
    asked = chosen.asked()
    query = asked.pop("query")
    results = find(query, user=request.user, **asked) if query else None
    instead = None
    if results is not None:
        chosen.offer(results.facets)
        # The same words, no longer side by side, are shown at once.
        for near in results.suggestions:
            if near.is_same:
                instead = find(near.query, user=request.user, **asked | {"page": 1})
    return render(
        request,
        "newsletter/search.html",
        {
            "filter": chosen,
            "results": results,
            "instead": instead,
            "is_narrowed": any(asked[name] for name in FACETS),
            "suggestions": [near for near in results.suggestions if not near.is_same]
            if results
            else [],
            "examples": None if results and results.total else examples(request.user),
        },
    )
