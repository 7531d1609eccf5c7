"""What staff type into a search box: numbers in groups, full-width digits, capitals."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby, islice, product
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from members.phone import is_phone, normalise_phone

_GROUPED = re.compile(r"\+?[\d\s()\-–—]*\d[\d\s()\-–—]*")
_ZEROS = re.compile(r"^0{1,2}(?=\d{5})")
# Numbers among other words: each may be read in up to three ways, and each way is a search.
MOST_READINGS = 10


def readings(written: str) -> list[str]:
    """The terms to look for, any of which may be meant; words within one must all be found.

    Phones are kept without blanks, hyphens and the zero of a trunk line: "138 0013",
    "021-6888 0000" and "0086 138…" are parts of one number each.
    """
    term = " ".join(unicodedata.normalize("NFKC", written).split())
    if _GROUPED.fullmatch(term):
        return _readings_of_number(term)
    # Neighbouring groups of digits are one number, also beside a name: "冯 010-8855".
    parts = [
        (is_number, " ".join(words))
        for is_number, words in groupby(term.split(), lambda word: bool(_GROUPED.fullmatch(word)))
    ]
    ways = product(
        *(_readings_of_number(words) if is_number else [words] for is_number, words in parts)
    )
    # As written too: two numbers may stand side by side.
    return list(dict.fromkeys([term, *(" ".join(way) for way in islice(ways, MOST_READINGS))]))


def _readings_of_number(term: str) -> list[str]:
    digits = re.sub(r"\D", "", term)
    if is_phone(term):
        return [normalise_phone(term)]
    # As written too: a member number may have hyphens.
    found = [digits, _ZEROS.sub("", digits), *([term] if re.search(r"\d[^\d\s]", term) else [])]
    return list(dict.fromkeys(found))


class SearchedByAnyPart(admin.ModelAdmin[Any]):
    """Lists and autocompletes that find by `readings` of what is typed."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        first, *others = readings(search_term)
        found, doubled = super().get_search_results(request, queryset, first)
        for term in others:
            more, doubled_too = super().get_search_results(request, queryset, term)
            found, doubled = found | more, doubled or doubled_too
        return found, doubled
