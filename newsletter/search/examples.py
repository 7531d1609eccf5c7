"""Searches to begin with, taken from the newest articles: whoever follows one finds something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsletter.models import Article
from newsletter.search.segment import placed_runs, tidy

NEWEST = 30  # articles that are looked at
_WORD, _PHRASE = range(2, 9), range(5, 15)  # characters
_NUMBER = re.compile(r"〔\d{4}〕\d+号")


@dataclass(frozen=True)
class Examples:
    """Several words, a phrase, a document number; "" for what the newest articles do not have."""

    words: str = ""
    phrase: str = ""
    document_number: str = ""


def examples(user: Any) -> Examples:
    """What this person may search for and find.

    Args:
        user: who asks; only what they may read now is looked at, in one query.
    """
    newest = Article.objects.readable_by(user).order_by("-issue__year", "-issue__number", "order")
    words = phrase = number = ""
    for title, document_number in newest.values_list("title", "document_number")[:NEWEST]:
        parts = list(_parts(title))
        short = [part for part in parts if len(part) in _WORD]
        words = words or " ".join(short[:2] if len(short) > 1 else [])
        whole = max((part for part in parts if len(part) in _PHRASE), key=len, default="")
        phrase = phrase if phrase or not whole else f"“{whole}”"
        found = _NUMBER.search(document_number)
        number = number or (found[0] if found else "")
    return Examples(words, phrase, number)


def _parts(title: str) -> Iterator[str]:
    """What stands between the marks of a title."""
    text = tidy(title)
    for run in placed_runs(text):
        yield text[run[0][1] : run[-1][2]]
