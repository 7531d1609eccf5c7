"""注销并删除: a person asks for it, staff do it (PIPL art. 47).

What is removed: the profile, whatever is nobody's but theirs (notes, bookmarks, reading,
invitations, consents), and the personal values of the audit trail. What stays: an empty row where
the seat was held, and the trail itself, which knows opaque codes only. What the law bids us keep
for a while is sealed (members/seals.py).

Where else people's data lies, and when it goes: an application or a proposal that became this
person, or was declined, is emptied here too, and a list that is being imported and names them is
given up (members/listing/naming.py); mail has left the portal. What staff wrote about them into a
firm's remark or a leak case nobody can find for sure: staff are shown where to look.
"""

from __future__ import annotations

import json
import logging
import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, models, transaction
from django.db.models import CASCADE, Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit, invitations, seals, seats
from members.known_as import KnownAs, known_as
from members.listing import keeping, naming
from members.models import (
    Application,
    ErasureRequest,
    LeakCase,
    ListImport,
    Membership,
    Organization,
    Proposal,
    Reminder,
    SealedLink,
    Seat,
    User,
)

logger = logging.getLogger(__name__)

State = ErasureRequest.State

ERASED_NAME = "已注销"
# The days within which staff deal with a request: GB/T 35273—2020, 8.5 c) asks for no more.
WORKING_DAYS = 15
BASIS_LENGTH = 300
MOST_TOLD = 20  # rows on the page that mention them
# All that an erased row keeps; every other field, also one that is added later, is emptied.
_KEPT = {"id", "merged_into"}


# Asking ---------------------------------------------------------------------------------------
def pending_request(person: User) -> ErasureRequest | None:
    return ErasureRequest.objects.filter(person=person, state=State.PENDING).first()


def ask(person: User, *, request: HttpRequest) -> ErasureRequest:
    """Ask for one's own erasure; who has asked already has asked."""
    try:
        with transaction.atomic():
            asked = ErasureRequest.objects.create(person=person)
            audit.record("erasure.ask", by=person, subject=asked, request=request)
            return asked
    except IntegrityError:
        return ErasureRequest.objects.get(person=person, state=State.PENDING)


def withdraw(person: User, *, request: HttpRequest) -> None:
    """Take one's request back.

    Raises:
        ValidationError: there is none.
    """
    with transaction.atomic():
        asked = pending_request(person)
        if asked is None or not _close([asked.pk], State.WITHDRAWN):
            raise ValidationError("没有待办的注销申请，无需撤回。", code="none")
        audit.record("erasure.withdraw", by=person, subject=asked, request=request)


def _close(requests: Iterable[int], state: State) -> int:
    still = ErasureRequest.objects.filter(pk__in=list(requests), state=State.PENDING)
    return still.update(state=state, closed_at=timezone.now())


# Doing it -------------------------------------------------------------------------------------
def obstacles(person: User) -> list[str]:
    """Why somebody cannot be erased now, a sentence each that says what to do."""
    found = []
    if person.erased_at is not None:
        return ["此人已经注销。"]
    if person.merged_into is not None:
        return [f"这条记录已并入{person.merged_into}。请在那一条上注销，这一条会一并删除。"]
    if person.is_superuser or person.groups.exists():
        found.append("此人担任角色。请先由系统管理员收回角色。")
    for seat in _current(person).filter(is_contact=True).select_related("organization"):
        # Who is alone there leaves nobody who could take it over.
        if seat.organization.seats.current().exclude(person=person).exists():
            found.append(f"此人是「{seat.organization}」的联系人。请先更换联系人。")
    if seals.hold():
        found.append("有泄密追查在办，依法暂缓删除；申请留存，结案后再办。")
    return found


def _records(person: User) -> set[int]:
    """Keys of the record and of those that were merged into it."""
    numbers = {person.pk}
    while more := set(
        User.objects.filter(merged_into__in=numbers)
        .exclude(pk__in=numbers)
        .values_list("pk", flat=True)
    ):
        numbers |= more
    return numbers


