"""An issue as one JSON document, whole: `docs/json.md` describes every key.

`newsletter/importing/read_json.py` reads it back to an equal issue.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from django.db.models.fields.files import FieldFile

from newsletter import body
from newsletter.models import Article, Doubt, Issue

FORMAT = "caishui-issue"
VERSION = 1

ISSUE_FIELDS = (
    "year",
    "number",
    "serial",
    "frequency",
    "periodical",
    "cover_line",
    "publisher",
    "permit_number",
    "recipients",
    "printer",
    "printed_on",
    "print_run",
)
ARTICLE_FIELDS = (
    "title",
    "contents_title",
    "kicker",
    "subtitle",
    "lead",
    "source",
    "document_number",
    "printed_page",
    "author",
    "original_title",
    "original_url",
    "original_date",
    "reprint_basis",
    "editor",
    "proofreader",
    "online",
)
FIGURE_FIELDS = ("id", "number", "caption", "alternative")
DOUBT_FIELDS = ("kind", "message", "excerpt", "line", "state")


def issue_document(issue: Issue) -> dict[str, Any]:
    """The document of one issue, ready for `json.dumps`.

    Files are inside it as base64 (RFC 4648); dates are ISO 8601.
    """
    articles = list(
        issue.articles.order_by("order")
        .select_related("section")
        .prefetch_related("figures", "attachments")
    )
    index = {article.pk: position for position, article in enumerate(articles)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "issue": _values(issue, ISSUE_FIELDS),
        # For the reader's information: an import always makes a draft.
        "state": {
            "status": issue.status,
            "version": issue.version,
            "published_at": _plain(issue.published_at),
        },
        "sections": [
            {"slug": slug, "name": name}
            for slug, name in dict.fromkeys(
                (article.section.slug, article.section.name) for article in articles
            )
        ],
        "articles": [_article(article) for article in articles],
        "doubts": [
            _values(doubt, DOUBT_FIELDS)
            | {"article": index[doubt.article_id] if doubt.article_id is not None else None}
            for doubt in Doubt.objects.filter(issue=issue).order_by("order")
        ],
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "id": article.pk,
        "section": article.section.slug,
        **_values(article, ARTICLE_FIELDS),
        "body": article.body,
        # Derived from the body, for those who want the numbers and not the markup.
        "text": body.to_text(article.body),
        "tables": body.tables(article.body),
        "figures": [
            _values(figure, FIGURE_FIELDS) | {"image": _file(figure.image)}
            for figure in article.figures.all()
        ],
        "attachments": [
            {"name": attachment.name, "content": _file(attachment.file)}
            for attachment in article.attachments.all()
        ],
    }


def _values(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value


def _file(stored: FieldFile) -> str:
    if not stored:
        return ""
    with stored.open("rb") as file:
        return base64.b64encode(file.read()).decode("ascii")
