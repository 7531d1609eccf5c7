"""An article to be marked and written upon, and the marks as the page's script asks for them."""

from __future__ import annotations

from typing import Any

from django.test import Client

from newsletter.models import Article
from tests import factories

SCRIPT = {"accept": "application/json"}
FIRST = "夜谈每月一次，先说困难，再一件一件记下谁来答复。"
SECOND = "办了三次之后，记下来的四十七件事已经答复了四十一件。"
BODY = (
    f'<h2 id="bhead1">一、夜谈</h2><p id="bfirst">{FIRST}</p><p id="bsecond">{SECOND}</p>'
    '<table id="btable"><tbody><tr><td><p>甲</p></td><td>12</td></tr></tbody></table>'
)
WORDS = "与去年的口径对一对。"


def create_article() -> Article:
    """Published, with `BODY`."""
    return factories.create_article(factories.create_issue(), title="企业夜谈", body=BODY)


def mark(client: Client, article: Article, what: str, **values: Any) -> Any:
    """The answer to a mark that is set: `what` is bookmark, finished, place or notes."""
    return client.post(f"/me/articles/{article.pk}/{what}/", values, headers=SCRIPT)


def marks(client: Client, article: Article) -> dict[str, Any]:
    """What the server has kept for whoever is signed in."""
    answer = client.get(f"/me/articles/{article.pk}/marks/", headers=SCRIPT)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found
