"""合并: two records of one person become one. Whole or not at all, and never undone.

The record that leaves stays as a row for the auditors: deactivated, without a way to reach
anybody, its audit reference its own. What belongs to the person goes to the record that stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest

from members import audit, invitations, own_data, seats
from members.models import ErasureRequest, Membership, Organization, Seat, User

DAY = dt.timedelta(days=1)
Days = tuple[dt.date, dt.date]

# Where the two differ, staff say whose is right; the fields' names on the page.
FIELDS: Final = {"name": "姓名", "phone": "电话", "email": "电子邮箱"}
MOST_REMARK = 2000  # characters, as the field has them


@dataclass(frozen=True)
class Shares:
    """What one record brings, for the page that shows both.

    Attributes:
        seat: the current one.
        things: the names and numbers of all else that would move.
    """

    seat: Seat | None
    former_seats: int
    memberships: list[Membership]
    open_invitations: int
    roles: list[str]
    things: list[tuple[str, int]]


def obstacle(person: User) -> str:
    """Why this record cannot be merged with another, in a few words; "" when it can."""
    if person.merged_into_id is not None:
        return "已经并入另一条记录"
    if person.erased_at is not None:
        return "已注销"
    if ErasureRequest.objects.filter(person=person, state=ErasureRequest.State.PENDING).exists():
        return "本人申请了注销，请先办理"
    return ""


def shares(person: User) -> Shares:
    held = list(person.seats.select_related("organization"))
    return Shares(
        seat=next((seat for seat in held if seat.until is None), None),
        former_seats=sum(seat.until is not None for seat in held),
        memberships=list(person.memberships.order_by("first_day")),
        open_invitations=person.invitations.open().count(),
        roles=sorted(person.groups.values_list("name", flat=True)),
        things=[
            (str(model._meta.verbose_name_plural), count)
            for model, field in _other_relations()
            if (count := model._base_manager.filter(**{field: person}).count())
        ],
    )


def fingerprint(*people: User) -> str:
    """What staff decide upon, in one value: another one when anything of it has changed."""
    seen: list[object] = []
    for person in sorted(people, key=lambda one: one.pk):
        seen += [
            person.pk,
            *(getattr(person, field) for field in FIELDS),
            person.is_active,
            person.suspended_at,
            obstacle(person),
            list(person.seats.order_by("pk").values_list("pk", "organization", "until")),
            list(person.memberships.order_by("pk").values_list("pk", "first_day", "last_day")),
            sorted(person.groups.values_list("name", flat=True)),
        ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def merge(
    staying: User,
    leaving: User,
    *,
    by: User,
    take: Collection[str] = (),
    seat: Seat | None = None,
    seen: str = "",
    request: HttpRequest | None = None,
) -> User:
    """Make one record of two. Sessions of both end; what was open to come in by is revoked.

    Args:
        by: who may change both: that is for the caller to see to.
        take: those of `FIELDS` whose value is the leaving record's.
        seat: the current seat that stays, where the two sit in different firms.
        seen: the `fingerprint` of what was decided upon.

    Returns:
        The record that stays, as it is now.

    Raises:
        ValidationError: they cannot be merged, or are not what they were; nothing is changed.
    """
    with transaction.atomic():
        _lock_firms(staying, leaving)
        # In one order, whichever stays: of two merges at once, one waits for the other.
        locked = User.objects.select_for_update().filter(pk__in=[staying.pk, leaving.pk])
        people = {person.pk: person for person in locked.order_by("pk")}
        staying, leaving = people[staying.pk], people[leaving.pk]
        _refuse(staying, leaving, by, seen)

        invitations.revoke_open([staying, leaving], by=by, request=request, because="merged")
        ended = _bring_seats(staying, leaving, seat, by, request)
        memberships = _bring_memberships(staying, leaving)
        moved, dropped = _bring_the_rest(staying, leaving)
        _take_roles(leaving, by, request)
        before = {person.pk: _contact(person) for person in (staying, leaving)}
        _write(staying, leaving, take)
        after = _contact(staying)
        for person in (staying, leaving):
            # The one of the two addresses that is registered no more.
            if (former := before[person.pk]["email"]) != after["email"]:
                own_data.tell_changed_by_staff(former)
        for action, person, personal, detail in (
            (
                "user.merge",
                staying,
                {name: [value, after[name]] for name, value in before[staying.pk].items()},
                {
                    "of": {"merged": str(leaving.audit_ref)},
                    "seat_ended": ended,
                    "memberships": memberships,
                    "moved": moved,
                    "dropped": dropped,
                },
            ),
            (
                "user.merged",
                leaving,
                {name: [value, ""] for name, value in before[leaving.pk].items()}
                | {"name": [leaving.name, leaving.name]},
                {"of": {"into": str(staying.audit_ref)}},
            ),
        ):
            audit.record(
                action,
                by=by,
                subject=person,
                request=request,
                personal={name: pair for name, pair in personal.items() if pair[0] != pair[1]},
                person=person,
                **detail,
            )
    return staying


def uncovered(days: Days, covered: Iterable[Days]) -> list[Days]:
    """The days of a membership that none of the others has, as ranges, both ends included."""
    left = [days]
    for first, last in covered:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, first - DAY)), (max(start, last + DAY), end))
            if part[0] <= part[1]
        ]
    return left


def _lock_firms(*people: User) -> None:
    """Before the people, as whoever gives a seat does."""
    firms = Organization.objects.filter(seats__in=Seat.objects.current().filter(person__in=people))
    wanted = sorted(set(firms.values_list("pk", flat=True)))
    list(Organization.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def _refuse(staying: User, leaving: User, by: User, seen: str) -> None:
    if staying.pk == leaving.pk:
        raise ValidationError("这是同一条记录，请选另一条。", code="same")
    for person in (staying, leaving):
        if words := obstacle(person):
            raise ValidationError(f"{person}：{words}，不能合并。", code="not_mergeable")
        if person.pk == by.pk:
            raise ValidationError("这是您自己的记录，请由另一位同事合并。", code="own")
    if not staying.is_active:
        raise ValidationError(
            f"{staying}已停用，不能留下它。请留另一条，或先启用。", code="inactive"
        )
    if seen and seen != fingerprint(staying, leaving):
        raise ValidationError(
            "这两条记录刚刚有变动，没有合并。请看过现在的内容再合并。", code="changed"
        )


def _bring_seats(
    staying: User, leaving: User, chosen: Seat | None, by: User, request: HttpRequest | None
) -> int | None:
    """One current seat stays; the history of both is one history.

    Returns:
        The seat that has ended, if one had to.
    """
    mine, theirs = (
        Seat.objects.current().filter(person=person).select_related("organization").first()
        for person in (staying, leaving)
    )
    ended = None
    if mine is not None and theirs is not None:
        if mine.organization_id == theirs.organization_id:
            chosen = mine
        if chosen not in (mine, theirs):
            raise ValidationError("两条记录在不同单位有席位，请选保留哪一个。", code="seat")
        ended = theirs if chosen == mine else mine
        seats.end(ended, by=by, request=request)
        if ended == theirs and theirs.is_contact and mine.organization_id == theirs.organization_id:
            seats.name_contact(mine.organization, staying, by=by, request=request)
    Seat.objects.filter(person=leaving).update(person=staying)
    return ended.pk if ended is not None else None


def _bring_memberships(staying: User, leaving: User) -> list[dict[str, str | int]]:
    """A member on every day on which either was. Days that both had count once: a membership
    that brings nothing new stays with the record that leaves.

    Returns:
        What was moved, with its days before and after.
    """
    covered = list(staying.memberships.values_list("first_day", "last_day"))
    told: list[dict[str, str | int]] = []
    for membership in leaving.memberships.order_by("first_day"):
        was = f"{membership.first_day}—{membership.last_day}"
        for number, part in enumerate(
            uncovered((membership.first_day, membership.last_day), covered)
        ):
            if number:
                membership = Membership(remark=membership.remark)
            membership.person = staying
            membership.first_day, membership.last_day = part
            membership.save()
            told.append({"pk": membership.pk, "was": was, "is": f"{part[0]}—{part[1]}"})
    return told


def _other_relations() -> Iterator[tuple[type[models.Model], str]]:
    """Where else people are referred to, in whatever app. Hidden ones ("+") tell who acted:
    that stays as it was."""
    handled = {Seat, Membership, EmailAddress}
    for relation in User._meta.related_objects:
        if relation.related_model not in handled and not relation.many_to_many:
            yield relation.related_model, relation.field.name


def _bring_the_rest(staying: User, leaving: User) -> tuple[dict[str, int], dict[str, int]]:
    """Each row goes over, but for one that the staying record has already: that one wins.

    Returns:
        How many went over, and how many were dropped, by model and field.
    """
    moved: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for model, field in _other_relations():
        name = f"{model._meta.label_lower}.{field}"
        rows = model._base_manager.filter(**{field: leaving})
        if _try(rows, field, staying, moved, name):
            continue
        for pk in rows.values_list("pk", flat=True):
            row = rows.filter(pk=pk)
            if not _try(row, field, staying, moved, name):
                row.delete()
                dropped[name] += 1
    # allauth remembers where reset letters went: no former address opens anything more.
    EmailAddress.objects.filter(user__in=[staying, leaving]).delete()
    return dict(+moved), dict(dropped)


def _try(
    rows: models.QuerySet[Any], field: str, staying: User, moved: Counter[str], name: str
) -> bool:
    try:
        with transaction.atomic():
            moved[name] += rows.update(**{field: staying})
    except IntegrityError:
        return False
    return True


def _take_roles(leaving: User, by: User, request: HttpRequest | None) -> None:
    """Nobody gains a role by being merged: roles end with the record that held them."""
    for role in sorted(leaving.groups.values_list("name", flat=True)):
        audit.record("role.revoke", by=by, subject=leaving, request=request, role=role)
    leaving.groups.clear()
    leaving.user_permissions.clear()


def _contact(person: User) -> dict[str, str]:
    return {field: getattr(person, field) for field in (*FIELDS, "remark")}


def _write(staying: User, leaving: User, take: Collection[str]) -> None:
    """The record that leaves first: it frees what is unique."""
    taken = {field: getattr(leaving, field) for field in FIELDS if field in take}
    remarks = [text for text in (staying.remark, leaving.remark) if text]
    leaving.phone = leaving.email = leaving.remark = ""
    leaving.is_active = leaving.is_superuser = False
    leaving.merged_into = staying
    leaving.set_unusable_password()
    leaving.session_generation += 1
    leaving.save()
    for field, value in taken.items():
        setattr(staying, field, value)
    # A suspension is not shaken off by a second record.
    if staying.suspended_at is None:
        staying.suspended_at = leaving.suspended_at
        staying.suspension_reason = leaving.suspension_reason
    staying.remark = "\n".join(dict.fromkeys(remarks))
    if len(staying.remark) > MOST_REMARK:
        raise ValidationError(f"两条备注合起来超过 {MOST_REMARK} 字，请先删短。", code="remark")
    staying.joined_at = min(staying.joined_at, leaving.joined_at)
    staying.session_generation += 1
    staying.save()
