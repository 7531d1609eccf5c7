"""What an article weighs on the wire: the page with its styles and scripts, as they are served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import html

from members.models import User
from newsletter import publishing
from newsletter.importing import receive
from newsletter.models import Article, Issue
from portal.demo import SAMPLES
from tests import factories

SignIn = Callable[[User], Client]

MOST = 60_000  # bytes, images left out
SAMPLE = SAMPLES / "2026-3.txt"


def published(path: Path) -> Issue:
    issue = receive.keep(receive.from_path(path), by=factories.create_user())
    publishing.publish(issue, by=factories.create_user())
    return issue


# What gunicorn puts before the headers that it is given.
SERVERS_OWN = (
    b"HTTP/1.1 200 OK\r\n"
    b"Server: gunicorn\r\n"
    b"Date: Sun, 22 Nov 2026 15:00:00 GMT\r\n"
    b"Connection: keep-alive\r\n\r\n"
)


def on_the_wire(answer: Any) -> int:
    """Bytes of an answer, its head included."""
    head = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers.items())
    return len(SERVERS_OWN) + head + len(factories.content_of(answer))


def weights(client: Client, article: Article) -> dict[str, int]:
    """Each part of a first visit with the marks that follow, images and icons left out."""
    address = article.get_absolute_url()
    page = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    found = {"page": on_the_wire(page)}
    found["marks"] = on_the_wire(client.get(f"/me{address}marks/"))
    document = html.fromstring(client.get(address).content)
    for part in document.xpath("//link[@rel='stylesheet']/@href | //script/@src"):
        answer = client.get(part, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, part
        found[part] = on_the_wire(answer)
    return found


@pytest.mark.parametrize("issue", ["sample", "real"])
def test_an_article_with_its_styles_and_scripts_weighs_less_than_60_kb(
    issue: str, member: User, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    path = SAMPLE if issue == "sample" else request.getfixturevalue("seed")
    client = signed_in(member)
    heavy = []
    for article in published(path).articles.all():
        found = weights(client, article)
        assert len(found) > 5, "a page, styles and scripts"
        if (total := sum(found.values())) >= MOST:
            heavy.append(f"{total} ({found['page']} + {len(found) - 2} files): {article.title}")
    assert not heavy, "\n".join(heavy)


def test_what_does_not_change_is_fetched_once_for_all_articles(
    member: User, signed_in: SignIn
) -> None:
    client = signed_in(member)
    article = published(SAMPLE).articles.all()[0]
    for part in set(weights(client, article)) - {"page", "marks"}:
        answer = client.get(part)
        assert factories.content_of(answer), part
        assert "immutable" in answer.headers["Cache-Control"], part
