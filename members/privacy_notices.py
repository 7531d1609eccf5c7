"""个人信息处理说明: published version by version, agreed to, and asked about again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit
from members.models import Consent, PrivacyNotice, User

Occasion = Consent.Occasion

MOST_CHARACTERS = 20_000
FIRST = "members/privacy_first.txt"
# 一、谁在处理: a line of its own that is no sentence.
_HEADING = re.compile(r"[一二三四五六七八九十]+、[^。；]{1,40}")
_ITEM = "- "

Kind = Literal["heading", "paragraph", "list"]


@dataclass(frozen=True)
class Line:
    """Plain text; `is_new` when it did not stand in the text that it was compared with."""

    text: str
    is_new: bool = False


@dataclass(frozen=True)
class Block:
    """A piece of a notice as a page shows it: one line, or the items of a list."""

    kind: Kind
    lines: tuple[Line, ...]


def blocks(text: str, *, since: str | None = None) -> list[Block]:
    """The text in blocks: every line a paragraph, `一、…` a heading, lines with `- ` a list.

    Args:
        since: a text that the reader knows already; what is not in it is new.
    """
    known = None if since is None else set(_lines(since))
    found = []
    for kind, run in groupby(_lines(text), key=_kind_of):
        shown = [
            Line(line.removeprefix(_ITEM), known is not None and line not in known) for line in run
        ]
        parts = [shown] if kind == "list" else [[line] for line in shown]
        found += [Block(kind, tuple(part)) for part in parts]
    return found


def in_force() -> PrivacyNotice | None:
    """The newest version; None before the first (`manage.py set_up`)."""
    return PrivacyNotice.objects.order_by("-version").first()


def agreed_to(person: User) -> PrivacyNotice | None:
    """The newest version that somebody has agreed to."""
    return PrivacyNotice.objects.filter(consents__person=person).order_by("-version").first()


def check(text: str) -> str:
    """A text that may be published, its lines ended alike and without blanks around.

    Raises:
        ValidationError: it is empty, too long, or the very text that is in force.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not text:
        raise ValidationError("请填写说明的内容。")
    if len(text) > MOST_CHARACTERS:
        raise ValidationError(f"说明最多 {MOST_CHARACTERS} 个字，现在是 {len(text)} 个字。")
    current = in_force()
    if current is not None and current.text == text:
        raise ValidationError("内容和现行的一版完全一样，没有什么可发布。")
    return text


def publish(
    text: str, *, by: User | audit.Actor, after: int, request: HttpRequest | None = None
) -> PrivacyNotice:
    """Publish the next version. From now on everybody is asked again before they read on.

    Args:
        text: see `blocks`.
        after: the version that the author had before them, 0 for the first.

    Raises:
        ValidationError: by `check`, or there is a newer version than `after`.
    """
    text = check(text)
    current = in_force()
    try:
        if (current.version if current else 0) != after:
            raise IntegrityError  # as the database says it of two at the same time
        with transaction.atomic():
            notice = PrivacyNotice(version=after + 1, text=text)
            notice.save()
            audit.record(
                "privacy.publish",
                by=by,
                subject=notice,
                request=request,
                # The trail is never changed: with this nor is what people agreed to, unseen.
                sha256=hashlib.sha256(text.encode()).hexdigest(),
            )
    except IntegrityError:
        raise ValidationError(
            "刚刚有人发布了新的一版。请看过那一版，再决定还要不要改。", code="notice_outdated"
        ) from None
    return notice


def publish_first() -> PrivacyNotice | None:
    """The version that every installation comes with; nothing where there is one already."""
    if in_force() is not None:
        return None
    context = {"association": settings.ASSOCIATION, "contact": settings.CONTACT}
    return publish(render_to_string(FIRST, context), by=audit.COMMAND_LINE, after=0)


def agree(
    person: User,
    notice: PrivacyNotice,
    *,
    occasion: Occasion,
    by: User | audit.Actor | None = None,
    request: HttpRequest | None = None,
    **given: Any,
) -> Consent:
    """Record that somebody agreed to a version; the first record of one is the one that counts.

    Args:
        by: who brings it in, when it is not the person's own act of this moment.
        given: `at`, when it was given before.
    """
    with transaction.atomic():
        consent, is_new = Consent.objects.get_or_create(
            person=person,
            notice=notice,
            defaults={"occasion": occasion, "at": timezone.now(), **given},
        )
        if is_new:
            audit.record(
                "privacy.agree",
                by=by or person,
                subject=person,
                request=request,
                version=notice.version,
                occasion=str(occasion),
            )
    return consent


def _lines(text: str) -> Iterable[str]:
    return (line for line in map(str.strip, text.splitlines()) if line)


def _kind_of(line: str) -> Kind:
    if line.startswith(_ITEM):
        return "list"
    return "heading" if _HEADING.fullmatch(line) else "paragraph"
