"""What the portal holds of a person, for that person: to see, to take along, to correct.

PIPL art. 45 (to consult, copy and transfer) and art. 46 (to correct). The format of the file is
described in docs/json.md.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit
from members.models import AuditEntry, AuditPersonal, User

FORMAT = "caishui-own-data/1"
SHOWN_FOR = dt.timedelta(days=180)
MOST_SHOWN = 50
CORRECTED = ("name", "phone", "email")
_PROFILE = (
    "member_number",
    *CORRECTED,
    "is_active",
    "suspended_at",
    "joined_at",
    "last_login",
    "last_seen_at",
    "display",
)
logger = logging.getLogger(__name__)
_json = DjangoJSONEncoder(ensure_ascii=False).encode


# Rows that are about a person ------------------------------------------------------------------
def own_rows(person: User) -> Iterator[tuple[str, type[models.Model], QuerySet[Any]]]:
    """Every relation to people whose model says in `own_fields` what of a row is the person's.

    Asked of the models, because notes and reading are kept by an app that this one knows not.

    Returns:
        The relation's name, the model, and the rows of this person.
    """
    for relation in User._meta.related_objects:
        model = relation.related_model
        if getattr(model, "own_fields", ()):
            rows = model._default_manager.filter(**{relation.field.name: person}).order_by("pk")
            yield relation.get_accessor_name() or relation.name, model, rows


def counts(person: User) -> list[tuple[str, int]]:
    """How many there are of what only the person sees, by the words of the pages."""
    return [
        (model.own_name, rows.count())
        for _, model, rows in own_rows(person)
        if hasattr(model, "own_name")
    ]


# The trail ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Trace:
    """One entry of the audit trail, as far as it is about the person.

    Attributes:
        about: what it was done to: which one, and none of its words (they may be closed to them).
        values: what is personal in it: an address, an agent, a field before and after.
    """

    at: dt.datetime
    action: str
    succeeded: bool
    about: str
    values: dict[str, Any]


def sign_ins(person: User) -> list[Trace]:
    """The latest sign-ins and sign-outs of `SHOWN_FOR`, at most `MOST_SHOWN`; refused ones too."""
    about_them = Q(subject_type=User._meta.label_lower, subject=str(person.audit_ref))
    return _traces(person, Q(actor=person.audit_ref) | about_them, "session.")


def deliveries(person: User) -> list[Trace]:
    """What they took away in files, as far back and as many."""
    return _traces(person, Q(actor=person.audit_ref), "delivery.")


def _traces(person: User, whose: Q, actions: str) -> list[Trace]:
    since = timezone.now() - SHOWN_FOR
    found = AuditEntry.objects.filter(whose, at__gte=since, action__startswith=actions)
    entries = list(found.order_by("-id")[:MOST_SHOWN])
    # Only what is theirs: of a refused sign-in the address is that of somebody unknown.
    personal = AuditPersonal.objects.filter(entry__in=entries, person=person.audit_ref)
    values: dict[int, dict[str, Any]] = {row.entry_id: row.values for row in personal}
    return [_trace(entry, values.get(entry.pk, {})) for entry in entries]


def _trace(entry: AuditEntry, values: dict[str, Any]) -> Trace:
    themselves = entry.subject_type in ("", User._meta.label_lower)
    about = "" if themselves else f"{entry.subject_type} {entry.subject}"
    name = audit.ACTIONS.get(entry.action, entry.action)
    return Trace(entry.at, name, entry.succeeded, about, values)


# The file -------------------------------------------------------------------------------------
def record_download(person: User, *, request: HttpRequest) -> None:
    audit.record("data.download", by=person, subject=person, request=request)


def write(person: User) -> Iterator[str]:
    """All of it as JSON text, piece by piece: notes may be many.

    No title and no word of an article is in it: whoever has no membership may not have them.
    """
    profile = {name: getattr(person, name) for name in _PROFILE}
    profile["roles"] = sorted(person.groups.values_list("name", flat=True))
    yield f'{{\n "format": {_json(FORMAT)},\n "written_at": {_json(timezone.now())},\n'
    yield f' "profile": {_json(profile)}'
    for name, model, rows in own_rows(person):
        values = rows.values(*model.own_fields)  # type: ignore[attr-defined]
        yield from _list(name, map(_without_suffixes, values.iterator(chunk_size=500)))
    entries = AuditPersonal.objects.filter(person=person.audit_ref).select_related("entry")
    yield from _list("audit", map(_entry, entries.order_by("pk").iterator(chunk_size=500)))
    yield "\n}\n"


def _list(name: str, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f",\n {_json(name)}: ["
    separator = "\n  "
    for row in rows:
        yield separator + _json(row)
        separator = ",\n  "
    yield "\n ]"


def _without_suffixes(row: dict[str, Any]) -> dict[str, Any]:
    """`organization__name` is what is known of the organisation, under that one's name."""
    return {name.partition("__")[0]: value for name, value in row.items()}


