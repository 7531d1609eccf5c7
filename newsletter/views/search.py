"""Searching all that one may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.levels import Level, level
from newsletter.filters import SearchFilter
from newsletter.search import search as find


@level(Level.MEMBER)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    chosen = SearchFilter(request.GET)
    asked = chosen.asked()
    results = find(asked.pop("query"), user=request.user, **asked) if asked["query"] else None
    if results is not None:
        chosen.offer(results.facets)
    return render(request, "newsletter/search.html", {"filter": chosen, "results": results})