@dataclass(frozen=True)
class Elsewhere:
    """What staff look at before they erase.

    Attributes:
        lists: open lists that name them: given up with the erasure.
        firms, cases: whose remark or record names them: staff mend those by hand.
    """

    lists: list[ListImport]
    firms: list[Organization]
    cases: list[LeakCase]


def elsewhere(person: User) -> Elsewhere:
    """Where else somebody is named, at most `MOST_TOLD` of each."""
    known = known_as(User.objects.filter(pk__in=_records(person)))
    firms = Organization.objects.filter(known.mentioned("remark")).order_by("name", "pk")
    cases = LeakCase.objects.filter(known.mentioned("title", "note"))
    return Elsewhere(naming.lists_naming(known), list(firms[:MOST_TOLD]), list(cases[:MOST_TOLD]))


def erase(
    person: User, *, by: User | audit.Actor, basis: str = "", request: HttpRequest | None = None
) -> SealedLink:
    """Remove all that is personal of somebody, at once or not at all. It cannot be undone.

    Records that were merged into theirs (members/merging.py) go with it.

    Args:
        by: who holds `members.erase_people`: that is for the caller to see to.
        basis: on what it is done, when the person did not ask for it in the portal.

    Returns:
        The sealed link.

    Raises:
        ValidationError: by `obstacles`; or there is neither a request nor a basis.
    """
    with transaction.atomic():
        naming.lock_open()
        locked = _lock(person)
        whole = locked[person.pk]
        if found := obstacles(whole):
            raise ValidationError(found, code="obstacle")
        asked = ErasureRequest.objects.filter(person__in=locked, state=State.PENDING)
        if not basis.strip() and not asked.exists():
            raise ValidationError(
                "此人没有在门户里申请。请写明依据，如收到书面申请的日期。", code="no_basis"
            )
        # Before anything is sealed: what they were called formerly stands in the trail alone.
        known = known_as(locked.values())
        for kept in naming.lists_naming(known):
            keeping.abandon(kept, by=by, request=request, because="erasure")
        invitations.revoke_open(locked.values(), by=by, request=request, because="erased")
        for row in locked.values():
            _leave(row, by=by, request=request)
        audit.record(
            "user.erase",
            by=by,
            subject=whole,
            request=request,
            # May name people: sealed with the rest of what is theirs.
            personal={"basis": basis.strip()[:BASIS_LENGTH]} if basis.strip() else None,
            person=whole,
            asked=asked.exists(),
            records=len(locked),
        )
        _close(asked.values_list("pk", flat=True), State.DONE)
        _empty_declined(known)
        links = {pk: _erase_row(row) for pk, row in locked.items()}
        if whole.email:
            transaction.on_commit(partial(_tell, whole.email), robust=True)
    return links[person.pk]


def _lock(person: User) -> dict[int, User]:
    """The record and those merged into it, and before them, as everywhere, the firm of the seat."""
    firms = Organization.objects.select_for_update()
    list(firms.filter(pk__in=_current(person).values("organization")).order_by("pk"))
    rows = User.objects.select_for_update().filter(pk__in=_records(person)).order_by("pk")
    return {row.pk: row for row in rows}


def _current(person: User) -> models.QuerySet[Seat]:
    return Seat.objects.current().filter(person=person)


def _leave(person: User, *, by: User | audit.Actor, request: HttpRequest | None) -> None:
    """End what they are in: the seat, and a membership of their own."""
    for seat in _current(person):
        seats.end(seat, by=by, request=request)
    today = timezone.localdate()
    for membership in person.memberships.filter(last_day__gt=today):
        never = membership.first_day > today  # one that was to begin later
        audit.record(
            "membership.delete" if never else "membership.change",
            by=by,
            subject=membership,
            request=request,
            of={"person": str(person.audit_ref)},
            fields=[] if never else ["last_day"],
        )
        if never:
            membership.delete()
        else:
            Membership.objects.filter(pk=membership.pk).update(last_day=today)


