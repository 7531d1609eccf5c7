"""Plain functions that make rows; every argument has an answer that holds."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from members.models import Membership, Organization, Seat, User
from newsletter.models import Article, Attachment, Doubt, Figure, Issue, Section
from newsletter.models.issue import Status

PASSWORD = "correct horse battery"
_count = itertools.count(1)
_serial = itertools.count(1001)


def create_user(member_number: str = "", **fields: Any) -> User:
    number = member_number or f"T{next(_count):08d}"
    fields.setdefault("name", "测试人")
    return User.objects.create_user(number, password=PASSWORD, **fields)


def create_organization(*, days_left: int = 100, **fields: Any) -> Organization:
    """A member organisation; its membership ends `days_left` days from today."""
    fields.setdefault("name", f"样例单位{next(_count)}")
    organization = Organization.objects.create(**fields)
    create_membership(days_left=days_left, organization=organization)
    return organization


def create_membership(*, days_left: int = 100, **holder: Any) -> Membership:
    last = timezone.localdate() + dt.timedelta(days=days_left)
    return Membership.objects.create(
        first_day=last - dt.timedelta(days=365), last_day=last, **holder
    )


def create_member(*, days_left: int = 100, **fields: Any) -> User:
    """A person with a current seat in an organisation of their own."""
    user = create_user(**fields)
    Seat.objects.create(organization=create_organization(days_left=days_left), person=user)
    return user


def create_issue(*, published: bool = True, **fields: Any) -> Issue:
    serial = fields.pop("serial", None) or next(_serial)
    fields.setdefault("year", 2000 + serial // 4 % 900)
    fields.setdefault("number", serial % 4 + 1)
    if published:
        fields = {
            "status": Status.PUBLISHED,
            "version": 1,
            "published_at": timezone.now(),
        } | fields
    return Issue.objects.create(serial=serial, **fields)


def create_article(issue: Issue, **fields: Any) -> Article:
    fields.setdefault("section", Section.objects.order_by("order")[0])
    fields.setdefault("order", issue.articles.count() + 1)
    fields.setdefault("title", f"样例文章{next(_count)}")
    fields.setdefault("body", "<p>样例正文。</p>")
    return Article.objects.create(issue=issue, **fields)


def png(width: int = 4, height: int = 3, text: str = "") -> bytes:
    """A real picture; `text` stands in its metadata."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if text:
        info.add_text("Comment", text)
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def create_figure(article: Article, **fields: Any) -> Figure:
    fields.setdefault("number", f"图{article.figures.count() + 1}")
    figure = Figure(article=article, **{k: v for k, v in fields.items() if k != "image"})
    figure.image.save("x.png", ContentFile(fields.get("image") or png(), name="x.png"), save=False)
    figure.save()
    return figure


def create_attachment(
    article: Article, *, name: str = "附表.xlsx", content: bytes = b"x"
) -> Attachment:
    attachment = Attachment(article=article, name=name)
    attachment.file.save(name, ContentFile(content), save=False)
    attachment.save()
    return attachment


def create_doubt(issue: Issue, **fields: Any) -> Doubt:
    fields.setdefault("kind", "join")
    fields.setdefault("message", "样例存疑")
    return Doubt.objects.create(issue=issue, **fields)


def content_of(answer: Any) -> bytes:
    """A response's body. A stream is read to its end: only then does the test client let the
    database connection live."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
