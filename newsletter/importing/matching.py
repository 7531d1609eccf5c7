"""Which article of a draft each article of a new file is, so that its address is kept."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any, Protocol

from newsletter import body
from newsletter.models import Article

# Articles less alike than this are two, not one that was changed.
ALIKE = 0.6


class NewArticle(Protocol):
    """What matching asks of an article that is to be written (`draft.DraftArticle`)."""

    fields: dict[str, Any]
    body: str


def matches(new: Sequence[NewArticle], old: Sequence[Article]) -> dict[int, Article]:
    """Which old article each new one is: by title, else by likeness of title, page and text."""
    found: dict[int, Article] = {}
    free = list(old)
    for index, item in enumerate(new):
        for article in free:
            if _plain(article.title) == _plain(item.fields["title"]):
                found[index] = article
                free.remove(article)
                break
    for index, item in enumerate(new):
        if index in found or not free:
            continue
        likeness, article = max(
            ((_likeness(item, article), article) for article in free), key=lambda pair: pair[0]
        )
        if likeness >= ALIKE:
            found[index] = article
            free.remove(article)
    return found


def _likeness(item: NewArticle, article: Article) -> float:
    """From 0 to 1: how much of the title or of the blocks is the same; one page counts a little.

    Either is enough: a title is mended without the text, and a text without the title.
    """
    titles = difflib.SequenceMatcher(
        None, _plain(article.title), _plain(item.fields["title"])
    ).ratio()
    one, other = (
        set(body.to_text(body.clean(html)).split("\n")) for html in (item.body, article.body)
    )
    texts = len(one & other) / max(len(one | other), 1)
    same_page = item.fields.get("printed_page") == article.printed_page
    return max(titles, texts) + (0.2 if same_page else 0.0)


def _plain(title: str) -> str:
    return re.sub(r"\W", "", title)
