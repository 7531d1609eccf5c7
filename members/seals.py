"""What an opaque code of the audit trail stood for, after the person was erased: sealed.

A copy that has got out can still be traced to who took it, by two hands: 会员管理 erases, 安全审计
opens, and every opening is in the trail with its reason. When the time is over for which logs
must be kept (网络安全法 art. 21(3): not less than six months; PIPL art. 47: then nothing is done
with them but to store them), a link is destroyed, unless somebody is looking for a leak.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from members import audit
from members.models import (
    Application,
    AuditEntry,
    AuditPersonal,
    Invitation,
    LeakCase,
    SealedLink,
    User,
)

REASON_LENGTH = 300


@dataclass(frozen=True)
class Opened:
    """What was sealed.

    Attributes:
        who: name, number, organisations, phone, e-mail, as they were last.
        entries: the personal values of each entry, by its number, in the order of time.
    """

    link: SealedLink
    who: dict[str, Any]
    entries: list[tuple[int, dict[str, Any]]]


def retention() -> dt.timedelta:
    return dt.timedelta(days=settings.AUDIT_RETENTION_DAYS)


# Sealing --------------------------------------------------------------------------------------
def seal(person: User, *, who: dict[str, Any]) -> SealedLink:
    """Take what the trail holds of a person out of it and encrypt it, with who they are.

    What is older than the retention is destroyed at once. Inside the transaction of the erasure.

    Args:
        person: by the reference that the trail has of them.
        who: what says who they are.
    """
    now = timezone.now()
    # Read once: what is destroyed is what was sealed, and nothing that came meanwhile.
    rows = list(personal_values(person).select_related("entry").order_by("entry_id", "pk"))
    kept = [row for row in rows if row.entry.at > now - retention()]
    content = {"who": who, "entries": [[row.entry_id, row.values] for row in kept]}
    link = SealedLink.objects.create(
        ref=person.audit_ref,
        content=_fernet().encrypt(_bytes(content)).decode(),
        sealed_at=now,
        destroy_after=now + retention(),
    )
    AuditPersonal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return link


def personal_values(person: User) -> models.QuerySet[AuditPersonal]:
    """Whatever the trail keeps of them, and of whoever was not signed in and acted as them:
    tried to sign in or to redeem their invitation, or applied.
    """
    subjects: list[tuple[type[models.Model], list[str]]] = [
        (User, [str(person.audit_ref)]),
        (Invitation, [str(pk) for pk in person.invitations.values_list("pk", flat=True)]),
        (Application, [str(pk) for pk in person.applications.values_list("pk", flat=True)]),
    ]
    unknown = Q()
    for model, numbers in subjects:
        unknown |= Q(entry__subject_type=model._meta.label_lower, entry__subject__in=numbers)
    return AuditPersonal.objects.filter(
        Q(person=person.audit_ref) | Q(unknown, person__isnull=True)
    )


def _bytes(content: dict[str, Any]) -> bytes:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def _fernet() -> MultiFernet:
    """A key for this purpose alone (HKDF, RFC 5869), from each secret that is known."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"members.seals")
    return base64.urlsafe_b64encode(derived.derive(secret.encode()))


# Opening --------------------------------------------------------------------------------------
def open_link(ref: uuid.UUID, *, by: User, reason: str, request: HttpRequest | None) -> Opened:
    """Look at what is sealed, for a stated reason; that it was looked at is in the trail.

    Args:
        ref: the opaque code.
        by: who holds `members.open_seal`: that is for the caller to see to.

    Raises:
        ValidationError: there is no reason; nothing is sealed under this code (any more); the key
            is lost. Of the last two it is in the trail that it was tried.
    """
    if not reason.strip():
        raise ValidationError("请写明打开的事由。", code="no_reason")
    with transaction.atomic():
        link = SealedLink.objects.filter(ref=ref).first()
        content = None if link is None else _decrypted(link)
        audit.record(
            "seal.open",
            by=by,
            request=request,
            succeeded=content is not None,
            # A reason may name people.
            personal={"reason": reason.strip()[:REASON_LENGTH]},
            code=str(ref),
        )
    if link is None:
        raise ValidationError(
            "没有以这个代号封存的身份：此人没有注销，或封存已到期销毁。", code="nothing_sealed"
        )
    if content is None:
        raise ValidationError(
            "打不开：封存时用的密钥不在了。请管理员把旧的 SECRET_KEY 写进 SECRET_KEY_FALLBACKS。",
            code="key_lost",
        )
    entries = [(number, values) for number, values in content["entries"]]
    return Opened(link, content["who"], entries)


def _decrypted(link: SealedLink) -> dict[str, Any] | None:
    """None when it was sealed with a key that is not known any more."""
    try:
        content: dict[str, Any] = json.loads(_fernet().decrypt(link.content.encode()))
    except InvalidToken:
        return None
    return content


_WORDS = {
    "name": "姓名",
    "member_number": "会员号",
    "phone": "电话",
    "email": "电子邮箱",
    "remark": "备注",
    "address": "网络地址",
    "agent": "浏览器",
    "basis": "依据",
    "note": "附注",
    "changed": "更正",
}


def described(entries: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Sealed values in words, beside what the trail itself says of their entries."""
    known = AuditEntry.objects.in_bulk([number for number, _ in entries])
    return [
        {
            "number": number,
            "at": known[number].at if number in known else None,
            "action": audit.ACTIONS.get(known[number].action, "") if number in known else "",
            "values": _in_words(values),
        }
        for number, values in entries
    ]


def _in_words(values: Any) -> str:
    """`姓名：甄；电话：旧 → 新`."""
    match values:
        case dict():
            parts = [f"{_WORDS.get(name, name)}：{_in_words(one)}" for name, one in values.items()]
            return "；".join(parts)
        case [before, after]:
            return f"{before or '（空）'} → {after or '（空）'}"
    return str(values)


def destroy_due() -> int:
    """Destroy the links whose time is over, unless a leak case is open; how many."""
    with transaction.atomic():
        if hold():
            return 0
        count, _ = SealedLink.objects.filter(destroy_after__lte=timezone.now()).delete()
        if count:
            audit.record("seal.destroy", by=audit.SYSTEM, count=count)
    return count


# Leak cases -----------------------------------------------------------------------------------
def hold() -> bool:
    """Whether somebody is looking for a leak: nobody is erased, no link destroyed."""
    return LeakCase.objects.filter(closed_at__isnull=True).exists()


def close_case(case: LeakCase, *, by: User, request: HttpRequest | None) -> None:
    """End a leak case; for good, a new suspicion is a new case.

    Raises:
        ValidationError: it is closed already.
    """
    with transaction.atomic():
        still_open = LeakCase.objects.filter(pk=case.pk, closed_at__isnull=True)
        if still_open.update(closed_at=timezone.now(), closed_by=by) != 1:
            raise ValidationError("这一件已经结案。", code="closed")
        audit.record("leakcase.close", by=by, subject=case, request=request)
