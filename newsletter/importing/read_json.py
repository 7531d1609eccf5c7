"""An exported document → a draft: the way back of `newsletter/exports/json.py`."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
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

_DATES = {"printed_on", "original_date"}


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
            f"这个文件的格式版本是 {document.get('version')}，本系统读版本 {VERSION}。"
            "请用同一版本的系统导出。"
        )
    try:
        return _draft(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ImportRefused(
            f"这个 JSON 文件缺少内容或格式不对（{error!r}），请重新导出。"
        ) from error


def _draft(document: dict[str, Any]) -> DraftIssue:
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
                            "id": _text(figure["id"]) or new_token(),
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
    for name in fields:
        if source[name] is None and not model._meta.get_field(name).null:
            raise ValueError(name)
    return {
        name: dt.date.fromisoformat(source[name])
        if name in _DATES and source[name] is not None
        else source[name]
        for name in fields
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r}")
    return value


def _index(value: object, count: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"{value!r}")
    return value


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