def _erase_row(person: User) -> SealedLink:
    """One record: what says who it was is sealed, all else of it emptied or deleted."""
    link = seals.seal(person, who=_identity(person))
    _delete_private_rows(person)
    _empty_elsewhere(person)
    _forget_sessions(person)
    emptied = {
        field.attname: field.get_default()
        for field in User._meta.concrete_fields
        if field.name not in _KEPT
    }
    User.objects.filter(pk=person.pk).update(
        **emptied
        | {
            "member_number": _new_number(),
            "name": ERASED_NAME,
            "password": make_password(None),
            "is_active": False,
            "session_generation": person.session_generation + 1,
            # From the row nothing leads to what was recorded of it.
            "audit_ref": uuid.uuid4(),
            "erased_at": timezone.now(),
        }
    )
    return link


def _tell(address: str) -> None:
    """The last word to them: there is no account any more that could show it."""
    words = {"association": settings.ASSOCIATION, "contact": settings.CONTACT}
    try:
        EmailMessage(
            subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}账号已注销",
            body=render_to_string("emails/erased.txt", words),
            to=[address],
        ).send()
    except Exception as error:
        # Neither the address nor the error's own words, which may hold it.
        logger.error("word of an erasure not sent (%s)", type(error).__name__)


def _identity(person: User) -> dict[str, Any]:
    """What tells who somebody was, for the sealed link."""
    held = person.seats.select_related("organization").order_by("since", "pk")
    return {
        "member_number": person.member_number,
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "organizations": [
            {"name": seat.organization.name, "since": seat.since, "until": seat.until}
            for seat in held
        ],
    }


def _new_number() -> str:
    """One that was never given and never will be: those that are given have no such form."""
    return f"X{secrets.token_hex(8).upper()}"


def private_relations() -> Iterator[models.ForeignKey[Any, Any]]:
    """The relations whose rows are nobody's but the person's: notes, bookmarks, reading.

    Told by what is true anyway: they would go with the person. Django's log of the admin would
    too, but holds the acts of an office, and `_empty_elsewhere` takes the names out of it.
    """
    for relation in User._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, models.ManyToOneRel)
            and relation.on_delete is CASCADE
            and relation.related_model is not LogEntry
        ):
            yield relation.field


def _delete_private_rows(person: User) -> None:
    for field in private_relations():
        field.model._default_manager.filter(**{field.name: person}).delete()


_NOBODY = {"name": "", "phone": "", "email": ""}


def _empty_declined(known: KnownAs) -> None:
    """What they were declined with, by whatever phone or e-mail they had then."""
    Application.objects.filter(known.declined("created_at"), emptied_at__isnull=True).update(
        **_NOBODY, remark="", reason="", emptied_at=timezone.now()
    )
    Proposal.objects.filter(known.declined("proposed_at")).update(**_NOBODY, note="", reason="")


def _empty_elsewhere(person: User) -> None:
    """Rows that stay for others' sake lose what they say of the person."""
    Application.objects.filter(person=person, emptied_at__isnull=True).update(
        **_NOBODY, remark="", reason="", emptied_at=timezone.now()
    )
    Proposal.objects.filter(seat__person=person).update(**_NOBODY, note="", reason="")
    # Of a firm too: whoever was its contact was spoken to.
    firms = person.seats.filter(is_contact=True).values("organization")
    Reminder.objects.filter(
        Q(membership__person=person) | Q(membership__organization__in=firms)
    ).update(note="")
    person.memberships.update(remark="")
    _empty_log(person)


def _empty_log(person: User) -> None:
    """Django's log of the admin says in words what was changed; the trail has it without.

    A person is written `name（number）` there: in the name of a row, and, escaped as JSON, in
    the message. The name may have been another then; the number never changes.
    """
    named = f"（{person.member_number}）"
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk)) | Q(
        object_repr__contains=named
    )
    escaped = json.dumps(named)[1:-1]
    messages = Q(change_message__contains=named) | Q(change_message__contains=escaped)
    LogEntry.objects.filter(about).update(object_repr=ERASED_NAME, change_message="")
    LogEntry.objects.filter(messages).update(change_message="")


def _forget_sessions(person: User) -> None:
    """They have ended; but until they are swept they hold what was typed to sign in."""
    ended = [
        session.pk
        for session in Session.objects.iterator(chunk_size=500)
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    Session.objects.filter(pk__in=ended).delete()
