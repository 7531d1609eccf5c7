"""席位: who sits for which firm. The journeys that are more than one row.

That a firm gives no more seats than it has is held by `Seat.save`, under a lock on the firm.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from members import audit
from members.models import Organization, Seat, User


def give(
    organization: Organization,
    person: User,
    *,
    by: User | audit.Actor,
    is_contact: bool = False,
    request: HttpRequest | None = None,
) -> Seat:
    """Give a person a seat from today on.

    Raises:
        ValidationError: the firm has no seat left, the person has one already, or the firm has
            a contact already.
    """
    with transaction.atomic():
        organization.lock()
        seat = Seat(organization=organization, person=person, is_contact=is_contact)
        seat.full_clean()
        seat.save()
        _record("seat.add", seat, by, request)
    return seat


def end(seat: Seat, *, by: User | audit.Actor, request: HttpRequest | None = None) -> None:
    """End a seat today; the row stays as history. One that has ended stays as it is."""
    with transaction.atomic():
        seat.organization.lock()
        seat.refresh_from_db()
        if seat.until is not None:
            return
        today = timezone.localdate()
        # One that was to begin later never did.
        seat.since, seat.until = min(seat.since, today), today
        seat.save()
        _record("seat.change", seat, by, request, fields=["until"])


def hand_over(
    seat: Seat, person: User, *, by: User | audit.Actor, request: HttpRequest | None = None
) -> Seat:
    """End a seat and give it to somebody else, with the duty of contact if it has that.

    Raises:
        ValidationError: the seat is no current one, or the person has a seat already.
    """
    with transaction.atomic():
        organization = seat.organization.lock()
        seat.refresh_from_db()
        if seat.until is not None:
            raise ValidationError("这个席位已经结束，不能移交。")
        end(seat, by=by, request=request)
        return give(organization, person, by=by, is_contact=seat.is_contact, request=request)


def name_contact(
    organization: Organization,
    person: User,
    *,
    by: User | audit.Actor,
    former_stays: bool = True,
    request: HttpRequest | None = None,
) -> Seat:
    """Make somebody the firm's contact in one step, giving a seat to whoever has none there.

    Args:
        former_stays: whether the contact before keeps a seat; otherwise it ends today.

    Raises:
        ValidationError: the person has a seat in another firm, or the firm has none left.
    """
    with transaction.atomic():
        organization.lock()
        former = organization.seats.current().filter(is_contact=True).first()
        if former is not None and former.person_id == person.pk:
            return former
        if former is not None and not former_stays:
            end(former, by=by, request=request)
        elif former is not None:
            _flag(former, False, by, request)
        seat = organization.seats.current().filter(person=person).first()
        if seat is None:
            return give(organization, person, by=by, is_contact=True, request=request)
        _flag(seat, True, by, request)
        return seat


def _flag(
    seat: Seat, is_contact: bool, by: User | audit.Actor, request: HttpRequest | None
) -> None:
    seat.is_contact = is_contact
    seat.save(update_fields=["is_contact"])
    _record("seat.change", seat, by, request, fields=["is_contact"])


def _record(
    action: str,
    seat: Seat,
    by: User | audit.Actor,
    request: HttpRequest | None,
    **detail: Any,
) -> None:
    audit.record(
        action,
        by=by,
        subject=seat,
        request=request,
        of={"organization": str(seat.organization_id), "person": str(seat.person.audit_ref)},
        **detail,
    )
