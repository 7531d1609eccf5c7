"""Plain functions that make rows; every argument has an answer that holds."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from members import audit, privacy_notices
from members.models import (
    Application,
    Consent,
    Membership,
    Organization,
    PrivacyNotice,
    Proposal,
    Seat,
    User,
)
from members.proposals import propose
from newsletter.models import Article, Attachment, Doubt, Figure, Issue, Section
from newsletter.models.issue import Status

PASSWORD = "correct horse battery"
_count = itertools.count(1)
_serial = itertools.count(1001)


def create_user(member_number: str = "", *, agrees: bool = True, **fields: Any) -> User:
    """A person; where there is a privacy notice, one who has agreed to it if `agrees`."""
    number = member_number or f"T{next(_count):08d}"
    fields.setdefault("name", "测试人")
    user = User.objects.create_user(number, password=PASSWORD, **fields)
    notice = privacy_notices.in_force() if agrees else None
    if notice is not None:
        Consent.objects.create(person=user, notice=notice, occasion=Consent.Occasion.JOINING)
    return user


def create_notice(text: str = "一、样例\n样例说明。") -> PrivacyNotice:
    """The next version of the privacy notice."""
    before = privacy_notices.in_force()
    return privacy_notices.publish(
        text, by=audit.COMMAND_LINE, after=before.version if before else 0
    )


def create_application(**fields: Any) -> Application:
    """One that waits, of a firm and a person whom nobody knows."""
    fields.setdefault("organization_name", f"样例新单位{next(_count)}")
    fields.setdefault("name", "甄申请")
    fields.setdefault("phone", "" if "email" in fields else "+8613911112222")
    fields.setdefault("notice", privacy_notices.in_force() or create_notice())
    return Application.objects.create(**fields)


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


def create_contact(*, days_left: int = 100, seat_limit: int = 3, **fields: Any) -> User:
    """The contact of an organisation of their own, who has signed in before."""
    fields.setdefault("last_login", timezone.now())
    user = create_user(**fields)
    Seat.objects.create(
        organization=create_organization(days_left=days_left, seat_limit=seat_limit),
        person=user,
        is_contact=True,
    )
    return user


def create_proposal(contact: User, **fields: Any) -> Proposal:
    """Somebody whom the contact of a firm proposes."""
    number = next(_count)
    fields = {"name": f"推荐人{number}", "phone": f"139{number:08d}"} | fields
    return propose(by=contact, **fields)


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
