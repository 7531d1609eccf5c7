from __future__ import annotations

from typing import Any

import django_filters

from newsletter.models import Issue


class IssueFilter(django_filters.FilterSet):
    """The archive by year; the years offered are those there are."""

    year = django_filters.ChoiceFilter(label="年份", empty_label="全部年份")

    class Meta:
        model = Issue
        fields = ["year"]

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = [(year, f"{year}年") for year in years]
