"""An exported document → a draft: the way back of `newsletter/exports/json.py`."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from typing import Any

from django.db import models

from newsletter.exports.json import (
    ARTICLE_FIELDS,
    DOUBT_FIELDS,
    FIGURE_FIELDS,
    FORMAT,
    ISSUE_FIELDS,
    VERSION,
)
from newsletter.importing.draft import (
    DraftArticle,
    DraftAttachment,
    DraftDoubt,
    DraftFigure,
    DraftIssue,
)
from newsletter.importing.errors import ImportRefused
from newsletter.models import Article, Doubt, Figure, Issue
from newsletter.tokens import new_token

_FIGURE_ID = re.compile(r"[0-9a-z]{4,12}")
# More than any issue has: what is larger is refused before it costs anything.
MAX_ARTICLES, MAX_FIGURES, MAX_ATTACHMENTS, MAX_DOUBTS = 200, 500, 200, 3000


def looks_like_json(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_json(data: bytes) -> DraftIssue:
    """A document as `issue_document` wrote it, as a draft.

    Raises:
        ImportRefused: it is no such document, of another version, or a value is not of its kind.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ImportRefused("这个文件不是完好的 JSON：可能没有传完，请重新导出。") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ImportRefused(
            "这个 JSON 文件不是由本门户导出的一期（找不到 format: caishui-issue）。"
        )
    if document.get("version") != VERSION:
        raise ImportRefused(
            f"这个文件的格式版本不是本系统所读的 {VERSION}。请用同一版本的系统导出。"
        )
    try:
        return _draft(document)
    except ImportRefused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ImportRefused(
            f"这个 JSON 文件缺少内容或格式不对（{error!r}），请重新导出。"
        ) from error


def _draft(document: dict[str, Any]) -> DraftIssue:
    articles = document["articles"]
    for what, found, most in (
        ("文章", len(articles), MAX_ARTICLES),
        ("图", sum(len(article["figures"]) for article in articles), MAX_FIGURES),
        ("附件", sum(len(article["attachments"]) for article in articles), MAX_ATTACHMENTS),
        ("存疑", len(document["doubts"]), MAX_DOUBTS),
    ):
        if found > most:
            raise ImportRefused(f"这个文件有 {found} 个{what}，超过上限 {most}，不像是一期。")
    names = {section["slug"]: section["name"] for section in document["sections"]}
    return DraftIssue(
        fields=_values(document["issue"], ISSUE_FIELDS, Issue),
        sections={name: slug for slug, name in names.items()},
        articles=[
            DraftArticle(
                section=names[article["section"]],
                fields=_values(article, ARTICLE_FIELDS, Article),
                body=_text(article["body"]),
                figures=[
                    DraftFigure(
                        **{
                            **_values(figure, FIGURE_FIELDS, Figure),
                            "id": _figure_id(figure["id"]),
                            "image": _bytes(figure["image"]),
                        }
                    )
                    for figure in article["figures"]
                ],
                attachments=[
                    DraftAttachment(_text(found["name"]), _bytes(found["content"]))
                    for found in article["attachments"]
                ],
            )
            for article in document["articles"]
        ],
        doubts=[
            DraftDoubt(
                **_values(doubt, DOUBT_FIELDS, Doubt),
                article=_index(doubt["article"], len(document["articles"])),
            )
            for doubt in document["doubts"]
        ],
    )


def _values(
    source: dict[str, Any], fields: tuple[str, ...], model: type[models.Model]
) -> dict[str, Any]:
    return {name: _value(source[name], model._meta.get_field(name)) for name in fields}


def _value(value: Any, field: Any) -> Any:
    """A value of the kind that the column holds; anything else is no document of ours."""
    if value is None and field.null:
        return None
    if isinstance(field, models.DateField):
        return dt.date.fromisoformat(_text(value))
    if isinstance(field, models.IntegerField):
        if type(value) is not int or not 0 <= value < 2**31:
            raise ValueError(field.name)
        return value
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()  # half a character (a lone surrogate) cannot be kept
    return value


def _index(value: object, count: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value < count:
        raise ValueError("index")
    return value


def _figure_id(value: object) -> str:
    """An id as we give them; a new one for a document that has none."""
    text = _text(value)
    if text and not _FIGURE_ID.fullmatch(text):
        raise ValueError("figure id")
    return text or new_token()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