def _entry(row: AuditPersonal) -> dict[str, Any]:
    values = row.values
    if row.entry.subject_type == User._meta.label_lower:
        # The secretariat's own note, before and after. Whoever asks for it (PIPL art. 45) asks
        # them: they look through it first, for it may tell of others (docs/staff.md).
        values = {name: value for name, value in values.items() if name != "remark"}
    trace = _trace(row.entry, values)
    return {
        "at": trace.at,
        "action": row.entry.action,
        "action_name": trace.action,
        "succeeded": trace.succeeded,
        "about": trace.about,
        "personal": trace.values,
    }


# Correcting ------------------------------------------------------------------------------------
def correct(person: User, *, name: str, phone: str, email: str, request: HttpRequest) -> User:
    """Change one's own name, phone and e-mail; the address there was is told of it.

    Returns:
        The person as they are now; the same when nothing was changed.

    Raises:
        ValidationError: by field: it is no number or address, or somebody else's (whose is not
            told).
    """
    try:
        with transaction.atomic():
            locked = User.objects.select_for_update().get(pk=person.pk)
            before = {field: getattr(locked, field) for field in CORRECTED}
            locked.name, locked.phone, locked.email = name, phone, email
            # The others' rules are not theirs to mend.
            others = {field.name for field in User._meta.fields} - {*CORRECTED}
            locked.clean_fields(exclude=others)
            locked.clean()
            _refuse_anothers(locked)
            after = {field: getattr(locked, field) for field in CORRECTED}
            changed = [field for field in CORRECTED if before[field] != after[field]]
            if not changed:
                return locked
            locked.save(update_fields=changed)
            if "email" in changed:
                # allauth keeps its own note of an address to which it sent a link: by that one
                # the former holder of the address could set a password.
                EmailAddress.objects.filter(user=locked).delete()
            audit.record(
                "user.change",
                by=locked,
                subject=locked,
                request=request,
                # Under one name: beside it stands what the actor is called.
                personal={"changed": {field: [before[field], after[field]] for field in changed}},
                fields=changed,
            )
    except IntegrityError:
        raise ValidationError("刚刚有人登记了同样的电话或电子邮箱。请核对后再填。") from None
    # Not on commit: allauth knows the request that it writes of only while that is answered.
    if before["email"] and changed != ["name"]:
        _notify(locked, before["email"], changed)
    return locked


def _refuse_anothers(person: User) -> None:
    others = User.objects.exclude(pk=person.pk)
    if person.phone and others.filter(phone=person.phone).exists():
        raise ValidationError({"phone": "这个电话已登记在别处。请核对；确是您的，请联系秘书处。"})
    if person.email and others.filter(email__iexact=person.email).exists():
        raise ValidationError(
            {"email": "这个电子邮箱已登记在别处。请核对；确是您的，请联系秘书处。"}
        )


def _notify(person: User, address: str, changed: list[str]) -> None:
    """To the address there was: whoever took the account over has changed it to their own."""
    get_adapter().send_notification_mail(
        "account/email/details_changed",
        person,
        {"phone": "phone" in changed, "email": "email" in changed},
        email=address,
    )


def tell_changed_by_staff(former: str) -> None:
    """Tell an address that staff have put another in its place, once that is committed.

    Not by `_notify`: the letter would say from where the secretariat works. Nor after an import
    of a list, which changes many at once: staff tell firms of that.

    Args:
        former: the address there was; "" when there was none.
    """
    if former:
        transaction.on_commit(partial(_tell_changed_by_staff, former), robust=True)


def _tell_changed_by_staff(address: str) -> None:
    words = {"association": settings.ASSOCIATION, "contact": settings.CONTACT}
    try:
        EmailMessage(
            subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}登记的电子邮箱已更改",
            body=render_to_string("emails/address_changed.txt", words),
            to=[address],
        ).send()
    except Exception as error:
        # Neither the address nor the error's own words, which may hold it.
        logger.error("word of a changed address not sent (%s)", type(error).__name__)
