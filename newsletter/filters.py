from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import django_filters
from django import forms

from newsletter.models import Article, Issue


class IssueFilter(django_filters.FilterSet):
    """The archive by year; the years offered are those there are."""

    year = django_filters.ChoiceFilter(label="年份", empty_label="全部年份")

    class Meta:
        model = Issue
        fields = ["year"]

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = [(year, f"{year}年") for year in years]


class Facet(Protocol):
    """A value that a filter may take, and how many hits it leaves."""

    value: str
    label: str
    count: int


class SearchFilter(django_filters.FilterSet):
    """What is searched for, and within what.

    The index does the filtering; this validates what is asked and draws the form. A value that
    is none is left out, as if it had not been asked.
    """

    q = django_filters.CharFilter(label="检索词")
    section = django_filters.CharFilter(label="栏目", widget=forms.Select)
    year = django_filters.NumberFilter(
        label="年份", widget=forms.Select, min_value=1, max_value=2999
    )
    issue = django_filters.CharFilter(label="期", widget=forms.Select)
    source = django_filters.CharFilter(label="来源", widget=forms.Select)
    order = django_filters.ChoiceFilter(
        label="排序", choices=[("newest", "最新在前")], empty_label="最相关在前"
    )

    class Meta:
        model = Article
        fields: list[str] = []

    def asked(self) -> dict[str, Any]:
        """The arguments of `newsletter.search.search`."""
        self.form.is_valid()
        found = self.form.cleaned_data
        page = str(self.data.get("page", "1"))
        return {
            "query": found.get("q") or "",
            "section": found.get("section") or "",
            "year": int(found["year"]) if found.get("year") else None,
            "issue": found.get("issue") or "",
            "source": found.get("source") or "",
            "newest_first": found.get("order") == "newest",
            "page": int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        }

    def offer(self, facets: Mapping[str, Iterable[Facet]]) -> None:
        """Fill the choices with what there is among the hits, with their numbers."""
        for name, values in facets.items():
            self.form.fields[name].widget.choices = [("", "全部")] + [
                (facet.value, f"{facet.label}（{facet.count}）") for facet in values
            ]
